import Acquisition
import Conversion
import Drift
import Foundation
import Inference
import ModelFormat
import Pipeline
import TestSupport
import Testing

@Suite("The watch for drift in the pipeline")
struct DriftWatchTests {
  private static let channelCount = 6
  private static let window = 100

  /// The sample model with a baseline of independent samples around 0, drift windows of 10 s.
  private static let bytes: [UInt8] = {
    do {
      var generator = SeededGenerator(seed: 41)
      let samples = (0..<channelCount).map { _ in
        (0..<20_000).map { _ in Float.random(in: -2...2, using: &generator) }
      }
      let series = ReferenceSeries(
        channelNames: (0..<channelCount).map { "channel \($0)" }, samples: samples, rateHertz: 10)
      var options = BaselineOptions()
      options.windowSampleCount = window
      return try ModelFile.settingBaseline(
        BaselineBuilder(series, options: options), of: SampleModel.bytes)
    } catch {
      fatalError("the sample model takes no baseline: \(error)")
    }
  }()

  private static func withPipeline<Result>(
    _ body: (inout PredictionPipeline) throws -> Result
  ) throws -> Result {
    try withMemory(bytes.count) { file in
      file.copyBytes(from: bytes)
      let model = try Model(UnsafeRawBufferPointer(file).bytes)
      return try withMemory(Engine.memoryByteCount(for: model)) { arena in
        try withMemory(PredictionPipeline.memoryByteCount(for: model)) { ring in
          let engine = try Engine(model, arena: arena.mutableBytes)
          var pipeline = PredictionPipeline(model, engine: engine, memory: ring.mutableBytes)
          return try body(&pipeline)
        }
      }
    }
  }

  private static func withMemory<Result>(
    _ byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { memory.deallocate() }
    return try body(memory)
  }

  /// Samples as the reference's, shifted in the first channel.
  private static func feed(
    _ pipeline: inout PredictionPipeline, _ count: Int, shift: Float = 0, from time: Double
  ) {
    var generator = SeededGenerator(seed: 7)
    var sample = Sample()
    for index in 0..<count {
      for channel in 0..<channelCount {
        sample[channel] =
          Float.random(in: -2...2, using: &generator) + (channel == 0 ? shift : 0)
        sample[quality: channel] = .ok
      }
      _ = pipeline.accept(sample, at: time + Double(index) / 10)
    }
  }

  private static func alarm(_ pipeline: borrowing PredictionPipeline) -> DriftAlarm? {
    var alarm: DriftAlarm?
    pipeline.withMonitor { alarm = $0.alarm }
    return alarm
  }

  private static func state(_ pipeline: inout PredictionPipeline) -> [UInt8] {
    pipeline.sealMonitor()
    var bytes: [UInt8] = []
    pipeline.withMonitor { bytes = $0.stateBytes.withUnsafeBytes { Array($0) } }
    return bytes
  }

  @Test("takes failing reads of a sensor for its fault")
  func busErrors() throws {
    try Self.withPipeline { pipeline in
      // As often as a bus hiccups: nothing to tell.
      pipeline.noteBusErrors(2, channel: 3)
      Self.feed(&pipeline, Self.window, from: 1000)
      let isUp = pipeline.hasDriftAlarm
      #expect(!isUp)
      for _ in 0..<6 { pipeline.noteBusErrors(1, channel: 3) }
      Self.feed(&pipeline, Self.window, from: 2000)
      let up = Self.alarm(pipeline)
      let alarm = try #require(up)
      #expect(alarm.verdict == .sensor)
      #expect(alarm.fault == .busErrors)
      #expect(alarm.subject == .channel(3))
    }
  }

  @Test("has the alarm of the run before at once, and goes on with its open window")
  func restored() throws {
    let (saved, expected) = try Self.withPipeline { pipeline in
      Self.feed(&pipeline, Self.window, shift: 3, from: 1000)
      let isUp = pipeline.hasDriftAlarm
      #expect(isUp)
      Self.feed(&pipeline, 40, from: 1010)
      let saved = Self.state(&pipeline)
      Self.feed(&pipeline, 60, from: 1020)
      return (saved, Self.state(&pipeline))
    }
    try Self.withPipeline { pipeline in
      let wasUp = pipeline.hasDriftAlarm
      #expect(!wasUp)
      try pipeline.restoreMonitor(saved.span.bytes, at: 1015)
      let isUp = pipeline.hasDriftAlarm
      #expect(isUp)
      Self.feed(&pipeline, 60, from: 1020)
      let index = Self.windowIndex(pipeline)
      #expect(index == 2)
      // The model's own window began anew, so predictions differ; the channels do not.
      let state = Self.state(&pipeline)
      #expect(state[3072...].elementsEqual(expected[3072...]))
    }
  }

  @Test("forgets a window that was open long ago, and keeps the alarm")
  func longAway() throws {
    let saved = try Self.withPipeline { pipeline in
      Self.feed(&pipeline, Self.window + 99, shift: 3, from: 1000)
      return Self.state(&pipeline)
    }
    for (now, index) in [(1025.0, 2), (90_000, 1), (0, 2)] {
      try Self.withPipeline { pipeline in
        try pipeline.restoreMonitor(saved.span.bytes, at: now)
        let isUp = pipeline.hasDriftAlarm
        #expect(isUp)
        Self.feed(&pipeline, 1, from: now)
        let found = Self.windowIndex(pipeline)
        #expect(found == index, "restored at \(now)")
      }
    }
  }

  private static func windowIndex(_ pipeline: borrowing PredictionPipeline) -> Int {
    var index = 0
    pipeline.withMonitor { index = Int($0.windowIndex) }
    return index
  }
}
