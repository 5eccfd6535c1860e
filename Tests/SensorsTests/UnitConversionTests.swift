import Testing

@testable import Sensors

/// Expected values are those of the units' definitions, written out as decimals; a conversion gives
/// the double nearest to them.
@Suite struct UnitConversionTests {
  static func conversion(_ source: String, _ target: String) -> UnitConversion? {
    let source = Array(source.utf8)
    let target = Array(target.utf8)
    return UnitConversion(from: source.span, to: target.span)
  }

  struct Case: CustomStringConvertible, Sendable {
    let value: Double
    let source: String
    let result: Double
    let target: String
    init(_ value: Double, _ source: String, _ result: Double, _ target: String) {
      (self.value, self.source, self.result, self.target) = (value, source, result, target)
    }
    var description: String { "\(value) \(source) = \(result) \(target)" }
  }

  @Test(
    "Conversions give the exact value",
    arguments: [
      Case(25, "°C", 298.15, "K"), Case(298.15, "K", 25, "°C"), Case(25, "°C", 77, "°F"),
      Case(-40, "°F", -40, "°C"), Case(212, "°F", 100, "degC"), Case(0, "K", -459.67, "°F"),
      Case(32, "degF", 273.15, "K"), Case(25_500, "mdegC", 25.5, "C"),
      Case(1013.25, "hPa", 101_325, "Pa"), Case(101_325, "Pa", 1013.25, "hPa"),
      Case(101_325, "Pa", 101.325, "kPa"), Case(1, "bar", 1000, "mbar"),
      Case(1, "psi", 6894.757293168361, "Pa"), Case(760, "mmHg", 101_325.0144354, "Pa"),
      Case(1, "g", 9.80665, "m/s²"), Case(9.80665, "m/s2", 1, "g"), Case(250, "mg", 0.25, "g"),
      Case(9.80665, "m/s^2", 1000, "mg"), Case(180, "°/s", Double.pi, "rad/s"),
      Case(Double.pi, "rad/s", 180, "dps"), Case(1, "rpm", 6, "deg/s"),
      Case(180, "deg", .pi, "rad"),
      Case(1, "G", 100, "µT"), Case(1, "G", 100, "μT"), Case(50, "uT", 0.000_05, "T"),
      Case(500, "mG", 0.05, "mT"), Case(48_000, "nT", 48, "uT"), Case(3.3, "V", 3300, "mV"),
      Case(150, "mA", 0.15, "A"), Case(1.5, "klx", 1500, "lx"), Case(400, "ppm", 400_000, "ppb"),
      Case(50, "Hz", 3000, "1/min"), Case(4.7, "kΩ", 4700, "Ohm"), Case(58, "cm", 0.58, "m"),
      Case(45, "%", 45, "%RH"), Case(2, "s", 2000, "ms"),
    ])
  func exact(_ sample: Case) throws {
    let conversion = try #require(Self.conversion(sample.source, sample.target))
    let result = conversion.apply(sample.value)
    // Where a zero is moved there are two roundings, of numbers up to the zero's magnitude.
    let movesZero = sample.source.contains { "CKF".contains($0) }
    let tolerance = max(sample.result.ulp, movesZero ? 459.67.ulp : 0)
    #expect(abs(result - sample.result) <= tolerance, "\(result)")
  }

  @Test("Powers of ten and the fixed points of temperature are exact to the last bit")
  func lastBit() throws {
    #expect(Self.conversion("hPa", "Pa")?.apply(1013.25) == 101_325)
    #expect(Self.conversion("Pa", "hPa")?.apply(101_325) == 1013.25)
    #expect(Self.conversion("°C", "°F")?.apply(25) == 77)
    #expect(Self.conversion("°F", "°C")?.apply(212) == 100)
    #expect(Self.conversion("°C", "K")?.apply(0) == 273.15)
    #expect(Self.conversion("mg", "g")?.apply(250) == 0.25)
    #expect(Self.conversion("G", "T")?.apply(1) == 0.0001)
    #expect(Self.conversion("uT", "G")?.apply(1) == 0.01)
  }

  @Test("Gain and offset are those of the line")
  func line() throws {
    let conversion = try #require(Self.conversion("°C", "°F"))
    #expect(conversion.gain == 1.8)
    #expect(conversion.offset == 32)
    #expect(!conversion.isIdentity)
    let same = try #require(Self.conversion("degC", "°C"))
    #expect(same.isIdentity)
    #expect(same.apply(-0.1) == -0.1)
  }

  @Test(
    "Units of different dimensions are incompatible",
    arguments: [
      ("°C", "Pa"), ("ppm", "%"), ("m/s²", "rad/s"), ("V", "A"), ("mPa", "Pa"), ("", "Pa"),
      ("T", "t"), ("furlong", "m"), ("lx", "%"), ("deg", "degC"), ("hPa ", "Pa"),
    ])
  func incompatible(_ source: String, _ target: String) {
    #expect(Self.conversion(source, target) == nil)
    #expect(Self.conversion(target, source) == nil)
  }

  @Test("A unit nobody knows converts to itself")
  func unknown() {
    #expect(Self.conversion("furlong", "furlong")?.isIdentity == true)
    #expect(Self.conversion("furlong", "Furlong") == nil)
    let long = String(repeating: "µ", count: 1000)
    #expect(Self.conversion(long, "m") == nil)
  }

  @Test("Every conversion there and back again is the same number within two roundings")
  func roundTrip() throws {
    let groups = [
      ["°C", "K", "°F"], ["Pa", "hPa", "kPa", "bar", "MPa", "psi", "mmHg"],
      ["m/s²", "g", "mg", "mm/s2", "cm/s2"], ["rad/s", "°/s", "mrad/s", "rpm"],
      ["T", "mT", "µT", "nT", "G", "mG"], ["V", "mV", "uV", "kV"], ["A", "mA", "uA", "kA"],
    ]
    for group in groups {
      for source in group {
        for target in group {
          let there = try #require(Self.conversion(source, target))
          let back = try #require(Self.conversion(target, source))
          for value in [-40.0, 0, 0.1, 21.7, 1013.25, 1e6] {
            let result = back.apply(there.apply(value))
            #expect(
              abs(result - value) <= 4 * max(value.ulp, 500.ulp), "\(value) \(source) \(target)")
          }
        }
      }
    }
  }
}
