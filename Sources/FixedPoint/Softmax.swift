/// The multiplier and cut-off of a softmax (numerics, equation 25).
public struct SoftmaxScaling: Sendable, Equatable {
  /// Factor from a difference of inputs to the exponent in Q5.26.
  public var multiplier: QuantizedMultiplier
  /// Differences from the row's maximum below this one count as minus infinity; 0 or less.
  public var smallestDifference: Int32

  /// The scaling of inputs with scale `inputScale` multiplied by `beta`.
  ///
  /// Nil where `beta × inputScale` is 2^−26 or less, or not a number: the reference has no answer
  /// there.
  public init?(inputScale: Float, beta: Float) {
    let largest = 2_147_483_647.0
    let real = min(Double(beta) * Double(inputScale) * 67_108_864, largest)
    guard real > 1 else { return nil }
    // From 2^30 on the cut-off is 0: only the maximum itself counts, its difference is 0, and the
    // multiplier's saturation cannot be seen.
    multiplier = QuantizedMultiplier(real: real)
    smallestDifference = -inputRadius(integerBits: 5, of: real)
  }
}

/// e^(difference × multiplier) in Q0.31 for a difference of 0 or less (numerics, equation 26).
@inlinable
public func softmaxExponential(difference: Int32, multiplier: QuantizedMultiplier) -> Int32 {
  exponentialOfNonPositive(multiplier.applied(to: difference), integerBits: 5)
}

/// A term of the sum of exponentials: Q0.31 to Q12.19, so that 4,095 terms fit 31 bits (numerics,
/// equation 26).
@inlinable
public func softmaxTerm(exponential: Int32) -> UInt32 {
  UInt32(bitPattern: roundingDivideByPowerOfTwo(exponential, exponent: 12))
}

/// The division by the sum of exponentials (numerics, equation 27).
public struct SoftmaxNormalizer: Sendable {
  /// 1 / sum, scaled by a power of two into 1/2 … 1, in Q0.31.
  @usableFromInline let reciprocal: Int32
  /// The right shift that takes the product to units of 1/256.
  @usableFromInline let exponent: Int32

  /// The division by `sum`, in Q12.19.
  @inlinable
  public init(sum: UInt32) {
    let headroom = Int32(truncatingIfNeeded: sum.leadingZeroBitCount)
    // The leading one moves to bit 31 and off: what stays is the fraction above 1 in Q0.31. The
    // smart shift makes an impossible sum of 0 harmless.
    let fraction = Int32(bitPattern: (sum << UInt32(bitPattern: headroom)) ^ (1 << 31))
    reciprocal = reciprocalOfOnePlus(fraction)
    exponent = 12 &- headroom &+ 31 &- 8
  }

  /// The quantized quotient of an exponential in Q0.31; scale 1/256, zero point −128.
  @inlinable
  public func probability(exponential: Int32) -> Int8 {
    let product = saturatingRoundingDoublingHighMultiply(reciprocal, exponential)
    let quotient = roundingDivideByPowerOfTwo(product, exponent: exponent)
    return Int8(clamping: quotient &- 128)
  }
}
