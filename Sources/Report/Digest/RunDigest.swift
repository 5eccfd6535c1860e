/// What `start` and `stop` records say: which program ran when, on which model.
struct RunDigest {
  /// From a start, or the first record of a boot, to the last record before the next.
  struct Run {
    let boot: UInt32
    var begin: Int64
    var end: Int64
    var beginMonotonic: UInt64
    var endMonotonic: UInt64
    var records: UInt64 = 0
    /// Whether its start is in the log.
    var hasStart = false
    /// The signal that ended it; nil when no `stop` record tells.
    var signal: Int?
    var program = ProgramFacts()

    /// How long it ran, by the clock that does not jump.
    var seconds: Double { Double(endMonotonic - beginMonotonic) / 1e9 }
  }

  /// What a `start` record says.
  struct ProgramFacts: Equatable {
    var version: String?
    var model: String?
    var modelCheck: UInt32?
    var configuration: String?
    var channels: UInt64?
    var rateHertz: Double?
    var window: UInt64?
    var hop: UInt64?
  }

  static let limit = 40

  /// The last of them.
  private(set) var runs: [Run] = []
  private(set) var runCount: UInt64 = 0
  private(set) var boots: Set<UInt32> = []
  /// Seconds of all runs that are no longer in the list.
  private(set) var forgottenSeconds = 0.0
  /// Runs that ended without a `stop` record and were followed by another.
  private(set) var brokenCount: UInt64 = 0
  private(set) var reloadCount: UInt64 = 0

  private static let bootLimit = 100_000

  /// Seconds that the program ran in all.
  var seconds: Double { runs.reduce(forgottenSeconds) { $0 + $1.seconds } }

  /// What the newest `start` record says.
  var latest: ProgramFacts? { runs.last { $0.hasStart }?.program }

  /// Any record; before those of its kind are looked at.
  mutating func add(_ stamp: RecordPlace) {
    if runs.last?.boot != stamp.boot { begin(stamp) }
    let last = runs.count - 1
    runs[last].end = max(runs[last].end, stamp.place)
    // Two threads make records: their stamps may be out of order by a little.
    runs[last].endMonotonic = max(runs[last].endMonotonic, stamp.monotonic)
    runs[last].records += 1
  }

  private mutating func begin(_ stamp: RecordPlace) {
    if let last = runs.last, last.signal == nil { brokenCount += 1 }
    if runs.count == Self.limit { forgottenSeconds += runs.removeFirst().seconds }
    runs.append(
      Run(
        boot: stamp.boot, begin: stamp.place, end: stamp.place, beginMonotonic: stamp.monotonic,
        endMonotonic: stamp.monotonic))
    runCount += 1
    if boots.count < Self.bootLimit { boots.insert(stamp.boot) }
  }

  /// A `start` record, from the members behind its kind on.
  mutating func addStart(
    _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at stamp: RecordPlace
  ) -> Bool {
    var facts = ProgramFacts()
    var isReload = false
    while let member = cursor.nextMember(line) {
      let value = member.value
      if line.matches(member.key, "version") { facts.version = line.text(value) }
      if line.matches(member.key, "model") { facts.model = line.text(value) }
      if line.matches(member.key, "model_check") { facts.modelCheck = line.hexadecimal(value) }
      if line.matches(member.key, "configuration") { facts.configuration = line.text(value) }
      if line.matches(member.key, "channels") { facts.channels = line.unsigned(value) }
      if line.matches(member.key, "rate_hz") { facts.rateHertz = line.number(value) }
      if line.matches(member.key, "window") { facts.window = line.unsigned(value) }
      if line.matches(member.key, "hop") { facts.hop = line.unsigned(value) }
      if line.matches(member.key, "reload") { isReload = true }
    }
    if isReload {
      reloadCount += 1
    } else if runs[runs.count - 1].records > 1, let last = runs.last,
      last.hasStart || last.signal != nil
    {
      // The program started again without a new boot.
      runs[runs.count - 1].records -= 1
      begin(stamp)
      runs[runs.count - 1].records = 1
    }
    runs[runs.count - 1].hasStart = true
    runs[runs.count - 1].program = facts
    return !isReload
  }

  /// A `stop` record, from the members behind its kind on.
  mutating func addStop(_ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>) {
    var signal = 0
    while let member = cursor.nextMember(line) {
      if line.matches(member.key, "signal") {
        signal = Int(clamping: line.unsigned(member.value) ?? 0)
      }
    }
    runs[runs.count - 1].signal = signal
  }
}

/// Where a record belongs.
struct RecordPlace {
  /// Nanoseconds; the clock's offset makes it a time.
  var place: Int64
  var monotonic: UInt64
  var boot: UInt32
}
