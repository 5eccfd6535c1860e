public import Journal

/// Which records of a log count.
public struct LogPeriod: Sendable {
  /// The earliest time by the board's clock, nanoseconds since 1970; nil for the beginning.
  public var since: Int64?
  /// The latest time.
  public var until: Int64?

  /// All of them, or those of a period.
  public init(since: Int64? = nil, until: Int64? = nil) {
    self.since = since
    self.until = until
  }
}

/// A log, read once and added up: whatever its length, the memory is the same.
public struct LogDigest {
  let period: LogPeriod
  private(set) var recordCount: UInt64 = 0
  /// Records outside the period.
  private(set) var leftOutCount: UInt64 = 0
  private(set) var kinds: [UInt64] = Array(repeating: 0, count: RecordKind.allNames.count)
  /// Records of kinds that this version does not know.
  private(set) var unknownKinds: [String: UInt64] = [:]
  private(set) var firstPlace: Int64?
  private(set) var lastPlace: Int64 = 0
  private(set) var clock = LogClock()
  private(set) var runs = RunDigest()
  private(set) var predictions = PredictionDigest()
  private(set) var health = HealthDigest()
  private(set) var drift = DriftDigest()
  private(set) var clocks = ClockDigest()
  private(set) var storage = StorageDigest()
  /// What was found out about the folder; set by `read`.
  private(set) var integrity = LogIntegrity()

  /// A digest of nothing yet.
  public init(_ period: LogPeriod = LogPeriod()) { self.period = period }

  /// Reads a journal to its end.
  public mutating func read<Folder: JournalFolder & ~Copyable>(
    _ reader: inout JournalReader<Folder>
  ) {
    var record = JournalRecord()
    while reader.next(&record) { add(record.line.span, sequence: record.sequence) }
    integrity = LogIntegrity(reader)
  }

  /// Adds a record: its line without the line feed.
  public mutating func add(_ line: borrowing Span<UInt8>, sequence: UInt64) {
    var cursor = JSONCursor(0..<line.count)
    var wall: Int64 = 0
    var stamp = RecordPlace(place: 0, monotonic: 0, boot: 0)
    var isSynchronized = false
    var kindRange: Range<Int>?
    while kindRange == nil, let member = cursor.nextMember(line) {
      let (key, value) = (member.key, member.value)
      if line.matches(key, "time") { wall = line.moment(value) ?? 0 }
      if line.matches(key, "mono_ns") { stamp.monotonic = line.unsigned(value) ?? 0 }
      if line.matches(key, "boot") { stamp.boot = line.hexadecimal(value) ?? 0 }
      if line.matches(key, "synced") { isSynchronized = line.isTrue(value) }
      if line.matches(key, "kind"), line.isString(value) {
        kindRange = value.lowerBound + 1..<value.upperBound - 1
      }
    }
    // A hole is one even where the records around it do not count.
    stamp.place = clock.place(wall: wall, monotonic: stamp.monotonic, boot: stamp.boot)
    storage.follow(sequence, at: stamp.place)
    let time = stamp.place &+ clock.offset
    guard time >= period.since ?? .min, time <= period.until ?? .max else {
      leftOutCount += 1
      return
    }
    recordCount += 1
    firstPlace = min(firstPlace ?? stamp.place, stamp.place)
    lastPlace = recordCount == 1 ? stamp.place : max(lastPlace, stamp.place)
    runs.add(stamp)
    clocks.note(isSynchronized: isSynchronized, at: stamp.place)
    guard let kindRange, let kind = RecordKind(name: line.extracting(kindRange)) else {
      countUnknown(kindRange.map { line.rawText($0) } ?? "")
      return
    }
    kinds[Int(kind.rawValue)] += 1
    take(kind, &cursor, line, stamp, wall)
  }

  private mutating func take(
    _ kind: RecordKind, _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>,
    _ stamp: RecordPlace, _ wall: Int64
  ) {
    let place = stamp.place
    switch kind {
    case .prediction: predictions.addPrediction(&cursor, line, at: place)
    case .decision: predictions.addDecision(&cursor, line, at: place)
    case .health: health.add(&cursor, line, at: place)
    case .sensor: health.addSensorEvent(&cursor, line, at: place)
    case .drift: drift.add(&cursor, line, at: place, wall: wall)
    case .clock: clocks.add(&cursor, line, at: place)
    // Times of single changes say little on a page.
    case .edge: break
    case .gap, .recovery, .eviction:
      storage.add(kind, &cursor, line, at: place, wall: wall)
    case .window: storage.addWindow(&cursor, line)
    case .start:
      if runs.addStart(&cursor, line, at: stamp) { health.restart() }
    case .stop:
      // It has the counters of a health record as well.
      var again = cursor
      runs.addStop(&cursor, line)
      health.add(&again, line, at: place)
    }
  }

  private mutating func countUnknown(_ name: String) {
    let known = unknownKinds.count < 20 || unknownKinds[name] != nil
    unknownKinds[known ? name : "others", default: 0] += 1
  }
}

extension RecordKind {
  /// All names, by raw value.
  static let allNames: [String] = (0...UInt8.max).lazy.map { RecordKind(rawValue: $0) }
    .prefix { $0 != nil }.compactMap { $0.map { "\($0.name)" } }
}
