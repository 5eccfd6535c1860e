/// What readings of a channel can be; others are marked suspect.
public struct PlausibleLimits: Sendable {
  /// The smallest plausible reading.
  public var minimum: Float = -.infinity
  /// The largest plausible reading.
  public var maximum: Float = .infinity
  /// The largest plausible change in a second.
  public var maximumStepPerSecond: Float = .infinity
  /// Readings in a row with the very same number that are not plausible any more; 0 for never.
  public var stuckAfter = 0

  /// Everything is plausible.
  public init() {}
}

/// Judges the readings of one channel, one after the other.
struct PlausibilityCheck {
  private let limits: PlausibleLimits
  private var previous: (value: Float, time: UInt64)?
  private var previousRaw: UInt32 = 0
  private var repetitions = 0

  init(_ limits: PlausibleLimits) {
    self.limits = limits
  }

  /// - Parameters:
  ///   - value: The calibrated, filtered reading.
  ///   - raw: What the sensor gave, for telling a number that does not move at all.
  ///   - time: When it was measured, in nanoseconds.
  mutating func judge(_ value: Float, raw: Float, time: UInt64) -> ChannelQuality {
    repetitions = repetitions > 0 && raw.bitPattern == previousRaw ? repetitions + 1 : 1
    previousRaw = raw.bitPattern
    let before = previous
    // What is no number says nothing about the step to the next one.
    if value.isFinite { previous = (value, time) }
    // Also false for NaN.
    guard value >= limits.minimum, value <= limits.maximum, value.isFinite else {
      return .suspect(.range)
    }
    if let before, time > before.time {
      let seconds = Float(time - before.time) / 1e9
      if (value - before.value).magnitude > limits.maximumStepPerSecond * seconds {
        return .suspect(.step)
      }
    }
    if limits.stuckAfter > 0, repetitions >= limits.stuckAfter { return .suspect(.stuck) }
    return .ok
  }

  /// Forgets what came before a gap; the same number after it is still the same number.
  mutating func restart() { previous = nil }
}
