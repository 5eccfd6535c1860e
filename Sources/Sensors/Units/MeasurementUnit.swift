import Text

/// A unit of measurement: which quantity it measures, and how it relates to the unit this program
/// counts that quantity in.
///
///     base = (value + zero) · numerator / denominator
///
/// Numerator, denominator and zero are exact, so conversions between units round once or twice,
/// never because of a table.
struct MeasurementUnit: Sendable {
  /// What units of one kind can be converted within.
  enum Dimension: UInt8, Equatable, Sendable {
    case temperature, pressure, acceleration, angularVelocity, angle, magneticFluxDensity
    case voltage, current, power, resistance, illuminance, proportion, concentration, frequency
    case length, time
  }

  let dimension: Dimension
  let numerator: Double
  let denominator: Double
  let zero: Double

  fileprivate init(
    _ dimension: Dimension, _ numerator: Double, _ denominator: Double = 1,
    zero: Double = 0
  ) {
    self.dimension = dimension
    self.numerator = numerator
    self.denominator = denominator
    self.zero = zero
  }
}

extension MeasurementUnit {
  /// The unit a text names; `nil` for one that is not known.
  ///
  /// SI spellings and ASCII for each of them: `°C` is also `degC` or `C`, `µT` is `uT`, `m/s²` is
  /// `m/s2` or `m/s^2`. Upper and lower case differ, `mPa` is not `MPa`.
  init?(named name: borrowing Span<UInt8>) {
    var spelling = TextBuffer<16>()
    Self.simplify(name, into: &spelling)
    guard !spelling.overflowed, let unit = Self.find(spelling.bytes) else { return nil }
    self = unit
  }

  /// Writes a name in ASCII: `°` as `deg`, `µ` (both code points of it) as `u`, `²` as `2`, `Ω` as
  /// `Ohm`, and `^` not at all.
  private static func simplify(_ name: borrowing Span<UInt8>, into ascii: inout TextBuffer<16>) {
    var index = 0
    while index < name.count {
      let byte = name[index]
      let next = index + 1 < name.count ? name[index + 1] : 0
      let third = index + 2 < name.count ? name[index + 2] : 0
      switch (byte, next, third) {
      case (0xC2, 0xB0, _):  // °
        ascii.append("deg")
        index += 2
      case (0xC2, 0xB5, _), (0xCE, 0xBC, _):  // µ, μ
        ascii.append("u")
        index += 2
      case (0xC2, 0xB2, _):  // ²
        ascii.append("2")
        index += 2
      case (0xCE, 0xA9, _):  // Ω
        ascii.append("Ohm")
        index += 2
      case (0xE2, 0x84, 0x83):  // ℃
        ascii.append("C")
        index += 3
      case (0xE2, 0x84, 0xA6):  // Ω, the sign for the unit
        ascii.append("Ohm")
        index += 3
      case (UInt8(ascii: "^"), _, _): index += 1
      default:
        ascii.append(byte: byte)
        index += 1
      }
    }
  }

  private static func find(_ name: borrowing Span<UInt8>) -> MeasurementUnit? {
    thermal(name) ?? mechanical(name) ?? electrical(name) ?? other(name)
  }

  private static func thermal(_ name: borrowing Span<UInt8>) -> MeasurementUnit? {
    switch name.index(amongWordsOf: "C degC celsius K kelvin F degF fahrenheit mC mdegC") {
    case 0, 1, 2: MeasurementUnit(.temperature, 1)
    case 3, 4: MeasurementUnit(.temperature, 1, zero: -273.15)
    case 5, 6, 7: MeasurementUnit(.temperature, 5, 9, zero: -32)
    case 8, 9: MeasurementUnit(.temperature, 1, 1000)
    default: nil
    }
  }

