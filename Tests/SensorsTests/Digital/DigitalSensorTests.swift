import Hardware
import Testing

@testable import Sensors

extension DigitalSensor {
  /// A setting written as text.
  mutating func set(_ option: String, _ value: String) -> SensorOptionResult {
    let option = Array(option.utf8)
    let value = Array(value.utf8)
    return set(option.span, to: value.span)
  }

  /// The reading at a moment, in milliseconds; `nil` when there is nothing to say.
  mutating func value(of line: inout ScriptedLine, at milliseconds: UInt64) throws -> [Float]? {
    var reading = Reading()
    let progress = try read(from: &line, at: milliseconds * 1_000_000, into: &reading)
    return progress == .reading ? reading.values(quantities.count) : nil
  }
}

@Suite struct LevelSensorTests {
  @Test func `gives the level as it is`() throws {
    var sensor = LevelSensor()
    var line = ScriptedLine(from: true)
    #expect(try sensor.value(of: &line, at: 0) == [1])
    line.toggle([1_000, 1_200, 1_400])
    #expect(try sensor.value(of: &line, at: 2) == [0])
    #expect(line.edges.isEmpty)
  }

  @Test func `a debounced level follows once it has lasted, with edges or without`() throws {
    for hasEdges in [true, false] {
      var sensor = LevelSensor()
      #expect(sensor.set("debounce", "5ms").isTaken)
      var line = ScriptedLine()
      #expect(try sensor.value(of: &line, at: 0) == [0])
      line.toggle([10_000])
      if !hasEdges { line.edges = [] }
      #expect(try sensor.value(of: &line, at: 10) == [0])
      #expect(try sensor.value(of: &line, at: 14) == [0])
      #expect(try sensor.value(of: &line, at: 15) == [1])
    }
  }

  @Test func `changes are kept with their times where they are to be logged`() throws {
    var silent = LevelSensor()
    var sensor = LevelSensor()
    #expect(sensor.set("log-edges", "maybe").known != nil)
    #expect(sensor.set("log-edges", "yes").isTaken)
    #expect(sensor.logsEdges && !silent.logsEdges)
    var line = ScriptedLine()
    line.toggle([1_000, 1_200])
    var other = line
    try silent.collect(from: &other, at: 2_000_000)
    try sensor.collect(from: &line, at: 2_000_000)
    var none = silent.takeEdge()
    #expect(none == nil)
    var entries = [sensor.takeEdge(), sensor.takeEdge()]
    #expect(entries.map { $0?.edge.level } == [true, false])
    #expect(entries.map { $0?.edge.nanoseconds } == [1_000_000, 1_200_000])
    none = sensor.takeEdge()
    #expect(none == nil)

    // What has no room is counted by the next change that has.
    line.toggle((0..<11).map { 3_000 + 100 * $0 })
    try sensor.collect(from: &line, at: 5_000_000)
    entries = (0..<EdgeQueue.capacity).map { _ in sensor.takeEdge() }
    #expect(entries.map { $0?.leftOut } == Array(repeating: 0, count: EdgeQueue.capacity))
    #expect(entries.map { $0?.edge.nanoseconds } == (0..<8).map { 3_000_000 + 100_000 * $0 })
    none = sensor.takeEdge()
    #expect(none == nil)
    line.toggle([6_000])
    try sensor.collect(from: &line, at: 7_000_000)
    let next = sensor.takeEdge()
    #expect(next?.leftOut == 3)
  }

  @Test func `a failing line is an error, settings are checked`() throws {
    var sensor = LevelSensor()
    var line = ScriptedLine()
    line.failure = BusError(.missingBus, code: 19)
    #expect(throws: SensorError.bus(BusError(.missingBus, code: 19))) {
      try sensor.value(of: &line, at: 0)
    }
    line.failure = nil
    #expect(try sensor.value(of: &line, at: 1) == [0])
    for text in ["5", "ms", "5 ms", "-5ms", "5h", "0x5ms", "1.5s", ""] {
      #expect(sensor.set("debounce", text).known != nil, "\(text)")
    }
    #expect(sensor.set("debounce", "0ms").isTaken)
    #expect(sensor.set("edge", "both").isUnknown)
  }
}

@Suite struct PulseCounterTests {
  @Test func `counts since the last reading and in all`() throws {
    var counter = PulseCounter()
    var line = ScriptedLine(toggling: [10, 20, 30, 40, 50])
    #expect(try counter.value(of: &line, at: 1) == [3, 3])
    #expect(try counter.value(of: &line, at: 2) == [0, 3])
    line.toggle([2_100, 2_200])
    #expect(try counter.value(of: &line, at: 3) == [1, 4])
  }

  @Test(arguments: [("active", 2), ("inactive", 1), ("both", 3)])
  func `counts the changes it is told to`(edge: String, count: Float) throws {
    var counter = PulseCounter()
    #expect(counter.set("edge", edge).isTaken)
    var line = ScriptedLine(toggling: [10, 20, 30])
    #expect(try counter.value(of: &line, at: 1) == [count, count])
    #expect(counter.set("edge", "rising").known == "active inactive both")
  }

