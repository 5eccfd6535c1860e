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

  /// What the window was made of.
  public let condition: WindowCondition

  /// What a model said.
  public init(
    sequence: UInt64, classIndex: Int, score: Float, windowStart: Double, windowEnd: Double,
    condition: WindowCondition = WindowCondition()
  ) {
    self.sequence = sequence
    self.classIndex = classIndex
    self.score = score
    self.windowStart = windowStart
    self.windowEnd = windowEnd
    self.condition = condition
  }
}

/// What a sample led to.
public enum PipelineStep: Sendable {
  /// No window is complete.
  case none
  case prediction(Prediction)
  /// A window is complete, and its readings do not allow a prediction.
  case skippedWindow(WindowCondition)
}