  private static func mechanical(_ name: borrowing Span<UInt8>) -> MeasurementUnit? {
    switch name.index(amongWordsOf: "Pa hPa mbar kPa bar MPa psi mmHg") {
    case 0: return MeasurementUnit(.pressure, 1)
    case 1, 2: return MeasurementUnit(.pressure, 100)
    case 3: return MeasurementUnit(.pressure, 1000)
    case 4: return MeasurementUnit(.pressure, 100_000)
    case 5: return MeasurementUnit(.pressure, 1_000_000)
    // 0.45359237 kg · 9.80665 m/s² on (0.0254 m)², both numbers multiplied by 10¹³.
    case 6: return MeasurementUnit(.pressure, 44_482_216_152_605, 6_451_600_000)
    // The conventional one (ISO 80000-4).
    case 7: return MeasurementUnit(.pressure, 133_322_387_415, 1_000_000_000)
    default: break
    }
    switch name.index(amongWordsOf: "m/s2 g gn mg mm/s2 cm/s2") {
    case 0: return MeasurementUnit(.acceleration, 1)
    // Standard gravity, 9.80665 m/s².
    case 1, 2: return MeasurementUnit(.acceleration, 980_665, 100_000)
    case 3: return MeasurementUnit(.acceleration, 980_665, 100_000_000)
    case 4: return MeasurementUnit(.acceleration, 1, 1000)
    case 5: return MeasurementUnit(.acceleration, 1, 100)
    default: break
    }
    switch name.index(amongWordsOf: "rad/s deg/s dps mrad/s rpm") {
    case 0: return MeasurementUnit(.angularVelocity, 1)
    case 1, 2: return MeasurementUnit(.angularVelocity, .pi, 180)
    case 3: return MeasurementUnit(.angularVelocity, 1, 1000)
    case 4: return MeasurementUnit(.angularVelocity, .pi, 30)
    default: break
    }
    switch name.index(amongWordsOf: "rad deg mrad m mm cm km um") {
    case 0: return MeasurementUnit(.angle, 1)
    case 1: return MeasurementUnit(.angle, .pi, 180)
    case 2: return MeasurementUnit(.angle, 1, 1000)
    case 3: return MeasurementUnit(.length, 1)
    case 4: return MeasurementUnit(.length, 1, 1000)
    case 5: return MeasurementUnit(.length, 1, 100)
    case 6: return MeasurementUnit(.length, 1000)
    case 7: return MeasurementUnit(.length, 1, 1_000_000)
    default: return nil
    }
  }

  private static func electrical(_ name: borrowing Span<UInt8>) -> MeasurementUnit? {
    switch name.index(amongWordsOf: "T mT uT nT G mG") {
    case 0: return MeasurementUnit(.magneticFluxDensity, 1)
    case 1: return MeasurementUnit(.magneticFluxDensity, 1, 1000)
    case 2: return MeasurementUnit(.magneticFluxDensity, 1, 1_000_000)
    case 3: return MeasurementUnit(.magneticFluxDensity, 1, 1_000_000_000)
    case 4: return MeasurementUnit(.magneticFluxDensity, 1, 10_000)
    case 5: return MeasurementUnit(.magneticFluxDensity, 1, 10_000_000)
    default: break
    }
    return prefixed(name, "V mV uV kV", .voltage) ?? prefixed(name, "A mA uA kA", .current)
      ?? prefixed(name, "W mW uW kW", .power) ?? prefixed(name, "Ohm mOhm uOhm kOhm", .resistance)
  }

  private static func other(_ name: borrowing Span<UInt8>) -> MeasurementUnit? {
    switch name.index(amongWordsOf: "% percent %RH lx lux klx ppm ppb") {
    case 0, 1, 2: return MeasurementUnit(.proportion, 1)
    case 3, 4: return MeasurementUnit(.illuminance, 1)
    case 5: return MeasurementUnit(.illuminance, 1000)
    case 6: return MeasurementUnit(.concentration, 1)
    case 7: return MeasurementUnit(.concentration, 1, 1000)
    default: break
    }
    switch name.index(amongWordsOf: "Hz mHz kHz MHz 1/min s ms us ns min h") {
    case 0: return MeasurementUnit(.frequency, 1)
    case 1: return MeasurementUnit(.frequency, 1, 1000)
    case 2: return MeasurementUnit(.frequency, 1000)
    case 3: return MeasurementUnit(.frequency, 1_000_000)
    case 4: return MeasurementUnit(.frequency, 1, 60)
    case 5: return MeasurementUnit(.time, 1)
    case 6: return MeasurementUnit(.time, 1, 1000)
    case 7: return MeasurementUnit(.time, 1, 1_000_000)
    case 8: return MeasurementUnit(.time, 1, 1_000_000_000)
    case 9: return MeasurementUnit(.time, 60)
    case 10: return MeasurementUnit(.time, 3600)
    default: return nil
    }
  }

  /// A unit alone, in thousandths, millionths and thousands.
  private static func prefixed(
    _ name: borrowing Span<UInt8>, _ spellings: StaticString, _ dimension: Dimension
  ) -> MeasurementUnit? {
    switch name.index(amongWordsOf: spellings) {
    case 0: MeasurementUnit(dimension, 1)
    case 1: MeasurementUnit(dimension, 1, 1000)
    case 2: MeasurementUnit(dimension, 1, 1_000_000)
    case 3: MeasurementUnit(dimension, 1000)
    default: nil
    }
  }
}
