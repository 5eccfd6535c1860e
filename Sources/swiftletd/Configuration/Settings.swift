import Journal
import LinuxPlatform
import ModelCommands
import Pipeline
import Text

/// Everything in a configuration that is not about sensors and channels.
struct Settings {
  /// `[model] path`
  let modelPath: FilePath
  let window: WindowPolicy
  let decision: DecisionRule
  let log: LogSettings
  let schedule: ScheduleSettings
  let api: APISettings?
  let metrics: MetricsSettings?

  init(_ file: borrowing ConfigurationFile) throws(CommandFailure) {
    let model = try file.required(.model, example: "[model] path = model.swl")
    modelPath = try file.path(file.required("path", inSection: model, example: "model.swl"))
    window = try Self.window(file)
    decision = try Self.decision(file)
    log = try LogSettings(file)
    schedule = try ScheduleSettings(file)
    api = try APISettings(file)
    metrics = try MetricsSettings(file)
  }

  private static func window(
    _ file: borrowing ConfigurationFile
  ) throws(CommandFailure) -> WindowPolicy {
    let section = file.index(.window)
    var policy = WindowPolicy()
    if let entry = file.entry("missing", inSection: section) {
      let value = file.value(of: entry)
      if value.equals("skip") {
        policy.missing = .skip
      } else if value.equals("hold") {
        policy.missing = .hold
      } else if value.equals("interpolate") {
        policy.missing = .interpolate
      } else {
        throw file.refusal(of: entry) { $0.append("known: skip, hold, interpolate") }
      }
    }
    if let entry = file.entry("suspect", inSection: section) {
      let value = file.value(of: entry)
      if value.equals("skip") {
        policy.suspect = .skip
      } else if value.equals("hold") {
        policy.suspect = .hold
      } else if value.equals("use") {
        policy.suspect = .use
      } else {
        throw file.refusal(of: entry) { $0.append("known: skip, hold, use") }
      }
    }
    return policy
  }

  private static func decision(
    _ file: borrowing ConfigurationFile
  ) throws(CommandFailure) -> DecisionRule {
    let section = file.index(.decision)
    var rule = DecisionRule()
    if let entry = file.entry("majority", inSection: section) {
      guard let majority = majority(file.value(of: entry)) else {
        throw file.refusal(of: entry) {
          $0.append("write how many of the last predictions must agree, such as 3 of 5; at most ")
          $0.append(DecisionRule.maximumVotes)
        }
      }
      (rule.majority, rule.votes) = majority
    }
    if let score = try file.number("minimum-probability", inSection: section, from: 0, to: 1) {
      rule.minimumScore = Float(score)
    }
    if let hold = try file.duration("hold", inSection: section) { rule.holdNanoseconds = hold }
    return rule
  }

  /// `3 of 5`
  private static func majority(_ text: borrowing Span<UInt8>) -> (Int, Int)? {
    var end = 0
    while end < text.count, text[end] != UInt8(ascii: " ") { end += 1 }
    guard end + 4 < text.count, text.extracting(end..<end + 4).equals(" of "),
      let majority = WholeNumber.parse(text.extracting(first: end)),
      let votes = WholeNumber.parse(text.extracting(end + 4..<text.count)),
      (1...DecisionRule.maximumVotes).contains(votes), (1...votes).contains(majority)
    else { return nil }
    return (majority, votes)
  }
}

/// `[log]`
struct LogSettings {
  let folder: FilePath
  var journal = JournalSettings()
  /// Windows kept around uncertain predictions; 0 for none.
  var rawWindowCount = 0
  /// Bytes they may take together.
  var rawWindowByteCount: UInt64 = 16 << 20
  /// Predictions with a lower score are uncertain.
  var rawWindowScore: Float = 0.5
  /// Nanoseconds between two health records.
  var healthNanoseconds: UInt64 = 60_000_000_000

  private static let largestSize = Int(Int32.max)

  init(_ file: borrowing ConfigurationFile) throws(CommandFailure) {
    let section = try file.required(.log, example: "[log] folder = /var/lib/swiftlet/log")
    folder = try file.path(
      file.required("folder", inSection: section, example: "/var/lib/swiftlet/log"))
    try readJournal(file, section)
    if let count = try file.integer("raw-windows", inSection: section, in: 0...1_000_000) {
      rawWindowCount = count
    }
    if let quota = try file.size(
      "raw-window-quota", inSection: section, from: 65_536, to: Self.largestSize)
    {
      rawWindowByteCount = UInt64(quota)
    }
    if let score = try file.number("raw-window-probability", inSection: section, from: 0, to: 1) {
      rawWindowScore = Float(score)
    }
    if let interval = try file.duration(
      "health-interval", inSection: section, from: 1_000_000_000)
    {
      healthNanoseconds = interval
    }
  }

  private mutating func readJournal(
    _ file: borrowing ConfigurationFile, _ section: Int
  ) throws(CommandFailure) {
    func size(_ key: StaticString, from minimum: Int) throws(CommandFailure) -> UInt64? {
      try file.size(key, inSection: section, from: minimum, to: Self.largestSize).map { UInt64($0) }
    }
    if let bytes = try size("segment-size", from: 65_536) { journal.segmentByteCount = bytes }
    if let age = try file.duration("segment-age", inSection: section, from: 1_000_000_000) {
      journal.segmentAgeSeconds = age / 1_000_000_000
    }
    if let bytes = try size("quota", from: 131_072) { journal.quotaByteCount = bytes }
    if let bytes = try size("free-space", from: 0) { journal.freeByteCountFloor = bytes }
    if let interval = try file.duration(
      "sync-interval", inSection: section, from: 10_000_000, to: 86_400_000_000_000)
    {
      journal.syncInterval = interval
      journal.flushInterval = min(journal.flushInterval, interval)
    }
    if let bytes = try size("daily-budget", from: 0) { journal.dailyBudgetByteCount = bytes }
    guard let problem = journal.problem else { return }
    throw file.failure(line: file.section(section).line) {
      $0.append("[log] ")
      $0.append(problem)
    }
  }
}

/// `[schedule]`
struct ScheduleSettings {
  /// SCHED_FIFO priority; `nil` for the ordinary scheduler.
  let priority: Int?
  /// Whether memory is locked: yes, no, or `nil` for where it is allowed.
  let locksMemory: Bool?
  /// Threads that run the model, the loop's among them.
  let threadCount: Int

  init(_ file: borrowing ConfigurationFile) throws(CommandFailure) {
    let section = file.index(.schedule)
    priority = try file.integer("priority", inSection: section, in: 1...99)
    locksMemory = try file.flag("lock-memory", inSection: section)
    threadCount =
      try file.integer("threads", inSection: section, in: 1...ThreadTeam.maximumCount) ?? 1
  }
}
