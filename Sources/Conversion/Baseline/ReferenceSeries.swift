/// What a model saw and said while nothing had drifted: samples in order, with the predictions made
/// of them.
public struct ReferenceSeries: Sendable {
  /// A prediction made when a sample had been taken.
  public struct Prediction: Sendable {
    /// The sample, counted from 0 over all pieces.
    public var sample: Int
    /// The class predicted.
    public var classIndex: Int
    /// Its score.
    public var confidence: Float

    /// A prediction.
    public init(sample: Int, classIndex: Int, confidence: Float) {
      (self.sample, self.classIndex, self.confidence) = (sample, classIndex, confidence)
    }
  }

  /// Names of the channels, for messages.
  public var channelNames: [String]
  /// Samples of each channel, in its unit; all of one length.
  public var samples: [[Float]]
  /// The first sample of each piece without a gap, ascending, 0 first.
  public var pieceStarts: [Int] = [0]
  /// Samples of a channel in a second.
  public var rateHertz: Double
  /// Classes the model chooses from; 0 without predictions.
  public var classCount = 0
  /// Predictions in the order of their samples.
  public var predictions: [Prediction] = []

  /// A series without gaps and predictions.
  public init(channelNames: [String], samples: [[Float]], rateHertz: Double) {
    (self.channelNames, self.samples, self.rateHertz) = (channelNames, samples, rateHertz)
  }

  /// Samples of each channel.
  public var sampleCount: Int { samples.first?.count ?? 0 }

  /// The samples of each piece.
  var pieces: [Range<Int>] {
    zip(pieceStarts, pieceStarts.dropFirst() + [sampleCount]).map { $0..<$1 }
  }

  /// Refuses what no baseline can be made of.
  func check() throws(ConversionError) {
    guard sampleCount > 0 else {
      throw Self.fail(
        "", "the reference has no samples", "record some hours in which nothing is wrong")
    }
    guard sampleCount < Int(Int32.max) else {
      throw Self.fail("", "\(sampleCount) samples are more than fit", "take every tenth sample")
    }
    for (name, values) in zip(channelNames, samples) {
      guard let first = values.first(where: \.isFinite) else {
        throw Self.fail(name, "no sample is a number", "look at the recording")
      }
      if let bad = values.firstIndex(where: { !$0.isFinite }) {
        throw Self.fail(
          name, "sample \(bad + 1) is not a number",
          "leave out the lines of samples that are missing: the gap is then seen in the times")
      }
      if values.allSatisfy({ $0 == first }) {
        throw Self.fail(
          name, "all \(values.count) samples are \(first): a stuck sensor, or one that is not used",
          "record again with the sensor working")
      }
    }
  }

  static func fail(_ place: String, _ what: String, _ hint: String) -> ConversionError {
    ConversionError(.invalidCompanion, place: place, what: what, hint: hint)
  }
}

/// What the user asks of a baseline.
public struct BaselineOptions: Sendable {
  /// Seconds that may hold one false alarm of the whole model; 30 days unless told otherwise.
  public var budgetSeconds: UInt32 = 2_592_000
  /// Samples of a drift window; nil to choose.
  public var windowSampleCount: Int?
  /// The shortest window to choose, in samples.
  public var shortestWindow = 32
  /// Bins of a channel's histogram.
  public var binCount = 10
  /// The share that stands for an empty bin in the population stability index.
  public var epsilon: Float = 1e-4
  /// Quiet windows that end an alarm.
  public var clearWindowCount = 3

  /// One false alarm in 30 days.
  public init() {}
}
