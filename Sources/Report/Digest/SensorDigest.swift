/// What the log says about each sensor.
struct SensorDigest {
  struct Sensor {
    var readings = Counter()
    var missing = Counter()
    var retries = Counter()
    var late = Counter()
    var missed = Counter()
    var starts = Counter()
    /// By kind.
    var errors: [String: Counter] = [:]
    /// Whether it answered when last heard of; nil when no record tells.
    var isWorking: Bool?
    var failureCount: UInt64 = 0
    var lastFailure: (place: Int64, text: String)?
    /// When it failed, while it does.
    var failingSince: Int64?
    var failedNanoseconds: Int64 = 0

    mutating func restart() {
      readings.restart()
      missing.restart()
      retries.restart()
      late.restart()
      missed.restart()
      starts.restart()
      for kind in errors.keys { errors[kind]?.restart() }
    }

    /// Errors by kind, the most frequent first.
    var errorCounts: [(kind: String, count: UInt64)] {
      errors.map { ($0.key, $0.value.total) }.filter { $0.1 > 0 }
        .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
  }

  /// A `sensor` record.
  struct Event {
    let place: Int64
    let sensor: String
    let event: String
    let text: String?
    let missing: UInt64?
  }

  private static let sensorLimit = 64
  private static let errorKindLimit = 32
  static let eventLimit = 20

  private var names = NameTable(limit: sensorLimit)
  private var sensors: [Sensor] = []
  /// Whether a start of the program was seen.
  private var countsFromZero = false
  private(set) var eventCount: UInt64 = 0
  /// The last of them.
  private(set) var events: [Event] = []

  var count: Int { sensors.count }

  subscript(index: Int) -> (name: String, sensor: Sensor) { (names.name(index), sensors[index]) }

  /// The program started: its counters are at zero.
  mutating func restart() {
    countsFromZero = true
    for index in sensors.indices { sensors[index].restart() }
  }

  private mutating func index(_ name: Range<Int>, _ line: borrowing Span<UInt8>) -> Int {
    let index = names.index(of: name, in: line)
    while sensors.count <= index {
      var sensor = Sensor()
      if countsFromZero { sensor.restart() }
      sensors.append(sensor)
    }
    return index
  }

  /// The object `sensors` of a `health` record.
  mutating func addHealth(_ range: Range<Int>, _ line: borrowing Span<UInt8>) {
    var cursor = JSONCursor(range)
    while let member = cursor.nextMember(line) {
      let index = index(member.key, line)
      var fields = JSONCursor(member.value)
      while let field = fields.nextMember(line) {
        let (key, value) = (field.key, field.value)
        if line.matches(key, "errors") {
          addErrors(value, line, to: index)
        } else if line.matches(key, "ok") {
          sensors[index].isWorking = line.isTrue(value)
        } else if let count = line.unsigned(value) {
          if line.matches(key, "readings") { sensors[index].readings.observe(count) }
          if line.matches(key, "missing") { sensors[index].missing.observe(count) }
          if line.matches(key, "retries") { sensors[index].retries.observe(count) }
          if line.matches(key, "late") { sensors[index].late.observe(count) }
          if line.matches(key, "missed") { sensors[index].missed.observe(count) }
          if line.matches(key, "starts") { sensors[index].starts.observe(count) }
        }
      }
    }
  }

  private mutating func addErrors(
    _ range: Range<Int>, _ line: borrowing Span<UInt8>, to index: Int
  ) {
    var cursor = JSONCursor(range)
    while let member = cursor.nextMember(line) {
      guard let count = line.unsigned(member.value) else { continue }
      let kind = JSONEscapes.decoded(line.copy(member.key), limit: 60)
      guard
        sensors[index].errors[kind] != nil
          || sensors[index].errors.count < Self.errorKindLimit
      else { continue }
      // A kind is listed from its first error on: before, there were none.
      var fresh = Counter()
      fresh.restart()
      sensors[index].errors[kind, default: fresh].observe(count)
    }
  }

  /// A `sensor` record, from the members behind its kind on.
  mutating func addEvent(
    _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at place: Int64
  ) {
    var number: Int?
    var (event, error, text): (String?, String?, String?)
    var missing: UInt64?
    while let member = cursor.nextMember(line) {
      let (key, value) = (member.key, member.value)
      if line.matches(key, "sensor"), line.isString(value) {
        number = index(value.lowerBound + 1..<value.upperBound - 1, line)
      }
      if line.matches(key, "event") { event = line.text(value, limit: 40) }
      if line.matches(key, "error") { error = line.text(value, limit: 60) }
      if line.matches(key, "text") { text = line.text(value, limit: 300) }
      if line.matches(key, "missing") { missing = line.unsigned(value) }
    }
    guard let number, let event else { return }
    eventCount += 1
    if events.count == Self.eventLimit { events.removeFirst() }
    events.append(
      Event(
        place: place, sensor: names.name(number), event: event, text: text ?? error,
        missing: missing))
    note(event, text ?? error ?? "no reason given", number, place)
  }

  private mutating func note(_ event: String, _ text: String, _ number: Int, _ place: Int64) {
    switch event {
    case "failed":
      sensors[number].isWorking = false
      sensors[number].failureCount += 1
      sensors[number].lastFailure = (place, text)
      sensors[number].failingSince = sensors[number].failingSince ?? place
    case "recovered":
      sensors[number].isWorking = true
      if let since = sensors[number].failingSince {
        sensors[number].failedNanoseconds &+= max(0, place &- since)
      }
      sensors[number].failingSince = nil
    default: break
    }
  }
}
