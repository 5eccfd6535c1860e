import Hardware
import Testing

@testable import Sensors

@Suite struct I2CSensorTests {
  static func sensor(_ type: String, _ address: I2CAddress? = nil) -> I2CSensor? {
    let type = Array(type.utf8)
    return I2CSensor(type: type.span, address: address)
  }

  static let names = "\(I2CSensor.typeNames)".split(separator: ", ").map(String.init)

  @Test("Every type of the list has a driver, quantities and an address", arguments: names)
  func types(_ type: String) throws {
    let sensor = try #require(Self.sensor(type))
    #expect(sensor.quantities.count >= 1)
    #expect((sensor.settingsProblem == nil) == (type != "described"))
  }

  @Test("Types are lower case words of the list and nothing else")
  func unknownTypes() {
    #expect(Self.names.count == Set(Self.names).count)
    for type in ["", "BME280", "bme", "bme2800", "tmp105 ", "lm75,"] {
      #expect(Self.sensor(type) == nil)
    }
  }

  @Test("The driver inside is started, set and read, and keeps its state")
  func forwarding() throws {
    let traffic = Traffic(0x76)
    var sensor = try #require(Self.sensor("bmp280"))
    #expect(sensor.set("mode", "normal").isTaken)
    #expect(sensor.set("mode", "wild").known == "forced or normal")
    #expect(sensor.set("colour", "red").isUnknown)
    #expect(sensor.conversionNanoseconds == 0)
    let start = BME280Tests.start(id: 0x58, control: 0x27, humidity: nil)
    var bus = PlaybackBus(
      start + [traffic.read(0xF3, [0, 0x27, 0, 0] + BME280Tests.example)])
    try sensor.startToReady(on: &bus)
    #expect(try sensor.measure(on: &bus)[0] == 25.08)
    bus.expectFinished()
  }

  @Test("An address of the configuration is used instead of the usual one")
  func address() throws {
    let traffic = Traffic(0x5C)
    var sensor = try #require(Self.sensor("bh1750", traffic.address))
    var bus = PlaybackBus([
      traffic.write(0x01), traffic.write(0x07), traffic.write(0x42), traffic.write(0x65),
    ])
    try sensor.startToReady(on: &bus)
    bus.expectFinished()
  }

  @Test("An error leaves the driver inside ready to start anew")
  func errors() throws {
    let traffic = Traffic(0x44)
    let failure = BusError(.noAcknowledge)
    var sensor = try #require(Self.sensor("sht4x"))
    var bus = PlaybackBus(
      [traffic.write(0x94), traffic.write(0x89).failing(failure)] + SHTTests.sht4xStart)
    #expect(throws: SensorError.bus(failure)) { try sensor.startToReady(on: &bus) }
    try sensor.startToReady(on: &bus)
    bus.expectFinished()
  }

  @Test("Sixteen sensors fit into fourteen kilobytes")
  func size() {
    #expect(MemoryLayout<I2CSensor>.stride <= 14 * 1024 / 16)
  }
}
