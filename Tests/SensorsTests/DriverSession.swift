import Hardware
import Testing

@testable import Sensors

/// The whole life of a driver in a test: it starts, measures, and survives the failure of each of
/// its transfers.
struct DriverSession<Driver: SensorDriver> {
  /// As configured, before the start.
  var driver: Driver
  /// The transfers of a start, however many steps it takes.
  var start: [PlaybackBus.Step]
  /// The transfers of one trigger and read, however many times a read asks to be called again.
  var measurement: [PlaybackBus.Step]
  /// What the measurement must give.
  var expected: [Float]

  /// Starts, measures twice, and starts and measures again as after a failure.
  func expectReadings(sourceLocation: SourceLocation = #_sourceLocation) throws {
    var bus = PlaybackBus(
      start + measurement + measurement + start + measurement, sourceLocation: sourceLocation)
    var driver = driver
    try driver.startToReady(on: &bus)
    for _ in 0..<2 {
      #expect(
        try driver.measure(on: &bus).values(expected.count) == expected,
        sourceLocation: sourceLocation)
    }
    try driver.startToReady(on: &bus)
    #expect(
      try driver.measure(on: &bus).values(expected.count) == expected,
      sourceLocation: sourceLocation)
    bus.expectFinished()
  }

  /// Lets each transfer fail in turn: the error must come out unchanged and at once, after one in
  /// the start the next start begins anew, and after one in a measurement the driver can be
  /// started or (`remeasures`) just asked again.
  ///
  /// - Parameter tolerated: Transfers of the measurement whose failure is an answer, by index.
  func expectEveryFailureSurvived(
    remeasures: Bool = true, tolerated: Set<Int> = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let failure = BusError(.timeout, code: 110)
    for index in start.indices {
      var broken = Array(start[...index])
      broken[index] = broken[index].failing(failure)
      var bus = PlaybackBus(broken + start + measurement, sourceLocation: sourceLocation)
      var driver = driver
      #expect(
        throws: SensorError.bus(failure), "step \(index) of the start",
        sourceLocation: sourceLocation
      ) { try driver.startToReady(on: &bus) }
      #expect(bus.position == index + 1, sourceLocation: sourceLocation)
      try expectAlive(&driver, on: &bus, starting: true, sourceLocation)
    }
    for index in measurement.indices where !tolerated.contains(index) {
      for restarts in remeasures ? [true, false] : [true] {
        var broken = Array(measurement[...index])
        broken[index] = broken[index].failing(failure)
        var bus = PlaybackBus(
          start + broken + (restarts ? start : []) + measurement, sourceLocation: sourceLocation)
        var driver = driver
        try driver.startToReady(on: &bus)
        #expect(
          throws: SensorError.bus(failure), "step \(index) of the measurement",
          sourceLocation: sourceLocation
        ) { try driver.measure(on: &bus) }
        try expectAlive(&driver, on: &bus, starting: restarts, sourceLocation)
      }
    }
  }

  private func expectAlive(
    _ driver: inout Driver, on bus: inout PlaybackBus, starting: Bool,
    _ sourceLocation: SourceLocation
  ) throws {
    if starting { try driver.startToReady(on: &bus) }
    #expect(
      try driver.measure(on: &bus).values(expected.count) == expected,
      sourceLocation: sourceLocation)
    bus.expectFinished()
  }
}

extension SensorDriver {
  /// Calls `start` until the device measures.
  ///
  /// - Returns: The nanoseconds the driver asked to wait between its steps.
  @discardableResult
  mutating func startToReady(on bus: inout PlaybackBus) throws -> [UInt64] {
    var waits: [UInt64] = []
    while waits.count < 100 {
      switch try start(on: &bus) {
      case .ready: return waits
      case .wait(let nanoseconds): waits.append(nanoseconds)
      }
    }
    Issue.record("the start does not end")
    return waits
  }

  /// Triggers, and reads until the reading is there.
  mutating func measure(on bus: inout PlaybackBus) throws -> Reading {
    var reading = Reading()
    try trigger(on: &bus)
    for _ in 0..<100 {
      switch try read(on: &bus, into: &reading) {
      case .reading, .readingAndMore: return reading
      case .wait: continue
      case .nothingNew:
        Issue.record("nothing new")
        return reading
      }
    }
    Issue.record("the read does not end")
    return reading
  }

  /// Takes a setting written as text.
  mutating func set(_ option: String, _ value: String) -> SensorOptionResult {
    let option = Array(option.utf8)
    let value = Array(value.utf8)
    return set(option.span, to: value.span)
  }

  /// The driver with a setting that it must know and take.
  func with(
    _ option: String, _ value: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> Self {
    var driver = self
    let result = driver.set(option, value)
    #expect(result.isTaken, "\(option) = \(value)", sourceLocation: sourceLocation)
    return driver
  }

  /// Names and units, such as `temperature °C`.
  var quantityNames: [String] {
    let quantities = quantities
    return (0..<quantities.count).map { index in
      String {
        quantities.appendName(index, to: &$0)
        $0.append(" ")
        $0.append(quantities[index].unit.bytes)
      }
    }
  }
}

extension SensorOptionResult {
  var isTaken: Bool {
    if case .taken = self { true } else { false }
  }

  var isUnknown: Bool {
    if case .unknown = self { true } else { false }
  }

  /// What is known, where the value was refused.
  var known: String? {
    if case .badValue(let known) = self { "\(known)" } else { nil }
  }
}

extension Reading {
  func values(_ count: Int) -> [Float] { (0..<count).map { self[$0] } }
}
