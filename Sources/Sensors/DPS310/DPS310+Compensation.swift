extension DPS310 {
  /// The coefficients of one device, two's complement of 12, 16 and 20 bits (section 7, table 18).
  struct Coefficients: Equatable, Sendable {
    var c0: Int32 = 0
    var c1: Int32 = 0
    var c00: Int32 = 0
    var c10: Int32 = 0
    var c01: Int32 = 0
    var c11: Int32 = 0
    var c20: Int32 = 0
    var c21: Int32 = 0
    var c30: Int32 = 0
  }
}

extension DPS310.Coefficients {
  /// The registers from 0x10, which are packed without gaps, the high bits first.
  init(_ bytes: InlineArray<18, UInt8>) {
    func signed(bit: Int, width: Int) -> Int32 {
      // Four bytes hold any of the fields; they begin at most four bits into one.
      var word: UInt32 = 0
      for offset in 0..<4 {
        let index = bit / 8 + offset
        word = word << 8 | UInt32(index < bytes.count ? bytes[index] : 0)
      }
      return Int32(bitPattern: word << UInt32(bit % 8)) >> Int32(32 - width)
    }
    c0 = signed(bit: 0, width: 12)
    c1 = signed(bit: 12, width: 12)
    c00 = signed(bit: 24, width: 20)
    c10 = signed(bit: 44, width: 20)
    c01 = signed(bit: 64, width: 16)
    c11 = signed(bit: 80, width: 16)
    c20 = signed(bit: 96, width: 16)
    c21 = signed(bit: 112, width: 16)
    c30 = signed(bit: 128, width: 16)
  }

  /// Degrees Celsius of a scaled temperature (section 4.9.2).
  func celsius(_ temperature: Double) -> Double { Double(c0) * 0.5 + Double(c1) * temperature }

  /// Pascals of a scaled pressure at a scaled temperature (section 4.9.1).
  ///
  /// In double precision: the terms are thousands of times larger than the device's noise, which a
  /// `Float` would drown.
  func pascals(_ pressure: Double, temperature: Double) -> Double {
    let constant =
      Double(c00) + pressure * (Double(c10) + pressure * (Double(c20) + pressure * Double(c30)))
    let drift = Double(c01) + pressure * (Double(c11) + pressure * Double(c21))
    return constant + temperature * drift
  }
}
