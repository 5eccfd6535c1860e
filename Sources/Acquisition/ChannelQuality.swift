/// What a reading in a sample is worth.
public enum ChannelQuality: Equatable, Sendable {
  case ok
  /// There is no reading; the number means nothing.
  case missing(MissingReason)
  /// There is one, but it is implausible.
  case suspect(SuspectReason)

  /// Whether there is no reading.
  public var isMissing: Bool {
    if case .missing = self { return true }
    return false
  }

  /// Whether there is an implausible reading.
  public var isSuspect: Bool {
    if case .suspect = self { return true }
    return false
  }

  /// One word for logs: `ok`, `no_acknowledge`, `stuck`.
  public var name: StaticString {
    switch self {
    case .ok: "ok"
    case .missing(.noReadingYet): "no_reading_yet"
    case .missing(.stale): "stale"
    case .missing(.error(let kind)): kind.name
    case .suspect(.range): "out_of_range"
    case .suspect(.step): "step"
    case .suspect(.stuck): "stuck"
    }
  }
}

/// Why there is no reading.
public enum MissingReason: Equatable, Sendable {
  /// The sensor has not given one since the program began.
  case noReadingYet
  /// The last one is too old, though no error was seen.
  case stale
  /// The sensor's last attempt failed.
  case error(SensorErrorKind)
}

/// Why a reading is implausible.
public enum SuspectReason: Equatable, Sendable {
  /// Outside the plausible range, or no finite number.
  case range
  /// Too far from the reading before for the time between.
  case step
  /// The same number too many times.
  case stuck
}
