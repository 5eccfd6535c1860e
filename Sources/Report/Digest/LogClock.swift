/// Gives every record a place in time, also where the board's clock was not set.
///
/// A board without a battery clock starts in 1970 and is corrected once it hears of the time.
/// Records from before 2020 are placed by the monotonic clock instead: behind the record before
/// them, or, at the beginning of a log, in front of the first record with a time.
struct LogClock {
  /// 2020-01-01. No board ran this program earlier.
  static let earliest: Int64 = 1_577_836_800_000_000_000

  /// To be added to places to get times, in nanoseconds.
  private(set) var offset: Int64 = 0
  /// Whether any record had a time.
  private(set) var isSet = false
  private var last: (place: Int64, monotonic: UInt64, boot: UInt32)?

  mutating func place(wall: Int64, monotonic: UInt64, boot: UInt32) -> Int64 {
    var continued: Int64?
    if let last {
      let isSame = last.boot == boot && monotonic >= last.monotonic
      let step = isSame ? Int64(clamping: monotonic - last.monotonic) : 0
      continued = last.place.addingReportingOverflow(step).partialValue
    }
    let place: Int64
    if wall >= Self.earliest {
      if !isSet, let continued { offset = wall &- continued }
      isSet = true
      place = wall &- offset
    } else {
      place = continued ?? wall
    }
    last = (place, monotonic, boot)
    return place
  }
}
