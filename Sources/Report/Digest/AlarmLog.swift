/// What a `drift` record says about the alarm.
struct AlarmChange {
  var isUp = false
  var event = ""
  var since: Int64?
  var alarm = AlarmFacts()

  mutating func take(_ key: Range<Int>, _ value: Range<Int>, _ line: borrowing Span<UInt8>) {
    if line.matches(key, "alarm") { isUp = line.isTrue(value) }
    if line.matches(key, "event") { event = line.text(value, limit: 20) ?? "" }
    if line.matches(key, "since") { since = line.moment(value) }
    if line.matches(key, "verdict") { alarm.verdict = line.text(value, limit: 40) ?? "" }
    if line.matches(key, "text") { alarm.text = line.text(value) ?? "" }
    guard line.matches(key, "cause") else { return }
    var cursor = JSONCursor(value)
    while let member = cursor.nextMember(line) { alarm.takeCause(member, line) }
  }
}

/// Why an alarm is up.
struct AlarmFacts {
  /// `sensor`, `world` or `model`.
  var verdict = ""
  /// The explanation for people.
  var text = ""
  /// A channel, `classes` or `confidence`.
  var subject = ""
  var statistic = ""
  var value: Double?
  var lower: Double?
  var upper: Double?
  var referenceMean: Double?
  var referenceDeviation: Double?
  var fault = "none"

  fileprivate mutating func takeCause(_ member: JSONMember, _ line: borrowing Span<UInt8>) {
    let (key, value) = (member.key, member.value)
    if line.matches(key, "subject") { subject = line.text(value, limit: 100) ?? "" }
    if line.matches(key, "statistic") { statistic = line.text(value, limit: 40) ?? "" }
    if line.matches(key, "fault") { fault = line.text(value, limit: 40) ?? "none" }
    if line.matches(key, "value") { self.value = line.number(value) }
    if line.matches(key, "lower") { lower = line.number(value) }
    if line.matches(key, "upper") { upper = line.number(value) }
    if line.matches(key, "reference_mean") { referenceMean = line.number(value) }
    if line.matches(key, "reference_sd") { referenceDeviation = line.number(value) }
  }
}

/// The alarms, from being raised to being cleared.
struct AlarmLog {
  struct Alarm {
    /// Start of the first window that was off.
    var since: Int64
    /// When it was raised, or first heard of.
    var raised: Int64
    /// When it was cleared; nil while it is up.
    var cleared: Int64?
    /// When it was last heard of.
    var lastSeen: Int64
    /// As it was raised.
    var first: AlarmFacts
    /// As it was last told.
    var last: AlarmFacts

    /// What it is shown as: while it is up, what was told last; later, what raised it. The windows
    /// in which an alarm dies away say little about its cause.
    var shown: AlarmFacts { cleared == nil ? last : first }

    /// The end of the time it is shown for.
    var end: Int64 { cleared ?? lastSeen }
  }

  static let limit = 100

  private(set) var count: UInt64 = 0
  /// The last of them.
  private(set) var alarms: [Alarm] = []
  /// By what they looked like in the end.
  private(set) var verdicts: [String: UInt64] = [:]
  /// What records with an alarm say of a channel's reference: mean and standard deviation.
  private(set) var references: [String: (mean: Double, deviation: Double)] = [:]

  /// Whether one is up at the end of the log.
  var isUp: Bool { alarms.last.map { $0.cleared == nil } ?? false }

  mutating func add(_ change: AlarmChange, at place: Int64, wall: Int64) {
    if let mean = change.alarm.referenceMean, let deviation = change.alarm.referenceDeviation,
      deviation >= 0, references.count < 64
    {
      references[change.alarm.subject] = (mean, deviation)
    }
    if change.isUp {
      if !isUp { raise(change, at: place, wall: wall) }
      let last = alarms.count - 1
      alarms[last].lastSeen = max(alarms[last].lastSeen, place)
      if !change.alarm.text.isEmpty, change.event != "window" || alarms[last].last.text.isEmpty {
        count(alarms[last].last.verdict, -1)
        count(change.alarm.verdict, 1)
        alarms[last].last = change.alarm
      }
    } else if isUp {
      let last = alarms.count - 1
      alarms[last].cleared = place
    }
  }

  private mutating func raise(_ change: AlarmChange, at place: Int64, wall: Int64) {
    // Its times are the board's; only how long ago they are counts.
    let age = change.since.map { wall &- $0 } ?? 0
    let isPlausible = age >= 0 && age < 366 * 86_400_000_000_000
    count += 1
    count(change.alarm.verdict, 1)
    if alarms.count == Self.limit { alarms.removeFirst() }
    alarms.append(
      Alarm(
        since: isPlausible ? place &- age : place, raised: place, cleared: nil, lastSeen: place,
        first: change.alarm, last: change.alarm))
  }

  private mutating func count(_ verdict: String, _ change: Int) {
    guard verdicts[verdict] != nil || verdicts.count < 8 else { return }
    verdicts[verdict] = UInt64(max(0, Int(verdicts[verdict] ?? 0) + change))
  }
}
