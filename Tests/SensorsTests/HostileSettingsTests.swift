import Hardware
import TestSupport
import Testing

@testable import Sensors

/// A configuration and a device may say anything; nothing of it may stop the program.
@Suite struct HostileSettingsTests {
  /// Answers anything, and fails now and then.
  struct NoiseBus: I2CBus {
    var generator: SeededGenerator

    mutating func transfer(
      _ address: I2CAddress, write: borrowing Span<UInt8>, read: inout MutableSpan<UInt8>
    ) throws(BusError) {
      if Int.random(in: 0..<20, using: &generator) == 0 { throw BusError(.noAcknowledge) }
      let extremes: [UInt8] = [0x00, 0x7F, 0x80, 0xFF]
      let isExtreme = Bool.random(using: &generator)
      for index in read.indices {
        read[index] =
          isExtreme
          ? extremes[Int.random(in: 0..<4, using: &generator)]
          : .random(in: 0...255, using: &generator)
      }
    }
  }

  static let options = [
    "init", "trigger", "conversion-time", "register", "identity", "width", "byte-order", "signed",
    "shift", "mask", "count", "checksum", "checksum-polynomial", "checksum-init", "scale", "offset",
    "quantity", "unit", "resolution", "extended", "conversion-rate", "mode", "oversampling",
    "temperature-oversampling", "pressure-oversampling", "humidity-oversampling", "filter",
    "standby", "repeatability", "data-rate", "measurement-time", "altitude", "temperature-offset",
    "self-calibration", "acceleration-range", "angular-velocity-range", "range", "inputs",
    "shunt", "maximum-current", "frame-rate", "bandwidth",
  ]

  /// Pieces that values are made of, right and wrong ones.
  static let pieces = [
    "0x", "0", "1", "2", "4", "8", "9", "12", "16", "24", "32", "64", "99999999999", "0x20:0x57",
    ":", "-", ".", "5", "e", "e308", "e-320", "nan", "inf", " ", ",", "\"", "ms", "10ms", "s",
    "min", "60s", "yes", "no", "none", "crc8", "big", "little", "forced", "normal", "periodic",
    "low", "high", "a0", "a0-a1", "2g", "16g", "temperature", "°C", "µ", "\u{0}", "0xffffffff",
    "0xffff", "99999999min", "_", "x y z",
  ]

  @Test("No settings and no answers of a device trap", arguments: I2CSensorTests.names)
  func noise(_ type: String) throws {
    let seed = UInt64(type.utf8.reduce(7) { ($0 * 31 + Int($1)) % 1_000_003 })
    var generator = SeededGenerator(seed: seed)
    var bus = NoiseBus(generator: SeededGenerator(seed: seed + 1))
    var usable = 0
    for _ in 0..<300 {
      var sensor = try #require(I2CSensorTests.sensor(type, I2CAddress(0x48)))
      if type == "described" {
        // What it needs, for the noise to come after.
        for (option, value) in [
          ("register", "1"), ("width", "16"), ("quantity", "x"), ("unit", "V"),
        ] { _ = sensor.set(option, value) }
      }
      for _ in 0..<Int.random(in: 0...8, using: &generator) {
        let option = Self.options.randomElement(using: &generator) ?? ""
        let value = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
          Self.pieces.randomElement(using: &generator) ?? ""
        }.joined()
        if let known = sensor.set(option, value).known { #expect(!known.isEmpty) }
      }
      #expect(sensor.quantityNames.allSatisfy { !$0.isEmpty }, "seed \(seed)")
      guard sensor.settingsProblem == nil else { continue }
      usable += 1
      for _ in 0..<30 {
        do throws(SensorError) {
          guard try sensor.start(on: &bus) == .ready else { continue }
          var reading = Reading()
          try sensor.trigger(on: &bus)
          _ = try sensor.read(on: &bus, into: &reading)
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
    #expect(usable > 0, "seed \(seed)")
  }
}
