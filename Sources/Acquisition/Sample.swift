/// Readings of all channels at one moment, in the order and units of the model's contract.
public struct Sample: Sendable {
  /// The most channels a sample has.
  public static let maximumChannelCount = 127

  /// Seconds since the start of a recording, or of the monotonic clock.
  public var time: Double

  private var readings: InlineArray<127, Float>
  private var qualities: InlineArray<127, ChannelQuality>

  /// A sample of zeros, all of them good.
  public init() {
    time = 0
    readings = InlineArray(repeating: 0)
    qualities = InlineArray(repeating: .ok)
  }

  /// The reading of one channel.
  public subscript(channel: Int) -> Float {
    get { readings[channel] }
    set { readings[channel] = newValue }
  }

  /// What the reading of one channel is worth.
  public subscript(quality channel: Int) -> ChannelQuality {
    get { qualities[channel] }
    set { qualities[channel] = newValue }
  }
}
