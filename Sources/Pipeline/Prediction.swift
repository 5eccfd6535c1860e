/// What the model said about one window.
public struct Prediction: Sendable {
  /// Counts predictions from 0.
  public let sequence: UInt64

  /// The element of the output with the largest value, the first of equals.
  public let classIndex: Int

  /// The output for that class, a real number; a probability where the model ends in a softmax.
  public let score: Float

  /// Time of the window's first sample, in seconds of the source.
  public let windowStart: Double

  /// Time of the window's last sample, in seconds of the source.
  public let windowEnd: Double
}
