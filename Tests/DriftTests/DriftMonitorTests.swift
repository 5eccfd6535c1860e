import Conversion
import Drift
import ModelFormat
import Testing

@Suite("The drift monitor")
struct DriftMonitorTests {
  private static let reference = LinearCongruence.autoregression(
    seed: 3, count: 40_000, correlation: 0.5, mean: 20)

  @Test("gives a window the statistics of its samples")
  func statistics() throws {
    let harness = try MonitorHarness([Self.reference], window: 400)
    let window = LinearCongruence.autoregression(
      seed: 8, count: 400, correlation: 0.5, mean: 20.5)
    try harness.run { monitor in
      for (index, value) in window.enumerated() {
        let event = monitor.take(value, at: 1000 + Double(index))
        #expect(event.windowEnded == (index == 399))
      }
      let mean = window.reduce(0) { $0 + Double($1) } / 400
      let variance = window.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 400
      let summary = monitor.summary(ofChannel: 0)
      #expect(abs(summary.mean - mean) < 1e-9)
      #expect(abs(summary.standardDeviation - variance.squareRoot()) < 1e-9)
      #expect(summary.minimum == window.min())
      #expect(summary.maximum == window.max())
      #expect(summary.count == 400)
      #expect(summary.missingCount == 0)
      #expect(monitor.windowStart == 1000)
      #expect(monitor.windowEnd == 1399)
      #expect((0..<10).reduce(0) { $0 + monitor.count($1, ofChannel: 0) } == 400)
    }
  }

  @Test("raises an alarm for a shift once, explains it, and clears it after three quiet windows")
  func hysteresis() throws {
    let harness = try MonitorHarness([Self.reference], window: 400)
    try harness.run { monitor in
      var changes: [DriftEvent.Change] = []
      let quiet = LinearCongruence.autoregression(
        seed: 21, count: 40 * 400, correlation: 0.5, mean: 20)
      for window in 0..<40 {
        for index in 0..<400 {
          let offset: Float = (10..<20).contains(window) ? 1 : 0
          let event = monitor.take(quiet[400 * window + index] + offset)
          if event.windowEnded { changes.append(event.change) }
        }
        if window == 12 {
          let up = monitor.alarm
          let alarm = try #require(up)
          #expect(alarm.subject == .channel(0))
          #expect(alarm.verdict == .world)
          #expect(alarm.value > Double(alarm.threshold.upper))
        }
      }
      #expect(changes.filter { $0 == .raised }.count == 1)
      #expect(changes[10] == .raised)
      #expect(changes.filter { $0 == .cleared }.count == 1)
      #expect(changes[22] == .cleared)
      #expect(monitor.alarmCount == 1)
    }
  }

  @Test("goes on from saved bytes as if nothing had happened, at any sample")
  func restore() throws {
    let predictions = (0..<4000).map {
      ReferenceSeries.Prediction(
        sample: 10 * $0, classIndex: $0 % 7 % 3, confidence: 0.6 + 0.05 * Float($0 % 8))
    }
    let harness = try MonitorHarness([Self.reference], window: 400, predictions: predictions)
    let other = try MonitorHarness([Self.reference], window: 400, predictions: predictions)
    let stream = LinearCongruence.autoregression(seed: 4, count: 3000, correlation: 0.5, mean: 21)
    func feed(_ monitor: inout DriftMonitor, _ range: Range<Int>) {
      for index in range {
        monitor.reading(0, stream[index])
        if index % 10 == 9 { monitor.prediction(index % 3, confidence: 0.5) }
        _ = monitor.endSample(at: Double(index))
      }
    }
    func bytes(_ monitor: inout DriftMonitor) -> [UInt8] {
      monitor.seal()
      return monitor.stateBytes.withUnsafeBytes { Array($0) }
    }
    let whole = try harness.run { monitor in
      feed(&monitor, 0..<3000)
      return bytes(&monitor)
    }
    for cut in [1, 399, 400, 401, 1203, 2999] {
      let saved = try harness.run { monitor in
        feed(&monitor, 0..<cut)
        return bytes(&monitor)
      }
      let continued = try other.run { monitor in
        try monitor.restore(saved.span.bytes)
        feed(&monitor, cut..<3000)
        return bytes(&monitor)
      }
      #expect(continued == whole, "cut at \(cut)")
    }
    // What channels keep, behind 3,072 bytes of header and scalars, depends on no threshold: these are
    // the bytes on every processor, for doubles are added in one order and nothing is fused.
    let channels = checksum(Array(whole[3072...]))
    #expect(channels == 7_534_454_850_705_698_006, "state \(channels)")
  }

