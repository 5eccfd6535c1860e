import Journal

/// What the log says about itself: numbers that are missing, and records of losses.
struct StorageDigest {
  /// Sequence numbers that do not come, and when they should have.
  struct Hole {
    let sequences: ClosedRange<UInt64>
    let after: Int64?
    let before: Int64
  }

  /// A `gap`, `recovery` or `eviction` record.
  struct Event {
    let place: Int64
    let kind: RecordKind
    var reason = ""
    var count: UInt64 = 0
    var bytes: UInt64 = 0
    var segments: UInt64 = 0
    /// How long before the record the first and the last loss were, in nanoseconds.
    var since: Int64?
    var until: Int64?
    var damaged: UInt64 = 0
  }

  private static let limit = 200

  private(set) var holes: [Hole] = []
  private(set) var eventCount: UInt64 = 0
  /// The last of them.
  private(set) var events: [Event] = []
  private(set) var recoveryCount: UInt64 = 0
  private(set) var cutBytes: UInt64 = 0
  private(set) var evictedBytes: UInt64 = 0
  private(set) var evictedSegments: UInt64 = 0
  private(set) var skippedWindows: UInt64 = 0
  private(set) var keptWindows: UInt64 = 0
  private var last: (sequence: UInt64, place: Int64)?

  mutating func follow(_ sequence: UInt64, at place: Int64) {
    let expected = (last?.sequence ?? 0) &+ 1
    if sequence > expected, holes.count < Self.limit {
      holes.append(
        Hole(sequences: expected...sequence - 1, after: last?.place, before: place))
    }
    last = (sequence, place)
  }

  /// A `gap`, `recovery` or `eviction` record, from the members behind its kind on.
  mutating func add(
    _ kind: RecordKind, _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>,
    at place: Int64, wall: Int64
  ) {
    var event = Event(place: place, kind: kind)
    while let member = cursor.nextMember(line) {
      let (key, value) = (member.key, member.value)
      if line.matches(key, "reason") { event.reason = line.text(value, limit: 60) ?? "" }
      if line.matches(key, "count") { event.count = line.unsigned(value) ?? 0 }
      if line.matches(key, "bytes") || line.matches(key, "cut_bytes") {
        event.bytes = line.unsigned(value) ?? 0
      }
      if line.matches(key, "segments") { event.segments = line.unsigned(value) ?? 0 }
      if line.matches(key, "damaged") { event.damaged = line.unsigned(value) ?? 0 }
      if line.matches(key, "since") { event.since = line.moment(value).map { wall &- $0 } }
      if line.matches(key, "until") { event.until = line.moment(value).map { wall &- $0 } }
    }
    switch kind {
    case .recovery:
      recoveryCount += 1
      cutBytes &+= event.bytes
    case .eviction:
      evictedBytes &+= event.bytes
      evictedSegments &+= event.segments
    default: break
    }
    eventCount += 1
    if events.count == Self.limit { events.removeFirst() }
    events.append(event)
  }

  /// A `window` record, from the members behind its kind on.
  mutating func addWindow(_ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>) {
    while let member = cursor.nextMember(line) {
      if line.matches(member.key, "skipped_windows") {
        skippedWindows &+= line.unsigned(member.value) ?? 0
      }
      if line.matches(member.key, "file") { keptWindows += 1 }
    }
  }
}
