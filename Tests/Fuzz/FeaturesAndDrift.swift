import Conversion
import Drift
import Foundation
import ModelFormat
import Signal

/// Memory and steps beyond which features are not computed: the format allows more than a fuzzer has
/// time for.
private let largestMemory = 1 << 20
private let largestWork = 2e6
private let longestStream = 400

/// Models with the sections of preprocessing and baseline, alone and together.
func featureAndDriftSeeds() throws -> [[UInt8]] {
  let filtered = """
    {"filters": [{"type": "low-pass", "cutoff_hz": 20, "order": 2}], "decimate": 2,
     "detrend": "linear", "features": [{"type": "samples"}]}
    """
  let described = """
    {"filters": [{"type": "moving-average", "length": 3}], "detrend": "mean",
     "features": [
      {"type": "statistics"}, {"type": "bands", "edges_hz": [0, 5, 20, 40]},
      {"type": "log-mel", "frame": 32, "step": 16, "count": 4},
      {"type": "spectrum", "frame": 16, "step": 16, "scale": "magnitude"}]}
    """
  var seeds: [[UInt8]] = []
  for preprocessing in [nil, filtered, described] {
    let channels = ["x", "y"].map {
      "{\"name\": \"\($0)\", \"unit\": \"V\", \"mean\": 0, \"standard_deviation\": 1}"
    }
    let text = """
      {"rate_hz": 100, "window": 64, "hop": 32, "channels": [\(channels.joined(separator: ", "))]
       \(preprocessing.map { ", \"preprocessing\": " + $0 } ?? "")}
      """
    let contract = try ContractFile.decode(Data(text.utf8), file: "seed")
    let model = try Converter.contractModel(contract)
    if preprocessing != nil { seeds.append(model) }
    for hasPredictions in [false, true] {
      seeds.append(try ModelFile.settingBaseline(baseline(hasPredictions), of: model))
    }
  }
  return seeds
}

/// A baseline of drift windows of 16 samples, from a stream that a multiplication makes.
private func baseline(_ hasPredictions: Bool) throws -> BaselineBuilder {
  let samples = (1...2).map { channel in
    (0..<1600).map { Float(($0 &* 7919 &* channel) % 101) / 10 }
  }
  var series = ReferenceSeries(channelNames: ["x", "y"], samples: samples, rateHertz: 100)
  if hasPredictions {
    series.classCount = 3
    series.predictions = (0..<400).map {
      .init(sample: 4 * $0, classIndex: $0 % 3, confidence: Float($0 % 10) / 10)
    }
  }
  var options = BaselineOptions()
  options.windowSampleCount = 16
  return try BaselineBuilder(series, options: options)
}

/// Computes features and follows drift as the daemon does, in memory exactly as large as it should be.
func useFeaturesAndDrift(of model: borrowing Model) {
  if let plan = model.preprocessing { extract(plan) }
  if let baseline = model.baseline { follow(baseline) }
}

private func extract(_ plan: Preprocessing) {
  let byteCount = FeatureExtractor.byteCount(for: plan)
  guard byteCount <= largestMemory, work(of: plan) <= largestWork else { return }
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
  defer { memory.deallocate() }
  memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
  var extractor = FeatureExtractor(plan, memory: memory.mutableBytes)
  let count = extractor.featureCount
  var stored = 0
  extractor.extract { first, channel, chunk in
    for index in chunk.indices { chunk[index] = Float((first + index) * 13 % 29 - channel) }
  } _: { places, values in
    places.forEach { place, index in
      if place < 0 || place >= count { report("no such feature: \(place)") }
      if !values[index].isFinite { report("a feature is not finite") }
    }
    stored += places.count
  }
  if stored != count { report("\(stored) of \(count) features") }
}

private func work(of plan: Preprocessing) -> Double {
  var steps = Double(plan.windowLength * (1 + plan.filterCount) + plan.featureCount)
  for index in 0..<plan.blockCount {
    guard case .spectrum(let block) = plan.block(index) else { continue }
    let frames = block.frameCount(windowLength: plan.decimatedLength)
    // A value may take every bin of its frame.
    steps +=
      Double(frames) * Double(block.transformLength) * Double(12 + block.valuesPerFrame / 4)
  }
  return steps * Double(plan.channelCount)
}

private func follow(_ baseline: Baseline) {
  let byteCount = DriftMonitor.stateByteCount(for: baseline)
  guard byteCount <= largestMemory else { return }
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 16)
  defer { memory.deallocate() }
  var monitor = DriftMonitor(baseline, state: memory.mutableBytes)
  follow(&monitor, channelCount: baseline.channelCount)
  monitor.seal()
  let saved = monitor.stateBytes.withUnsafeBytes { Array($0) }
  restore(saved, &monitor)
}

private func follow(_ monitor: inout DriftMonitor, channelCount: Int) {
  for index in 0..<longestStream {
    for channel in 0..<channelCount {
      switch index % 23 {
      case 5: monitor.missing(channel)
      case 6: monitor.busErrors(channel, index)
      case 7: monitor.reading(channel, index % 2 == 0 ? .nan : .greatestFiniteMagnitude)
      default: monitor.reading(channel, index < 200 ? Float(index % 11) : 3)
      }
    }
    monitor.prediction(index % 5, confidence: Float(index % 12) / 10)
    _ = monitor.endSample(at: Double(index))
  }
}

private func restore(_ saved: [UInt8], _ monitor: inout DriftMonitor) {
  do {
    try monitor.restore(saved.span.bytes)
  } catch {
    report("a state is not one: \(error)")
  }
}
