/// Readings of all channels at one moment, in the order and units of the model's contract.
public struct Sample: Sendable {
  /// The most channels a sample has.
  public static let maximumChannelCount = 127

  /// Seconds since the start of the recording or another origin of the source.
  public var time: Double

  private var readings: InlineArray<127, Float>

  /// A sample of zeros.
  public init() {
    time = 0
    readings = InlineArray(repeating: 0)
  }

  /// The reading of one channel.
  public subscript(channel: Int) -> Float {
    get { readings[channel] }
    set { readings[channel] = newValue }
  }
}
