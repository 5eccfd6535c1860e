import Acquisition
import Drift
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
  // Spelled out: `?` would set it to nil before the initializer does, which its lifetime forbids.
  private var monitor: Optional<DriftMonitor>
  private let output: TensorBorder
  private let windowSpan: Double
  private let driftWindowSeconds: Double

  /// Predictions made.
  public private(set) var predictionCount: UInt64 = 0

  /// Windows left out because of their readings.
  public private(set) var skippedWindowCount: UInt64 = 0

  /// The time of the last sample.
  public private(set) var lastSampleTime = 0.0

  /// What the last sample was to the watch for drift.
  public private(set) var driftEvent = DriftEvent()

  /// How many classes a prediction chooses from.
  public var classCount: Int { output.elementCount }

  /// Bytes that window, features and the watch for drift need for a model's contract.
  public static func memoryByteCount(for model: borrowing Model) -> Int {
    windowByteCount(for: model) + inputByteCount(for: model) + monitorByteCount(for: model)
  }

  private static func inputByteCount(for model: borrowing Model) -> Int {
    (InputStage.byteCount(for: model) + 15) / 16 * 16
  }

  private static func monitorByteCount(for model: borrowing Model) -> Int {
    guard let baseline = model.baseline else { return 0 }
    return DriftMonitor.stateByteCount(for: baseline)
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
    let inputStart = Self.windowByteCount(for: model)
    let monitorStart = inputStart + Self.inputByteCount(for: model)
    // Three parts that do not overlap.
    window = SampleWindow(
      channelCount: contract.channelCount, length: contract.windowLength, hop: contract.hop,
      policy: policy, ring: unsafe memory.disjointPart(0..<inputStart))
    input = InputStage(model, memory: unsafe memory.disjointPart(inputStart..<monitorStart))
    if let baseline = model.baseline {
      driftWindowSeconds = Double(baseline.windowSampleCount) * contract.samplePeriodSeconds
      monitor = DriftMonitor(
        baseline, state: unsafe memory.disjointPart(monitorStart..<memory.byteCount))
    } else {
      driftWindowSeconds = 0
      monitor = nil
    }
    output = TensorBorder(model.tensor(model.output(0)))
    windowSpan = Double(contract.windowLength - 1) * contract.samplePeriodSeconds
  }

  /// Takes one sample.
  ///
  /// - Parameter time: Seconds since 1970, for the records of drift; 0 where nobody knows.
  public mutating func accept(
    _ sample: borrowing Sample, at time: Double = 0
  ) -> PipelineStep {
    lastSampleTime = sample.time
    observe(sample)
    let step = predict(sample)
    if case .prediction(let prediction) = step {
      monitor?.prediction(prediction.classIndex, confidence: prediction.score)
    }
    driftEvent = monitor?.endSample(at: time) ?? DriftEvent()
    return step
  }

  private mutating func observe(_ sample: borrowing Sample) {
    guard monitor != nil else { return }
    for channel in 0..<window.channelCount {
      if sample[quality: channel].isMissing {
        monitor?.missing(channel)
      } else {
        monitor?.reading(channel, sample[channel])
      }
    }
  }

  private mutating func predict(_ sample: borrowing Sample) -> PipelineStep {
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

  /// Whether the model has a baseline, so that drift is watched for.
  public var watchesDrift: Bool { monitor != nil }

  /// Whether there is a drift alarm.
  public var hasDriftAlarm: Bool {
    switch monitor {
    case .some(let monitor): monitor.isAlarmed
    case .none: false
    }
  }

  /// Continues from what a monitor knew before a restart. An open drift window of long ago is
  /// forgotten.
  ///
  /// - Parameter now: Seconds since 1970; 0 where nobody knows.
  /// - Throws: When the bytes are damaged or another baseline's; the watch begins anew then.
  public mutating func restoreMonitor(
    _ saved: RawSpan, at now: Double = 0
  ) throws(DriftStateError) {
    try monitor?.restore(saved)
    guard let begun = monitor?.openWindowStart, begun > 0 else { return }
    if now - begun > 2 * driftWindowSeconds { monitor?.restartWindow() }
  }

  /// Brings what the monitor knows up to date, for `withMonitor` to save.
  public mutating func sealMonitor() { monitor?.seal() }

  /// Counts failed reads of a channel's sensor, for telling sensor faults from drift.
  public mutating func noteBusErrors(_ count: Int, channel: Int) {
    monitor?.busErrors(channel, count)
  }

  /// Lets `body` look at the watch for drift; does nothing where there is none.
  public borrowing func withMonitor(_ body: (borrowing DriftMonitor) -> Void) {
    switch monitor {
    case .some(let monitor): body(monitor)
    case .none: break
    }
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
