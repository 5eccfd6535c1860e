import Conversion
import Drift
import ModelFormat

/// A monitor with memory of its own, fed with synthetic samples and predictions.
final class Device {
  private let section: UnsafeMutableRawBufferPointer
  private let memory: UnsafeMutableRawBufferPointer
  let windowSampleCount: Int
  let secondsPerSample: Double

  init(section bytes: [UInt8], secondsPerSample: Double) throws {
    section = .allocate(byteCount: bytes.count, alignment: 16)
    section.copyBytes(from: bytes)
    let baseline = try Baseline(UnsafeRawBufferPointer(section).bytes)
    memory = .allocate(
      byteCount: DriftMonitor.stateByteCount(for: baseline), alignment: 16)
    windowSampleCount = baseline.windowSampleCount
    self.secondsPerSample = secondsPerSample
  }

  deinit {
    section.deallocate()
    memory.deallocate()
  }

  /// Gives `body` a fresh monitor.
  func run<Result>(_ body: (inout DriftMonitor) throws -> Result) throws -> Result {
    let baseline = try Baseline(UnsafeRawBufferPointer(section).bytes)
    var monitor = DriftMonitor(baseline, state: memory.mutableBytes)
    return try body(&monitor)
  }
}

/// A model of three channels in miniature: a class and a confidence from the samples of all
/// channels, every tenth sample.
struct ToyModel {
  static let hop = 10
  static let classCount = 4
  private var random: Randomness

  init(seed: Int) { random = Randomness(seed: seed) }

  /// - Parameter bias: What is added to the decision: a model that is wrong.
  mutating func predict(_ sample: [Double], bias: Double = 0) -> (Int, Float) {
    let score =
      sample.reduce(0, +) / Double(sample.count).squareRoot() + 0.3 * random.normal() + bias
    let classIndex = score < -0.7 ? 0 : score < 0 ? 1 : score < 0.7 ? 2 : 3
    let distance = min(abs(score + 0.7), abs(score), abs(score - 0.7))
    let confidence = min(0.999, 0.5 + distance + 0.05 * random.normal())
    return (classIndex, Float(max(0.25, confidence - 0.4 * abs(bias))))
  }
}

/// A deployment: a reference recorded from processes, and the device that follows it.
struct Deployment {
  let kind: ProcessKind
  let channelCount: Int
  let secondsPerSample: Double
  let seed: Int
  var recording: Recording?

  func processes(_ purpose: Int, time: Int = 0) -> [Process] {
    (0..<channelCount).map {
      Process(
        kind, seed: (seed &* 131 &+ purpose) &* 17 &+ $0, time: time, recording: recording)
    }
  }

  func reference(sampleCount: Int) -> ReferenceSeries {
    var processes = processes(1)
    var samples = [[Float]](repeating: [], count: channelCount)
    var model = ToyModel(seed: seed &+ 77)
    var predictions: [ReferenceSeries.Prediction] = []
    for index in 0..<sampleCount {
      var current: [Double] = []
      for channel in 0..<channelCount {
        let value = processes[channel].next()
        current.append(value)
        samples[channel].append(Float(value))
      }
      if index % ToyModel.hop == ToyModel.hop - 1 {
        let (classIndex, confidence) = model.predict(current)
        predictions.append(
          .init(sample: index, classIndex: classIndex, confidence: confidence))
      }
    }
    var series = ReferenceSeries(
      channelNames: (0..<channelCount).map { "channel \($0)" }, samples: samples,
      rateHertz: 1 / secondsPerSample)
    series.predictions = predictions
    series.classCount = ToyModel.classCount
    return series
  }
}
