import Hardware
import Testing

@testable import Sensors

/// Traffic written after Panasonic's specification of the register map.
@Suite struct AMG8833Tests {
  let device = Traffic(0x69)
  var driver: AMG8833 { AMG8833(address: device.address) }

  func start(frameRate: UInt8 = 0) -> [PlaybackBus.Step] {
    [
      device.write(0x00, 0x00),
      device.write(0x01, 0x3F),
      device.write(0x02, frameRate),
      device.read(0x00, [0x00]),
      device.read(0x02, [frameRate]),
    ]
  }

  @Test func `starts, reads 64 pixels and survives every failing transfer`() throws {
    // The specification's examples: +125 °C, +25 °C, +0.25 °C, 0, −0.25 °C, −25 °C, −55 °C.
    let examples: [(UInt8, UInt8, Float)] = [
      (0xF4, 0x01, 125), (0x64, 0x00, 25), (0x01, 0x00, 0.25), (0x00, 0x00, 0),
      (0xFF, 0x0F, -0.25), (0x9C, 0x0F, -25), (0x24, 0x0F, -55),
    ]
    let pixels = (0..<64).map { examples[$0 % 7] }
    let session = DriverSession(
      driver: driver, start: start(),
      measurement: [
        device.read(0x0E, [0x90, 0x01]), device.read(0x80, pixels.flatMap { [$0.0, $0.1] }),
        device.read(0x04, [0x02]),
      ],
      expected: [25] + pixels.map { $0.2 })
    try session.expectReadings()
    try session.expectEveryFailureSurvived()
    #expect(driver.quantityNames.count == 65)
    #expect(driver.quantityNames.prefix(2) == ["temperature °C", "pixel_0 °C"])
    #expect(driver.quantityNames.last == "pixel_63 °C")
  }

  @Test(arguments: [
    (0x07FF, 127.9375), (0x0190, 25), (0x0004, 0.25), (0x0000, 0), (0x0804, -0.25),
    (0x0BBB, -59.6875), (0x0FFF, -127.9375),
  ])
  func `the thermistor has a sign and a magnitude`(raw: Int, celsius: Double) throws {
    var bus = PlaybackBus(
      start() + [
        device.read(0x0E, [UInt8(raw & 0xFF), UInt8(raw >> 8)]),
        device.read(0x80, Array(repeating: 0, count: 128)), device.read(0x04, [0]),
      ])
    var driver = driver
    try driver.startToReady(on: &bus)
    #expect(Double(try driver.measure(on: &bus)[0]) == celsius)
    bus.expectFinished()
  }

  @Test(arguments: [0x04, 0x08, 0x0C] as [UInt8])
  func `a frame with an overflow is left out and the next one is fine`(flags: UInt8) throws {
    let frame = [
      device.read(0x0E, [0x90, 0x01]), device.read(0x80, Array(repeating: 0, count: 128)),
    ]
    var bus = PlaybackBus(
      start() + frame + [device.read(0x04, [flags | 0x02]), device.write(0x05, flags)]
        + frame + [device.read(0x04, [0x00])])
    var driver = driver
    try driver.startToReady(on: &bus)
    #expect(throws: SensorError.outOfRange) { try driver.measure(on: &bus) }
    #expect(try driver.measure(on: &bus)[0] == 25)
    bus.expectFinished()
  }

  @Test func `pixels at the ends of 12 bits`() throws {
    var bytes = [UInt8](repeating: 0, count: 128)
    bytes.replaceSubrange(0..<4, with: [0xFF, 0x07, 0x00, 0x08])
    var bus = PlaybackBus(
      start() + [device.read(0x0E, [0, 0]), device.read(0x80, bytes), device.read(0x04, [0])])
    var driver = driver
    try driver.startToReady(on: &bus)
    let reading = try driver.measure(on: &bus)
    #expect(reading[1] == 511.75)
    #expect(reading[2] == -512)
    bus.expectFinished()
  }

  @Test func `waits two frames, by the frame rate`() throws {
    var bus = PlaybackBus(start())
    var driver = driver
    #expect(try driver.startToReady(on: &bus) == [50_000_000, 200_000_000])
    bus = PlaybackBus(start(frameRate: 1))
    var slow = driver.with("frame-rate", "1")
    #expect(try slow.startToReady(on: &bus) == [50_000_000, 2_000_000_000])
    bus.expectFinished()
  }

  @Test func `another device and settings it cannot have are refused`() throws {
    var steps = Array(start(frameRate: 1).dropLast())
    steps.append(device.read(0x02, [0x00]))
    var bus = PlaybackBus(steps + start(frameRate: 1))
    var driver = driver.with("frame-rate", "1")
    #expect(throws: SensorError.wrongDevice(register: 0x02, found: 0, expected: 1)) {
      try driver.startToReady(on: &bus)
    }
    try driver.startToReady(on: &bus)
    bus.expectFinished()
    #expect(driver.set("frame-rate", "5").known == "10 1")
    #expect(driver.set("rate", "1").isUnknown)
  }
}