  @Test func `a bouncing gauge counts once a pulse`() throws {
    var counter = PulseCounter()
    #expect(counter.set("debounce", "10ms").isTaken)
    var line = ScriptedLine()
    _ = try counter.value(of: &line, at: 0)
    // Pressed at 100 ms, released at 200 ms, each bouncing for 4 ms; and again at 300.
    line.toggle([100, 101, 102, 103, 104].map { $0 * 1_000 })
    line.toggle([200, 201, 202, 203, 204].map { $0 * 1_000 })
    #expect(try counter.value(of: &line, at: 205) == [1, 1])
    line.toggle([300_000])
    #expect(try counter.value(of: &line, at: 309) == [0, 1])
    #expect(try counter.value(of: &line, at: 310) == [1, 2])
  }

  @Test func `the total begins again where numbers would no longer differ`() throws {
    var counter = PulseCounter(total: 0xFF_FFFE)
    var line = ScriptedLine(toggling: [10, 20])
    #expect(try counter.value(of: &line, at: 1) == [1, 16_777_215])
    line.toggle([1_010, 1_020, 1_030])
    #expect(try counter.value(of: &line, at: 2) == [2, 1])
  }

  @Test func `an oscillating line is taken in portions and nothing is lost`() throws {
    var counter = PulseCounter()
    var line = ScriptedLine(toggling: (1...5_000).map { UInt64($0) })
    var total: Float = 0
    var readings = 0
    while !line.edges.isEmpty {
      total = try #require(try counter.value(of: &line, at: 10))[1]
      readings += 1
    }
    #expect(total == 2_500)
    #expect(readings == 5)
  }
}

@Suite struct FrequencyMeterTests {
  /// A line that pulses with a period, in microseconds, for so many periods.
  func pulses(from start: UInt64, period: UInt64, count: UInt64) -> [UInt64] {
    (0..<count).flatMap { [start + $0 * period, start + $0 * period + period / 2] }
  }

  @Test func `whole periods over at least a window`() throws {
    var meter = FrequencyMeter()
    var line = ScriptedLine()
    #expect(try meter.value(of: &line, at: 0) == nil)
    // 40 Hz from 100 ms on.
    line.toggle(pulses(from: 100_000, period: 25_000, count: 80))
    #expect(try meter.value(of: &line, at: 2_100) == [40])
  }

  @Test func `resolves better than a pulse a window`() throws {
    var meter = FrequencyMeter()
    #expect(meter.set("window", "100ms").isTaken)
    // 33.333 Hz: three pulses in 100 ms, but the timestamps say more.
    var line = ScriptedLine(toggling: pulses(from: 0, period: 30_000, count: 8))
    let value = try #require(try meter.value(of: &line, at: 215))[0]
    #expect(abs(value - 33.333_332) < 1e-5)
  }

  @Test func `a window grows until it has a period`() throws {
    var meter = FrequencyMeter()
    var line = ScriptedLine(toggling: [0, 1])
    #expect(try meter.value(of: &line, at: 1_000) == nil)
    line.toggle([4_000_000])
    #expect(try meter.value(of: &line, at: 4_000) == [0.25])
  }

  @Test func `falls as pulses stay away, and to nothing after the timeout`() throws {
    var meter = FrequencyMeter()
    var line = ScriptedLine(toggling: pulses(from: 0, period: 100_000, count: 21))
    #expect(try meter.value(of: &line, at: 2_010) == [10])
    // The last pulse was at 2 s.
    #expect(try meter.value(of: &line, at: 2_100) == [10])
    #expect(try meter.value(of: &line, at: 2_500) == [2])
    #expect(try meter.value(of: &line, at: 6_000) == [0.25])
    #expect(try meter.value(of: &line, at: 6_999) != [0])
    #expect(try meter.value(of: &line, at: 7_000) == [0])
    #expect(try meter.value(of: &line, at: 90_000) == [0])
    // And up again; the silence is not part of the measurement.
    line.toggle(pulses(from: 100_000_000, period: 50_000, count: 41))
    #expect(try meter.value(of: &line, at: 102_001) == [20])
  }

  @Test func `a line that never moves is 0 after the timeout`() throws {
    var meter = FrequencyMeter()
    #expect(meter.set("timeout", "2s").isTaken)
    var line = ScriptedLine()
    #expect(try meter.value(of: &line, at: 1_000) == nil)
    #expect(try meter.value(of: &line, at: 2_999) == nil)
    #expect(try meter.value(of: &line, at: 3_000) == [0])
  }

  @Test func `pulses further apart than the timeout are silence with single pulses`() throws {
    var meter = FrequencyMeter()
    var line = ScriptedLine(toggling: [0, 1])
    #expect(try meter.value(of: &line, at: 10_000) == [0])
    line.toggle([20_000_000, 20_000_001])
    #expect(try meter.value(of: &line, at: 20_001) == [0])
    line.toggle([40_000_000])
    #expect(try meter.value(of: &line, at: 40_001) == [0])
    // Far apart, and late in the life of the clock.
    line.toggle([9_000_000_000_000_000])
    #expect(try meter.value(of: &line, at: 9_000_000_000_001) == [0])
  }

  @Test func `two edges of the same moment and edges out of order do no harm`() throws {
    var meter = FrequencyMeter()
    #expect(meter.set("window", "1us").isTaken)
    var line = ScriptedLine(toggling: [100, 100, 100, 100, 50, 50])
    #expect(try meter.value(of: &line, at: 1) == nil)
    line.toggle([1_000, 1_010, 2_000])
    #expect(try meter.value(of: &line, at: 2) == [Float(2e9 / 1_950e3)])
    #expect(meter.set("window", "0s").known != nil)
    #expect(meter.set("timeout", "fast").known != nil)
    #expect(meter.set("edge", "both").isUnknown)
  }
}
