import Text

/// What a record tells.
public enum RecordKind: UInt8, Equatable, Sendable {
  /// A prediction of the model.
  case prediction
  /// The program started.
  case start
  /// The program ended in order.
  case stop
  /// A sensor failed, came back or was found suspect.
  case sensor
  /// A raw window was kept, or one could not be used.
  case window
  /// The decision changed.
  case decision
  /// The drift monitor has something to say.
  case drift
  /// Records were lost; written by the journal.
  case gap
  /// What the journal found when it was opened; written by the journal.
  case recovery
  /// Old segments were removed; written by the journal.
  case eviction
  /// Counters and states at regular intervals.
  case health
  /// The wall clock jumped, or became trustworthy.
  case clock
  /// A line changed.
  case edge

  static let count: UInt8 = 13

  /// The value of `kind` in a record.
  public var name: StaticString {
    switch self {
    case .prediction: "prediction"
    case .start: "start"
    case .stop: "stop"
    case .sensor: "sensor"
    case .window: "window"
    case .decision: "decision"
    case .drift: "drift"
    case .gap: "gap"
    case .recovery: "recovery"
    case .eviction: "eviction"
    case .health: "health"
    case .clock: "clock"
    case .edge: "edge"
    }
  }

  /// The kind of that name.
  public init?(name: borrowing Span<UInt8>) {
    for raw in 0..<Self.count {
      guard let kind = RecordKind(rawValue: raw), name.equals(kind.name) else { continue }
      self = kind
      return
    }
    return nil
  }

  /// How much a record of this kind matters when the write budget runs out.
  public var defaultPriority: RecordPriority {
    switch self {
    case .health, .window: .low
    case .prediction, .edge: .normal
    default: .high
    }
  }
}

/// What is left out first when the write budget runs out.
public enum RecordPriority: UInt8, Equatable, Sendable {
  case low
  case normal
  /// Left out only when records of this priority alone use up the budget.
  case high
}
