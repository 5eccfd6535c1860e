import Text

/// The sections a configuration can have, and their keys.
enum SectionKind: UInt8 {
  case model
  case sensor
  case channel
  case window
  case decision
  case output
  case log
  case api
  case metrics
  case schedule

  static let count = 10

  /// All of them, for messages.
  static let all: StaticString = """
    [model], [sensor NAME], [channel NAME], [window], [decision], [output NAME], [log], [api], \
    [metrics], [schedule]
    """

  /// The word in the brackets.
  var name: StaticString {
    switch self {
    case .model: "model"
    case .sensor: "sensor"
    case .channel: "channel"
    case .window: "window"
    case .decision: "decision"
    case .output: "output"
    case .log: "log"
    case .api: "api"
    case .metrics: "metrics"
    case .schedule: "schedule"
    }
  }

  /// Whether a name follows the word, so that there can be several.
  var isNamed: Bool {
    switch self {
    case .sensor, .channel, .output: true
    default: false
    }
  }

  /// The most there can be.
  var limit: Int {
    switch self {
    case .sensor, .output: 16
    case .channel: 127
    default: 1
    }
  }

  /// The keys, separated by commas; `nil` where they depend on the type of a sensor.
  var keys: StaticString? {
    switch self {
    case .model: "path"
    case .sensor: nil
    case .channel:
      """
      sensor, quantity, unit, repeat, readings, gain, offset, minimum, maximum, median, plausible-minimum, \
      plausible-maximum, maximum-step, stuck-after
      """
    case .window: "missing, suspect"
    case .decision: "majority, minimum-probability, hold"
    case .output: "chip, line, active, drive, class, alarm"
    case .log:
      """
      folder, segment-size, segment-age, quota, free-space, sync-interval, daily-budget, \
      raw-windows, raw-window-quota, raw-window-probability, health-interval
      """
    case .api: "socket, group, clients"
    case .metrics: "path, interval"
    case .schedule: "priority, lock-memory, threads"
    }
  }

  init?(_ word: borrowing Span<UInt8>) {
    for rawValue in 0..<UInt8(Self.count) {
      guard let kind = Self(rawValue: rawValue), word.equals(kind.name) else { continue }
      self = kind
      return
    }
    return nil
  }
}

extension StaticString {
  /// Whether a list such as `path, unit, scale` has the word.
  func lists(_ word: borrowing Span<UInt8>) -> Bool {
    withUTF8Span { list in
      var start = 0
      while start < list.count {
        var end = start
        while end < list.count, list[end] != UInt8(ascii: ",") { end += 1 }
        if list.extracting(start..<end).equals(word) { return true }
        start = end + 2
      }
      return false
    }
  }
}
