/// x × min(max(x + 3, 0), 6) / 6 from int8 to int8, in 16-bit fixed point (numerics, equation 31).
public struct HardSwish: Sendable {
  private let inputZeroPoint: Int32
  private let outputZeroPoint: Int32
  private let outputSignificand: Int16
  private let outputShift: Int32
  private let gateSignificand: Int16
  private let gateShift: Int32

  /// The function from one quantization to another.
  ///
  /// Nil where the output scale is 1/128 of the input scale or less: the reference has no answer
  /// there.
  public init?(input: AffineQuantization, output: AffineQuantization) {
    inputZeroPoint = input.zeroPoint
    outputZeroPoint = output.zeroPoint
    let raisedScale = Double(input.scale) / 128
    let toOutput = QuantizedMultiplier(real: raisedScale / Double(output.scale))
    let toGate = QuantizedMultiplier(real: raisedScale / (3 / 32768))
    guard toOutput.shift <= 0 else { return nil }
    outputSignificand = Self.upperHalf(toOutput.significand)
    outputShift = toOutput.shift
    gateSignificand = Self.upperHalf(toGate.significand)
    gateShift = toGate.shift
  }

  /// The function of one quantized number.
  public func callAsFunction(_ value: Int8) -> Int8 {
    // |x − zero point| ≤ 255, and 255 × 128 < 2^15.
    let raised = Int16(truncatingIfNeeded: (Int32(value) - inputZeroPoint) &* 128)
    let onOutputScale = Self.roundingDoublingHighMultiply(raised, outputSignificand)

    // The gate: x in units of 3/32768, so that −3 … 3 is −1 … 1 in Q0.15, saturating. The last bit
    // of a left shift comes after the multiplication: what saturates before would saturate anyway.
    var gate = raised
    if gateShift > 0 { gate = Self.saturatingShiftLeft(gate, gateShift - 1) }
    gate = Self.roundingDoublingHighMultiply(gate, gateSignificand)
    if gateShift > 0 { gate = Self.saturatingShiftLeft(gate, 1) }
    if gateShift < 0 { gate = Self.roundingDivideByPowerOfTwo(gate, exponent: -gateShift) }
    // From −1 … 1 to 0 … 1.
    let halfOpenGate = Int16(truncatingIfNeeded: (Int32(gate) + 32768) >> 1)

    let product = Self.truncatingDoublingHighMultiply(halfOpenGate, onOutputScale)
    let shifted = Self.roundingDivideByPowerOfTwo(product, exponent: -outputShift)
    return Int8(clamping: Int32(shifted) + outputZeroPoint)
  }

  /// The upper 16 of 32 bits, rounded upward on ties, saturating.
  private static func upperHalf(_ significand: Int32) -> Int16 {
    Int16(clamping: (Int64(significand) + (1 << 15)) >> 16)
  }

  private static func saturatingShiftLeft(_ value: Int16, _ exponent: Int32) -> Int16 {
    Int16(clamping: Int64(value) << Int64(min(exponent, 32)))
  }

  /// Equation 4 in 16 bits.
  private static func roundingDoublingHighMultiply(_ left: Int16, _ right: Int16) -> Int16 {
    Int16(clamping: (Int32(left) * Int32(right) + (1 << 14)) >> 15)
  }

  /// The product of two Q0.15 numbers, truncated toward zero.
  private static func truncatingDoublingHighMultiply(_ left: Int16, _ right: Int16) -> Int16 {
    Int16(clamping: Int32(left) * Int32(right) / 32768)
  }

  /// Equation 5 in 16 bits, for exponents of 0 … 15; beyond, the 16-bit mask of the reference keeps
  /// only its low bits and so does this one.
  private static func roundingDivideByPowerOfTwo(_ value: Int16, exponent: Int32) -> Int16 {
    let mask = Int16(truncatingIfNeeded: (Int64(1) << Int64(exponent)) - 1)
    let remainder = value & mask
    let threshold = (mask >> 1) + (value < 0 ? 1 : 0)
    return (value >> Int16(truncatingIfNeeded: exponent)) + (remainder > threshold ? 1 : 0)
  }
}
