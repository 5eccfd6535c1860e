/// A count that a program gives now and then, and that begins at zero when the program does.
struct Counter {
  /// What was counted while the log says so.
  private(set) var total: UInt64 = 0
  private var last: UInt64?

  /// Takes the count as a record has it.
  ///
  /// - Returns: What came since the record before.
  @discardableResult
  mutating func observe(_ value: UInt64) -> UInt64 {
    // The first one may tell of times before the log, or before the period asked for.
    guard let last else {
      self.last = value
      return 0
    }
    let gain = value >= last ? value - last : value
    self.last = value
    total &+= gain
    return gain
  }

  /// The program started: it counts from zero.
  mutating func restart() { last = 0 }
}
