import Inference
import ModelFormat

/// Samples in, predictions out: normalizes, cuts windows, runs the model, decides.
///
/// Allocates nothing; its memory is the arena of the engine and the ring of the window.
public struct PredictionPipeline: ~Copyable, ~Escapable {
  /// The engine, whose output holds the scores of the last prediction.
  private var engine: Engine
  private var window: SlidingWindow
  private let normalizer: Normalizer
  private let output: TensorBorder
  private let windowSpan: Double
  private var predictionCount: UInt64 = 0

  /// How many classes a prediction chooses from.
  public var classCount: Int { output.elementCount }

  /// Bytes the ring needs for a model's contract.
  public static func ringByteCount(for model: borrowing Model) -> Int {
    guard let contract = model.contract else { return 0 }
    return contract.windowLength * Normalizer(copy model).sampleByteCount
  }

  /// Sets up a pipeline.
  ///
  /// - Parameters:
  ///   - model: A model `check(_:)` accepts.
  ///   - engine: Its engine.
  ///   - ring: `ringByteCount(for:)` bytes.
  @_lifetime(copy model, copy engine, copy ring)
  public init(_ model: Model, engine: consuming Engine, ring: consuming MutableRawSpan) {
    guard let contract = model.contract else {
      preconditionFailure("checked before")
    }
    let normalizer = Normalizer(model)
    self.engine = engine
    self.normalizer = normalizer
    window = SlidingWindow(
      length: contract.windowLength, hop: contract.hop,
      sampleByteCount: normalizer.sampleByteCount, ring: ring)
    output = TensorBorder(model.tensor(model.output(0)))
    windowSpan = Double(contract.windowLength - 1) * contract.samplePeriodSeconds
  }

  /// Takes one sample.
  ///
  /// - Returns: A prediction when the sample completed a window.
  public mutating func accept(_ sample: Sample) -> Prediction? {
    guard push(sample) else { return nil }
    fillInput()
    engine.invoke()
    let prediction = decide(at: sample.time)
    predictionCount += 1
    return prediction
  }

  /// Starts a new window, as after a gap in the samples. The model's streaming state, if it has
  /// any, starts over too.
  public mutating func restart() {
    window.restart()
    engine.reset()
  }

  /// The last prediction's score of one class, a real number.
  public borrowing func score(ofClass index: Int) -> Float {
    output.real(at: index, of: engine.output(0))
  }

  private mutating func push(_ sample: Sample) -> Bool {
    window.push { slot in normalizer.normalize(sample, into: &slot) }
  }

  private mutating func fillInput() {
    engine.withInput(0) { bytes in window.copy(into: &bytes) }
  }

  private borrowing func decide(at time: Double) -> Prediction {
    var best = 0
    var bestScore = score(ofClass: 0)
    for index in 1..<max(1, classCount) {
      let score = score(ofClass: index)
      if score > bestScore { (best, bestScore) = (index, score) }
    }
    return Prediction(
      sequence: predictionCount, classIndex: best, score: bestScore,
      windowStart: time - windowSpan, windowEnd: time)
  }
}
