/// A temperature as 1/100 °C.
struct CentiCelsius: Equatable, Sendable {
  let rawValue: Int32
  var celsius: Float { Float(rawValue) / 100 }
}

/// A pressure as 1/256 Pa.
struct PascalQ8: Equatable, Sendable {
  let rawValue: UInt32
  var pascals: Float { Float(rawValue) / 256 }
}

/// A relative humidity as 1/1024 %.
struct PercentQ10: Equatable, Sendable {
  let rawValue: UInt32
  var percent: Float { Float(rawValue) / 1024 }
}

extension BME280 {
  /// The calibration words of one device (section 4.2.2, table 16).
  struct Calibration: Equatable, Sendable {
    var t1: UInt16 = 0
    var t2: Int16 = 0
    var t3: Int16 = 0
    var p1: UInt16 = 0
    var p2: Int16 = 0
    var p3: Int16 = 0
    var p4: Int16 = 0
    var p5: Int16 = 0
    var p6: Int16 = 0
    var p7: Int16 = 0
    var p8: Int16 = 0
    var p9: Int16 = 0
    var h1: UInt8 = 0
    var h2: Int16 = 0
    var h3: UInt8 = 0
    /// 12 bits, like `h5`; they share a byte.
    var h4: Int16 = 0
    var h5: Int16 = 0
    var h6: Int8 = 0
  }

  /// The temperature as the other quantities are compensated with: 1/5120 °C.
  struct FineTemperature: Equatable, Sendable {
    let rawValue: Int32

    /// Rounded to 0.01 °C.
    var temperature: CentiCelsius {
      CentiCelsius(rawValue: Int32(truncatingIfNeeded: (Int64(rawValue) * 5 + 128) >> 8))
    }
  }
}

extension BME280.Calibration {
  /// The words as the registers from 0x88 and from 0xE1 hold them, low byte first.
  init(_ bytes: InlineArray<26, UInt8>, humidity: InlineArray<7, UInt8>) {
    func word(_ index: Int) -> UInt16 {
      UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
    }
    func signed(_ index: Int) -> Int16 { Int16(bitPattern: word(index)) }
    t1 = word(0)
    t2 = signed(1)
    t3 = signed(2)
    p1 = word(3)
    p2 = signed(4)
    p3 = signed(5)
    p4 = signed(6)
    p5 = signed(7)
    p6 = signed(8)
    p7 = signed(9)
    p8 = signed(10)
    p9 = signed(11)
    h1 = bytes[25]
    h2 = Int16(bitPattern: UInt16(humidity[0]) | UInt16(humidity[1]) << 8)
    h3 = humidity[2]
    h4 = Int16(Int8(bitPattern: humidity[3])) << 4 | Int16(humidity[4] & 0x0F)
    h5 = Int16(Int8(bitPattern: humidity[5])) << 4 | Int16(humidity[4] >> 4)
    h6 = Int8(bitPattern: humidity[6])
  }
}

// The integer formulas of section 4.2.3. They are not improved here: each shift truncates as the
// manufacturer's does, so a reading equals that of any other driver. Sums and products wrap, which
// the words of a working device never make them do, and those of a broken one must not trap.
extension BME280.Calibration {
  /// Temperature from its 20-bit number.
  ///
  /// With the words of the BMP280 datasheet's example (section 3.12), 519888 gives 128422, that is
  /// 25.08 °C.
  func fineTemperature(_ raw: Int32) -> BME280.FineTemperature {
    let t1 = Int64(t1)
    let linear = ((Int64(raw >> 3) - t1 << 1) * Int64(t2)) >> 11
    let difference = Int64(raw >> 4) - t1
    let quadratic = (((difference * difference) >> 12) * Int64(t3)) >> 14
    return BME280.FineTemperature(rawValue: Int32(truncatingIfNeeded: linear + quadratic))
  }

  /// Pressure from its 20-bit number, with 64-bit intermediates.
  ///
  /// With the words of the BMP280 datasheet's example, 415148 at 128422 gives 25767233 / 256, that
  /// is 100653.25 Pa.
  ///
  /// - Returns: `nil` where words of a broken device make the formula divide by nothing.
  func pressure(_ raw: Int32, at fine: BME280.FineTemperature) -> PascalQ8? {
    let t = Int64(fine.rawValue) - 128_000
    let square = t &* t
    let offset = square &* Int64(p6) &+ (t &* Int64(p5)) << 17 &+ Int64(p4) << 35
    let slope = (square &* Int64(p3)) >> 8 &+ (t &* Int64(p2)) << 12
    let divisor = (((1 << 47) &+ slope) &* Int64(p1)) >> 33
    guard divisor > 0 else { return nil }

    let linear = (((1_048_576 - Int64(raw)) << 31) &- offset) &* 3125 / divisor
    let quadratic = (Int64(p9) &* (linear >> 13) &* (linear >> 13)) >> 25
    let cubic = (Int64(p8) &* linear) >> 19
    let pressure = (linear &+ quadratic &+ cubic) >> 8 &+ Int64(p7) << 4
    guard let rawValue = UInt32(exactly: pressure) else { return nil }
    return PascalQ8(rawValue: rawValue)
  }

  /// Relative humidity from its 16-bit number, within 0 and 100 %.
  func humidity(_ raw: UInt16, at fine: BME280.FineTemperature) -> PercentQ10 {
    let t = Int64(fine.rawValue) - 76_800
    let measured =
      (Int64(raw) << 14 - Int64(h4) << 20 - Int64(h5) &* t + 16_384) >> 15
    let drift = ((t &* Int64(h6)) >> 10 &* ((t &* Int64(h3)) >> 11 + 32_768)) >> 10 &+ 2_097_152
    let gain = (drift &* Int64(h2) &+ 8192) >> 14
    let linear = measured &* gain
    let curved = linear &- (((linear >> 15) &* (linear >> 15)) >> 7 &* Int64(h1)) >> 4
    // 100 % is 419430400.
    return PercentQ10(rawValue: UInt32(min(max(curved, 0), 419_430_400) >> 12))
  }
}
