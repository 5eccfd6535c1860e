import Acquisition
import Inference
import ModelFormat

/// Samples in, predictions out: cuts windows, makes the model's input of them, runs the model, takes
/// the best class.
///
/// Allocates nothing; its memory is the arena of the engine and that of window and features.
public struct PredictionPipeline: ~Copyable, ~Escapable {
  /// The engine, whose output holds the scores of the last prediction.
  private var engine: Engine
  private var window: SampleWindow
  private var input: InputStage
  private let output: TensorBorder
  private let windowSpan: Double

  /// Predictions made.
  public private(set) var predictionCount: UInt64 = 0

  /// Windows left out because of their readings.
  public private(set) var skippedWindowCount: UInt64 = 0

  /// How many classes a prediction chooses from.
  public var classCount: Int { output.elementCount }

  /// Bytes that window and features need for a model's contract.
  public static func memoryByteCount(for model: borrowing Model) -> Int {
    windowByteCount(for: model) + InputStage.byteCount(for: model)
  }

  private static func windowByteCount(for model: borrowing Model) -> Int {
    guard let contract = model.contract else { return 0 }
    let ring = SampleWindow.ringByteCount(
      channelCount: contract.channelCount, length: contract.windowLength)
    return (ring + 15) / 16 * 16
  }

  /// Sets up a pipeline.
  ///
  /// - Parameters:
  ///   - model: A model `PipelineModelError.check(_:)` accepts.
  ///   - engine: Its engine.
  ///   - policy: What is done about readings that are not good.
  ///   - memory: `memoryByteCount(for:)` bytes.
  @_lifetime(copy model, copy engine, copy memory)
  public init(
    _ model: Model, engine: consuming Engine, policy: WindowPolicy = WindowPolicy(),
    memory: consuming MutableRawSpan
  ) {
    guard let contract = model.contract else {
      preconditionFailure("checked before")
    }
    self.engine = engine
    let split = Self.windowByteCount(for: model)
    // Two parts that do not overlap.
    window = SampleWindow(
      channelCount: contract.channelCount, length: contract.windowLength, hop: contract.hop,
      policy: policy, ring: unsafe memory.disjointPart(0..<split))
    input = InputStage(model, memory: unsafe memory.disjointPart(split..<memory.byteCount))
    output = TensorBorder(model.tensor(model.output(0)))
    windowSpan = Double(contract.windowLength - 1) * contract.samplePeriodSeconds
  }

  /// Takes one sample.
  public mutating func accept(_ sample: borrowing Sample) -> PipelineStep {
    guard window.push(sample) else { return .none }
    let condition = window.condition
    guard condition.isUsable else {
      skippedWindowCount += 1
      return .skippedWindow(condition)
    }
    fillInput()
    engine.invoke()
    let prediction = decide(at: sample.time, condition)
    predictionCount += 1
    return .prediction(prediction)
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

  /// A reading of the last complete window, in the unit of the contract; sample 0 is the oldest.
  public func reading(_ sample: Int, _ channel: Int) -> Float { window[sample, channel] }

  private mutating func fillInput() {
    engine.withInput(0) { bytes in input.fill(&bytes, from: window) }
  }

  private borrowing func decide(at time: Double, _ condition: WindowCondition) -> Prediction {
    var best = 0
    var bestScore = score(ofClass: 0)
    for index in 1..<max(1, classCount) {
      let score = score(ofClass: index)
      if score > bestScore { (best, bestScore) = (index, score) }
    }
    return Prediction(
      sequence: predictionCount, classIndex: best, score: bestScore,
      windowStart: time - windowSpan, windowEnd: time, condition: condition)
  }
}
