import Hardware
import Testing

@testable import Sensors

@Suite struct EchoRangerTests {
  /// Sends at 1 s and reads the echo edges, in microseconds.
  func distance(
    _ edges: [UInt64], from level: Bool = false, celsius: Float = 20, maximum: String = "4"
  ) throws -> Float? {
    var ranger = EchoRanger()
    ranger.airCelsius = celsius
    #expect(ranger.set("maximum-distance", maximum).isTaken)
    try send(&ranger)
    var line = ScriptedLine(toggling: edges, from: level)
    var reading = Reading()
    return try ranger.read(from: &line, into: &reading) == .reading ? reading[0] : nil
  }

  func send(_ ranger: inout EchoRanger) throws {
    var output = ScriptedOutput()
    var now: UInt64 = 1_000_000_000 - 12_000
    try ranger.trigger(on: &output) {
      now += 1_000
      return now
    }
    #expect(output.written == [true, false])
    #expect(now == 1_000_000_000)
  }

  @Test(arguments: [(0, 331.3), (20, 343.21), (-40, 306.08), (50, 360.33)])
  func `half the way sound goes at a temperature`(celsius: Double, speed: Double) throws {
    let metres = try #require(
      try distance([1_000_500, 1_010_500], celsius: Float(celsius)))
    #expect(abs(Double(metres) - 0.005 * speed) < 1e-4)
  }

  @Test func `the trigger lasts at least 10 µs and ends on a clock that stands still`() throws {
    var ranger = EchoRanger()
    var output = ScriptedOutput()
    var moments: [UInt64] = [5_000, 8_000, 14_999, 15_000, 15_100]
    try ranger.trigger(on: &output) { moments.removeFirst() }
    #expect(output.written == [true, false])
    #expect(moments.isEmpty)
    output.written = []
    try ranger.trigger(on: &output) { 7 }
    #expect(output.written == [true, false])
  }

  @Test func `no edge at all is a missing echo`() {
    #expect(throws: SensorError.noEcho) { try distance([]) }
  }

  @Test func `an echo without an end, too near or too far is out of range`() {
    #expect(throws: SensorError.outOfRange) { try distance([1_000_500]) }
    #expect(throws: SensorError.outOfRange) { try distance([1_000_500, 1_000_600]) }
    #expect(throws: SensorError.outOfRange) { try distance([1_000_500, 1_038_500]) }
    #expect(throws: SensorError.outOfRange) {
      try distance([1_000_500, 1_010_500], maximum: "1.5")
    }
  }

  @Test func `the end of an earlier echo and sound from elsewhere are passed over`() throws {
    // Active since before the pulse, inactive just after it: not this echo's beginning.
    let metres = try #require(
      try distance([990_000, 1_000_100, 1_000_500, 1_010_500, 1_020_000, 1_021_000]))
    #expect(abs(metres - 1.716) < 1e-3)
    #expect(throws: SensorError.noEcho) { try distance([990_000, 1_000_100]) }
  }

  @Test func `without a trigger there is nothing new, and a failed one counts as none`() throws {
    var ranger = EchoRanger()
    var line = ScriptedLine(toggling: [1_000, 2_000])
    var reading = Reading()
    #expect(try ranger.read(from: &line, into: &reading) == .nothingNew)
    #expect(line.edges.isEmpty)
    var output = ScriptedOutput()
    output.failure = BusError(.other, code: 5)
    #expect(throws: SensorError.bus(BusError(.other, code: 5))) {
      try ranger.trigger(on: &output) { 0 }
    }
    #expect(try ranger.read(from: &line, into: &reading) == .nothingNew)
    // One echo a pulse.
    try send(&ranger)
    line.toggle([1_000_500, 1_010_500])
    #expect(try ranger.read(from: &line, into: &reading) == .reading)
    #expect(try ranger.read(from: &line, into: &reading) == .nothingNew)
  }

  @Test func `a failing echo line is an error and ends the measurement`() throws {
    var ranger = EchoRanger()
    try send(&ranger)
    var line = ScriptedLine(toggling: [1_000_500, 1_010_500])
    line.failure = BusError(.other, code: 5)
    var reading = Reading()
    #expect(throws: SensorError.bus(BusError(.other, code: 5))) {
      try ranger.read(from: &line, into: &reading)
    }
    line.failure = nil
    #expect(try ranger.read(from: &line, into: &reading) == .nothingNew)
  }

  @Test func `the time to wait covers the way there and back`() throws {
    var ranger = EchoRanger()
    // 8 m at 343.2 m/s, and 2 ms.
    #expect((25_000_000...26_000_000).contains(ranger.conversionNanoseconds))
    for (option, value) in [
      ("temperature", "-61"), ("temperature", "warm"), ("maximum-distance", "0"),
      ("maximum-distance", "11"),
    ] {
      #expect(ranger.set(option, value).known != nil)
    }
    #expect(ranger.set("window", "1s").isUnknown)
  }
}

extension EchoRanger {
  /// A setting written as text.
  mutating func set(_ option: String, _ value: String) -> SensorOptionResult {
    let option = Array(option.utf8)
    let value = Array(value.utf8)
    return set(option.span, to: value.span)
  }
}

@Suite struct SwitchedOutputTests {
  @Test func `writes only what changes`() throws {
    var output = SwitchedOutput()
    var line = ScriptedOutput()
    #expect(try output.matches(&line))
    for level in [false, false, true, true, false] { try output.drive(level, on: &line) }
    #expect(line.written == [false, true, false])
    #expect(output.intended == false)
  }

  @Test func `a level that could not be set is meant, and set with the next call`() throws {
    var output = SwitchedOutput()
    var line = ScriptedOutput()
    line.failure = BusError(.notPermitted, code: 1)
    #expect(throws: SensorError.bus(BusError(.notPermitted, code: 1))) {
      try output.drive(true, on: &line)
    }
    #expect(output.intended == true)
    line.failure = nil
    #expect(try output.drive(true, on: &line))
    #expect(line.written == [true])
  }

  @Test func `a line that is not as it was meant is found`() throws {
    var output = SwitchedOutput()
    var line = ScriptedOutput()
    try output.drive(true, on: &line)
    #expect(try output.matches(&line))
    line.forced = false
    #expect(try !output.matches(&line))
    line.failure = BusError(.other, code: 5)
    #expect(throws: SensorError.bus(BusError(.other, code: 5))) { try output.matches(&line) }
  }
}
