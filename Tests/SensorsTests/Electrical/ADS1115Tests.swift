import Hardware
import Testing

@testable import Sensors

/// Traffic written after the datasheet SBAS444.
@Suite struct ADS1115Tests {
  let device = Traffic(0x48)
  var driver: ADS1115 { ADS1115(address: device.address) }

  func write(_ value: UInt16) -> PlaybackBus.Step {
    device.write(0x01, UInt8(value >> 8), UInt8(value & 0xFF))
  }
  func configuration(_ value: UInt16) -> PlaybackBus.Step {
    device.read(0x01, [UInt8](bigEndian: value))
  }
  func conversion(_ value: Int16) -> PlaybackBus.Step {
    device.read(0x00, [UInt8](bigEndian: UInt16(bitPattern: value)))
  }

  @Test func `converts one input once a trigger and survives every failing transfer`() throws {
    // Input A0 (MUX 100), ±2.048 V (PGA 010), single-shot, 128 a second (DR 100), no comparator.
    let session = DriverSession(
      driver: driver, start: [write(0x4583), configuration(0xC583)],
      measurement: [write(0xC583), configuration(0xC583), conversion(0x4000)],
      expected: [1.024])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(driver.quantityNames == ["voltage_a0 V"])
    // 7.8 ms, a tenth more for the clock, and 25 µs to wake.
    #expect(driver.conversionNanoseconds == 8_618_750)
  }

  @Test func `turns from input to input and gives all of them at once`() throws {
    let driver = driver.with("inputs", "a3 a0-a1  a2").with("range", "6.144")
      .with("data-rate", "860")
    let measurement = [
      write(0xF1E3), configuration(0xF1E3), conversion(.max),
      write(0x81E3), configuration(0x81E3), conversion(.min),
      write(0xE1E3), configuration(0x61E3), configuration(0xE1E3), conversion(-1),
    ]
    let session = DriverSession(
      driver: driver, start: [write(0x71E3), configuration(0xF1E3)], measurement: measurement,
      expected: [32_767 * 6.144 / 32_768, -6.144, -6.144 / 32_768])
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(driver.quantityNames == ["voltage_a3 V", "voltage_a0_a1 V", "voltage_a2 V"])
  }

  @Test func `says how long the next input takes`() throws {
    var bus = PlaybackBus([
      write(0x4583), configuration(0xC583), write(0xC583), configuration(0x4583),
      configuration(0xC583), conversion(0), write(0xD583),
    ])
    var driver = driver.with("inputs", "a0 a1")
    try driver.startToReady(on: &bus)
    try driver.trigger(on: &bus)
    var reading = Reading()
    #expect(try driver.read(on: &bus, into: &reading) == .wait(nanoseconds: 1_077_343))
    #expect(try driver.read(on: &bus, into: &reading) == .wait(nanoseconds: 8_618_750))
    bus.expectFinished()
  }

  @Test func `a conversion that never ends is a fault`() throws {
    var bus = PlaybackBus(
      [write(0x4583), configuration(0xC583), write(0xC583)]
        + Array(repeating: configuration(0x4583), count: 9))
    var driver = driver
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.deviceFault(register: 1, found: 0x45)) {
      try driver.measure(on: &bus)
    }
    bus.expectFinished()
  }

  @Test func `continuous mode needs no trigger, and notices a converter that started anew`() throws
  {
    var bus = PlaybackBus([
      write(0x5883), configuration(0x5883),
      configuration(0x5883), conversion(100),
      configuration(0x8583),
    ])
    var driver = driver.with("mode", "continuous").with("inputs", "a1").with("range", "0.512")
    #expect(driver.conversionNanoseconds == 0)
    #expect(try driver.startToReady(on: &bus) == [8_618_750])
    expectNear(try driver.measure(on: &bus), [100 * 0.512 / 32_768])
    #expect(throws: SensorError.deviceFault(register: 1, found: 0x85)) {
      try driver.measure(on: &bus)
    }
    bus.expectFinished()
  }

  @Test func `something that does not keep its configuration is another device`() throws {
    for (found, error) in [
      (0xC5FF, SensorError.wrongDevice(register: 1, found: 0xFF, expected: 0x83)),
      (0x0000, .wrongDevice(register: 1, found: 0x00, expected: 0x45)),
    ] {
      var bus = PlaybackBus([
        write(0x4583), configuration(UInt16(found)), write(0x4583), configuration(0xC583),
      ])
      var driver = driver
      #expect(throws: error) { try driver.startToReady(on: &bus) }
      try driver.startToReady(on: &bus)
      bus.expectFinished()
    }
  }

  @Test func `every range and input has its code`() throws {
    let ranges: [(String, UInt16, Float)] = [
      ("6.144", 0, 6.144), ("4.096", 1, 4.096), ("2.048", 2, 2.048), ("1.024", 3, 1.024),
      ("0.512", 4, 0.512), ("0.256", 5, 0.256),
    ]
    for (range, code, volts) in ranges {
      let value = 0x4183 | code << 9
      var bus = PlaybackBus([
        write(value), configuration(value), write(value | 0x8000), configuration(value | 0x8000),
        conversion(-0x4000),
      ])
      var driver = driver.with("range", range)
      try driver.startToReady(on: &bus)
      #expect(try driver.measure(on: &bus)[0] == -volts / 2)
      bus.expectFinished()
    }
    let inputs = ["a0-a1", "a0-a3", "a1-a3", "a2-a3", "a0", "a1", "a2", "a3"]
    for (code, input) in inputs.enumerated() {
      let value = UInt16(code) << 12 | 0x0583
      var bus = PlaybackBus([write(value), configuration(value)])
      var driver = driver.with("inputs", input)
      try driver.startToReady(on: &bus)
      bus.expectFinished()
    }
    #expect(
      driver.with("inputs", "a0 a1 a2 a3 a0-a1 a0-a3 a1-a3 a2-a3").quantities.count == 8)
  }

  @Test func `refuses settings it cannot have`() {
    var driver = driver
    for inputs in ["", " ", "a4", "a0,a1", "a0 a0", "a1-a0"] {
      #expect(driver.set("inputs", inputs).known != nil, "\(inputs)")
    }
    #expect(driver.quantities.count == 1)
    #expect(driver.set("range", "2").known == "6.144 4.096 2.048 1.024 0.512 0.256")
    #expect(driver.set("data-rate", "100").known == "8 16 32 64 128 250 475 860")
    #expect(driver.set("mode", "fast").known == "single-shot continuous")
    #expect(driver.set("gain", "1").isUnknown)
    #expect(driver.settingsProblem == nil)
    #expect(driver.with("mode", "continuous").settingsProblem == nil)
    #expect(driver.with("mode", "continuous").with("inputs", "a0 a1").settingsProblem != nil)
  }
}