  @Test("refuses every damaged state and stays usable")
  func damage() throws {
    let harness = try MonitorHarness([Self.reference], window: 400)
    let saved = try harness.run { monitor in
      for value in LinearCongruence.autoregression(seed: 5, count: 900, correlation: 0.5, mean: 24)
      {
        monitor.take(value)
      }
      #expect(monitor.isAlarmed == true)
      monitor.seal()
      return monitor.stateBytes.withUnsafeBytes { Array($0) }
    }
    try harness.run { monitor in
      for offset in saved.indices {
        var damaged = saved
        damaged[offset] ^= 0x41
        #expect(throws: DriftStateError.self) { try monitor.restore(damaged.span.bytes) }
      }
      for count in [0, 3, 23, 24, saved.count - 1] {
        #expect(throws: DriftStateError.self) {
          try monitor.restore(Array(saved.prefix(count)).span.bytes)
        }
      }
      #expect(monitor.windowIndex == 0)
      try monitor.restore(saved.span.bytes)
      #expect(monitor.isAlarmed == true)
      #expect(monitor.windowIndex == 2)
    }
    let other = try MonitorHarness([Self.reference], window: 800)
    try other.run { monitor in
      #expect(throws: DriftStateError.otherBaseline) { try monitor.restore(saved.span.bytes) }
    }
  }

  @Test("calls a stuck, a clipped and a dropping channel a sensor fault")
  func faults() throws {
    let second = LinearCongruence.autoregression(seed: 6, count: 40_000, correlation: 0.5)
    let harness = try MonitorHarness([Self.reference, second], window: 400)
    let stream = LinearCongruence.autoregression(seed: 9, count: 800, correlation: 0.5)
    let injected: [(fault: SensorFault, change: (Int, Float) -> Float?)] = [
      (.stuck, { _, _ in 0.25 }), (.clipped, { _, value in min(value, 0.5) }),
      (.dropped, { index, value in index % 3 == 0 ? nil : value }),
      (.dropped, { _, _ in Float.nan }),
    ]
    for (fault, change) in injected {
      try harness.run { monitor in
        for index in 0..<400 {
          monitor.take(stream[index + 400] + 20, change(index, stream[index]))
        }
        let up = monitor.alarm
        let alarm = try #require(up, "\(fault)")
        #expect(alarm.verdict == .sensor)
        #expect(alarm.fault == fault)
        #expect(alarm.subject == .channel(1))
        #expect(monitor.summary(ofChannel: 0).fault == .none)
      }
    }
    try harness.run { monitor in
      monitor.busErrors(0, 40)
      for index in 0..<400 { monitor.take(stream[index] + 20, stream[index + 400]) }
      #expect(monitor.alarm?.fault == .busErrors)
    }
  }

  @Test("goes on blaming a sensor while its fault fades, and the world when that is what stays")
  func fadingFault() throws {
    let second = LinearCongruence.autoregression(seed: 6, count: 40_000, correlation: 0.5)
    let harness = try MonitorHarness([Self.reference, second], window: 400)
    let stream = LinearCongruence.autoregression(seed: 12, count: 12 * 400, correlation: 0.5)
    try harness.run { monitor in
      var verdicts: [DriftVerdict?] = []
      var changes: [DriftEvent.Change] = []
      for index in 0..<(12 * 400) {
        // Stuck for two windows and a half, then back with an offset that stays.
        let isStuck = (400..<1400).contains(index)
        let second = isStuck ? 2 : stream[index] + (index < 400 ? 0 : 2)
        let event = monitor.take(stream[(index + 2000) % 4800] + 20, second)
        if event.windowEnded {
          verdicts.append(monitor.alarm?.verdict)
          changes.append(event.change)
        }
      }
      #expect(verdicts.prefix(7) == [nil, .sensor, .sensor, .sensor, .sensor, .sensor, .sensor])
      #expect(verdicts.dropFirst(7).allSatisfy { $0 == .world }, "\(verdicts)")
      #expect(changes.filter { $0 == .raised }.count == 1)
      #expect(changes[7] == .updated)
    }
  }

  @Test("blames the model when predictions move alone")
  func model() throws {
    var generator = LinearCongruence(seed: 77)
    func predict(_ threshold: Double) -> (Int, Float) {
      (generator.uniform() < threshold ? 0 : 1, Float(0.7 + 0.2 * generator.uniform()))
    }
    let predictions = (0..<10_000).map { index in
      let (classIndex, confidence) = predict(0.5)
      return ReferenceSeries.Prediction(
        sample: 4 * index, classIndex: classIndex, confidence: confidence)
    }
    let harness = try MonitorHarness([Self.reference], window: 800, predictions: predictions)
    let stream = LinearCongruence.autoregression(seed: 10, count: 3200, correlation: 0.5, mean: 20)
    try harness.run { monitor in
      for index in 0..<3200 {
        if index % 4 == 0 {
          let (classIndex, confidence) = predict(index < 1600 ? 0.5 : 0.95)
          monitor.prediction(classIndex, confidence: confidence)
        }
        monitor.take(stream[index])
        if index == 1599 { #expect(monitor.isAlarmed == false) }
      }
      let up = monitor.alarm
      let alarm = try #require(up)
      #expect(alarm.verdict == .model)
      #expect(alarm.subject == .classes)
    }
  }

  /// CRC-32 would do; this needs no import. FNV-1a.
  private func checksum(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
