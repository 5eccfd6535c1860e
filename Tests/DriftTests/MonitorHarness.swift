import Conversion
import Drift
import ModelFormat

/// A monitor of a baseline, with memory of its own.
final class MonitorHarness {
  let section: [UInt8]
  private let file: UnsafeMutableRawBufferPointer
  private let memory: UnsafeMutableRawBufferPointer

  init(_ section: [UInt8]) throws {
    self.section = section
    file = .allocate(byteCount: section.count, alignment: 16)
    file.copyBytes(from: section)
    let baseline = try Baseline(UnsafeRawBufferPointer(file).bytes)
    memory = .allocate(byteCount: DriftMonitor.stateByteCount(for: baseline), alignment: 16)
  }

  convenience init(
    _ samples: [[Float]], window: Int? = nil, predictions: [ReferenceSeries.Prediction] = []
  ) throws {
    var series = ReferenceSeries(
      channelNames: samples.indices.map { "channel \($0)" }, samples: samples, rateHertz: 1)
    series.predictions = predictions
    series.classCount = predictions.isEmpty ? 0 : 3
    var options = BaselineOptions()
    options.windowSampleCount = window
    try self.init(BaselineBuilder(series, options: options).section(modelCheck: 0))
  }

  func run<Result>(_ body: (inout DriftMonitor) throws -> Result) throws -> Result {
    let baseline = try Baseline(UnsafeRawBufferPointer(file).bytes)
    var monitor = DriftMonitor(baseline, state: memory.mutableBytes)
    return try body(&monitor)
  }

  deinit {
    file.deallocate()
    memory.deallocate()
  }
}

extension DriftMonitor {
  /// Feeds one sample of every channel.
  @discardableResult
  mutating func take(_ values: Float?..., at time: Double = 0) -> DriftEvent {
    for (channel, value) in values.enumerated() {
      if let value { reading(channel, value) } else { missing(channel) }
    }
    return endSample(at: time)
  }
}
