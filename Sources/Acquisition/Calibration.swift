/// How the number a sensor gives becomes the number the model is fed.
///
/// x is first converted to the channel's unit, then y = gain · x + offset in double precision, then
/// comes the median of the last few, the judgement of plausibility, and the clamp.
public struct Calibration: Sendable {
  /// Factor, and number added after it, from the sensor's unit to the channel's.
  public var unitScale: Double = 1
  /// See `unitScale`.
  public var unitOffset: Double = 0
  /// Factor of the calibration.
  public var gain: Double = 1
  /// Added after the factor, in the channel's unit.
  public var offset: Double = 0
  /// Smaller readings are raised to this.
  public var minimum: Float = -.infinity
  /// Larger readings are lowered to this.
  public var maximum: Float = .infinity
  /// How many readings the median is taken of: 1 (none), 3, 5, 7 or 9.
  public var medianLength = 1

  /// No calibration.
  public init() {}

  /// The reading in the channel's unit, calibrated, not filtered nor clamped.
  public func applied(to reading: Float) -> Float {
    Float(gain * (unitScale * Double(reading) + unitOffset) + offset)
  }

  /// The reading between minimum and maximum.
  public func clamped(_ value: Float) -> Float { min(max(value, minimum), maximum) }
}

/// The median of the last readings, up to nine.
public struct MedianFilter: Sendable {
  /// The longest filter.
  public static let maximumLength = 9

  private let length: Int
  private var count = 0
  private var next = 0
  private var values = InlineArray<9, Float>(repeating: 0)

  /// A filter over `length` readings, an odd number up to nine.
  public init(length: Int) {
    precondition(length % 2 == 1 && (1...Self.maximumLength).contains(length), "an odd length")
    self.length = length
  }

  /// Takes a reading in.
  ///
  /// - Returns: The median of the last `length` ones; of those there are, before (the lower one of
  ///   the two in the middle).
  public mutating func filter(_ value: Float) -> Float {
    values[next] = value
    next = next + 1 == length ? 0 : next + 1
    count = min(count + 1, length)
    guard length > 1 else { return value }
    var sorted = values
    for end in 1..<max(1, count) {
      let value = sorted[end]
      var hole = end
      while hole > 0, sorted[hole - 1] > value {
        sorted[hole] = sorted[hole - 1]
        hole -= 1
      }
      sorted[hole] = value
    }
    return sorted[(count - 1) / 2]
  }

  /// Forgets all readings, as after a gap.
  public mutating func restart() {
    count = 0
    next = 0
  }
}
