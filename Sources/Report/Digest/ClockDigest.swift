/// What the log says about the board's clock.
struct ClockDigest {
  struct Jump {
    let place: Int64
    let seconds: Double
  }

  /// A stretch of records made while the clock was not synchronized.
  struct Stretch {
    let begin: Int64
    var end: Int64
    var records: UInt64
  }

  static let limit = 50

  private(set) var jumpCount: UInt64 = 0
  /// The last of them.
  private(set) var jumps: [Jump] = []
  private(set) var unsynchronizedRecords: UInt64 = 0
  private(set) var stretchCount: UInt64 = 0
  /// The last of them.
  private(set) var stretches: [Stretch] = []
  private var wasSynchronized = true

  mutating func note(isSynchronized: Bool, at place: Int64) {
    defer { wasSynchronized = isSynchronized }
    guard !isSynchronized else { return }
    unsynchronizedRecords += 1
    if wasSynchronized {
      stretchCount += 1
      if stretches.count == Self.limit { stretches.removeFirst() }
      stretches.append(Stretch(begin: place, end: place, records: 0))
    }
    stretches[stretches.count - 1].end = max(stretches[stretches.count - 1].end, place)
    stretches[stretches.count - 1].records += 1
  }

  /// A `clock` record, from the members behind its kind on.
  mutating func add(_ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at place: Int64) {
    while let member = cursor.nextMember(line) {
      guard line.matches(member.key, "jump_s"), let seconds = line.number(member.value) else {
        continue
      }
      jumpCount += 1
      if jumps.count == Self.limit { jumps.removeFirst() }
      jumps.append(Jump(place: place, seconds: seconds))
    }
  }
}
