/// Losses not yet written into the journal, by reason.
struct GapTable {
  struct Gap {
    var count: UInt64 = 0
    /// Sequence numbers the lost records had, where they had any.
    var sequences: ClosedRange<UInt64>?
    /// The first and the last loss, wall clock.
    var since: Int64 = 0
    var until: Int64 = 0
  }

  private var gaps = InlineArray<9, Gap>(repeating: Gap())

  /// Whether records are being lost one after another, so that none is let through between them
  /// and the lost numbers stay one range.
  var isLosing = false

  /// Whether there is nothing to tell.
  var isEmpty: Bool {
    for index in gaps.indices where gaps[index].count > 0 { return false }
    return true
  }

  /// Adds records lost without sequence numbers.
  mutating func add(_ count: UInt64, reason: GapReason, at now: RecordStamp) {
    let index = Int(reason.rawValue)
    if gaps[index].count == 0 { gaps[index].since = now.wallNanoseconds }
    gaps[index].until = now.wallNanoseconds
    gaps[index].count += count
  }

  /// Adds lost sequence numbers.
  mutating func add(_ sequences: ClosedRange<UInt64>, reason: GapReason, at now: RecordStamp) {
    add(sequences.upperBound - sequences.lowerBound + 1, reason: reason, at: now)
    let index = Int(reason.rawValue)
    if let known = gaps[index].sequences {
      gaps[index].sequences =
        min(known.lowerBound, sequences.lowerBound)...max(known.upperBound, sequences.upperBound)
    } else {
      gaps[index].sequences = sequences
    }
  }

  /// Takes out what is to be told about one reason.
  mutating func take(_ reason: GapReason) -> Gap? {
    let gap = gaps[Int(reason.rawValue)]
    guard gap.count > 0 else { return nil }
    gaps[Int(reason.rawValue)] = Gap()
    return gap
  }
}
