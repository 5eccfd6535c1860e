/// What `health` and `stop` records say about the program.
struct HealthDigest {
  /// The state at the end of one stretch of time, and what was counted in it.
  struct Bin: BinContents {
    var samples: UInt64 = 0
    var missing: UInt64 = 0
    var suspect: UInt64 = 0
    var skippedWindows: UInt64 = 0
    /// Since the program started, in microseconds.
    var lateness: Lateness?

    init() {}

    mutating func merge(_ later: Self) {
      samples &+= later.samples
      missing &+= later.missing
      suspect &+= later.suspect
      skippedWindows &+= later.skippedWindows
      lateness = later.lateness ?? lateness
    }
  }

  /// How late the loop woke up.
  struct Lateness {
    var median: Double?
    var percentile99: Double?
    var maximum: Double?
  }

  private(set) var bins = TimeBins<Bin>()
  private(set) var recordCount: UInt64 = 0
  private(set) var samples = Counter()
  private(set) var missing = Counter()
  private(set) var suspect = Counter()
  private(set) var deadlinesMissed = Counter()
  private(set) var skippedWindows = Counter()
  private(set) var clockJumps = Counter()
  private(set) var refusedReloads = Counter()
  private(set) var latest: Lateness?
  private(set) var worstLateness = 0.0
  private(set) var residentBytes: UInt64?
  private(set) var processorSeconds: Double?
  private(set) var uptimeSeconds: UInt64?
  private(set) var sensors = SensorDigest()

  /// The program started: its counters are at zero.
  mutating func restart() {
    samples.restart()
    missing.restart()
    suspect.restart()
    deadlinesMissed.restart()
    skippedWindows.restart()
    clockJumps.restart()
    refusedReloads.restart()
    sensors.restart()
  }

  /// A `health` record, from the members behind its kind on.
  mutating func add(_ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at place: Int64) {
    var bin = Bin()
    recordCount += 1
    while let member = cursor.nextMember(line) {
      let (key, value) = (member.key, member.value)
      if line.matches(key, "sensors") {
        sensors.addHealth(value, line)
      } else if line.matches(key, "lateness_us") {
        bin.lateness = Self.lateness(value, line)
      } else if line.matches(key, "cpu_s") {
        processorSeconds = line.number(value)
      } else if let count = line.unsigned(value) {
        switch key.count {
        case 7 where line.matches(key, "samples"): bin.samples = samples.observe(count)
        case 15 where line.matches(key, "samples_missing"): bin.missing = missing.observe(count)
        case 15 where line.matches(key, "samples_suspect"): bin.suspect = suspect.observe(count)
        case 15 where line.matches(key, "windows_skipped"):
          bin.skippedWindows = skippedWindows.observe(count)
        case 16 where line.matches(key, "deadlines_missed"): deadlinesMissed.observe(count)
        case 11 where line.matches(key, "clock_jumps"): clockJumps.observe(count)
        case 15 where line.matches(key, "reloads_refused"): refusedReloads.observe(count)
        case 14 where line.matches(key, "resident_bytes"): residentBytes = count
        case 8 where line.matches(key, "uptime_s"): uptimeSeconds = count
        default: break
        }
      }
    }
    if let lateness = bin.lateness {
      latest = lateness
      worstLateness = max(worstLateness, lateness.maximum ?? 0)
    }
    bins.update(place) { $0.merge(bin) }
  }

  /// A `sensor` record, from the members behind its kind on.
  mutating func addSensorEvent(
    _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at place: Int64
  ) {
    sensors.addEvent(&cursor, line, at: place)
  }

  private static func lateness(_ range: Range<Int>, _ line: borrowing Span<UInt8>) -> Lateness {
    var result = Lateness()
    var cursor = JSONCursor(range)
    while let member = cursor.nextMember(line) {
      if line.matches(member.key, "p50") { result.median = line.number(member.value) }
      if line.matches(member.key, "p99") { result.percentile99 = line.number(member.value) }
      if line.matches(member.key, "max") { result.maximum = line.number(member.value) }
    }
    return result
  }
}
