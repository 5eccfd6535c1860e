// Fixed-point numbers are named by their format: Qm.n has m integer bits, n fraction bits and a
// sign, m + n = 31, and stands for raw / 2^n.

/// 1 in Q0.31: the largest number below it.
@usableFromInline let oneInQ0 = Int32.max

/// e^x for x in −1/4 ..< 0, both in Q0.31 (numerics, equation 18).
///
/// The Taylor polynomial of degree four around −1/8.
@inlinable
func exponentialNearZero(_ value: Int32) -> Int32 {
  let exponentialOfMinusOneEighth: Int32 = 1_895_147_668
  let oneThird: Int32 = 715_827_883
  // |x| ≤ 1/8, so that every power and sum below stays inside −1/4 … 1/4: nothing overflows for
  // arguments of the domain; wrapping keeps the function total outside it.
  let x = value &+ (1 << 28)
  let x2 = saturatingRoundingDoublingHighMultiply(x, x)
  let x3 = saturatingRoundingDoublingHighMultiply(x2, x)
  let x4 = saturatingRoundingDoublingHighMultiply(x2, x2)
  let quarterOfX4 = roundingDivideByPowerOfTwo(x4, exponent: 2)
  let cubicAndQuartic = saturatingRoundingDoublingHighMultiply(quarterOfX4 &+ x3, oneThird)
  let higherTerms = roundingDivideByPowerOfTwo(cubicAndQuartic &+ x2, exponent: 1)
  return exponentialOfMinusOneEighth
    &+ saturatingRoundingDoublingHighMultiply(exponentialOfMinusOneEighth, x &+ higherTerms)
}

/// e^x in Q0.31 for x ≤ 0 in Qm.(31−m), m = `integerBits` of 1 … 5 (numerics, equation 19).
///
/// x is cut into a part in −1/4 ..< 0 and multiples of 1/4, whose exponentials are constants
/// multiplied in bit by bit. e^0 is the largest Q0.31 number. Defined for every value; meaningless
/// for x > 0.
@inlinable
public func exponentialOfNonPositive(_ value: Int32, integerBits: Int32) -> Int32 {
  guard value != 0 else { return oneInQ0 }
  let fractionBits = 31 &- integerBits
  let quarter = Int32(1) &<< (fractionBits &- 2)
  let nearZero = (value & (quarter &- 1)) &- quarter
  var result = exponentialNearZero(saturatingShiftLeft(nearZero, exponent: integerBits))
  let remainder = nearZero &- value
  // e^−(1/4), e^−(1/2), e^−1, e^−2, e^−4, e^−8, e^−16 in Q0.31.
  let factors: InlineArray<7, Int32> = [
    1_672_461_947, 1_302_514_674, 790_015_084, 290_630_308, 39_332_535, 720_401, 242,
  ]
  for step in 0..<7 {
    let power = Int32(truncatingIfNeeded: step) &- 2
    if power < integerBits, remainder & (Int32(1) &<< (fractionBits &+ power)) != 0 {
      result = saturatingRoundingDoublingHighMultiply(result, factors[step])
    }
  }
  return result
}
