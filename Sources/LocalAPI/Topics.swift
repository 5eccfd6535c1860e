import Text

/// What a client wants to hear of.
public struct Topics: Equatable, Sendable {
  private var bits: UInt8

  /// Nothing.
  public static let none = Topics(bits: 0)
  /// Every prediction.
  public static let predictions = Topics(bits: 1)
  /// Every change of the decision.
  public static let decisions = Topics(bits: 2)
  /// Ends of drift windows, alarms raised and cleared.
  public static let drift = Topics(bits: 4)
  /// Sensors that fail and come back.
  public static let sensors = Topics(bits: 8)

  private init(bits: UInt8) { self.bits = bits }

  /// The names there are, for messages.
  public static let names: StaticString = "predictions, decisions, drift, sensors"

  /// The topic of a name; `nil` where there is none.
  public init?(name: borrowing Span<UInt8>) {
    if name.equals("predictions") {
      self = .predictions
    } else if name.equals("decisions") {
      self = .decisions
    } else if name.equals("drift") {
      self = .drift
    } else if name.equals("sensors") {
      self = .sensors
    } else {
      return nil
    }
  }

  /// How many topics there are.
  public static let count = 4

  /// One of them by its number, from 0.
  public init(number: Int) {
    precondition((0..<Self.count).contains(number), "no such topic")
    bits = 1 << UInt8(number)
  }

  /// The name of the first topic among them.
  public var name: StaticString {
    switch bits.trailingZeroBitCount {
    case 0: "predictions"
    case 1: "decisions"
    case 2: "drift"
    default: "sensors"
    }
  }

  /// Whether all of `other` are among them.
  public func contains(_ other: Topics) -> Bool { bits & other.bits == other.bits }

  /// Adds topics.
  public mutating func insert(_ other: Topics) { bits |= other.bits }

  /// Takes topics out.
  public mutating func remove(_ other: Topics) { bits &= ~other.bits }
}
