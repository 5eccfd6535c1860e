/// 1 / ((1 + x) / 2) in Q2.29 for x in 0 … 1 in Q0.31 (numerics, equation 20).
///
/// Newton–Raphson division: three steps x ← x + x (1 − d x) from the linear start 48/17 − 32/17 d,
/// which is within 1/17 of the answer for d in 1/2 … 1.
@inlinable
func reciprocalOfHalfOnePlus(_ value: Int32) -> Int32 {
  let oneInQ2: Int32 = 1 << 29
  let fortyEightSeventeenths: Int32 = 1_515_870_810
  let minusThirtyTwoSeventeenths: Int32 = -1_010_580_540
  let halfDenominator = roundingHalfSum(value, oneInQ0)
  // Over the domain the iterates stay in 0.9 … 2.2 and Q2.29 holds up to 4; wrapping keeps the
  // function total outside it.
  var x =
    fortyEightSeventeenths
    &+ saturatingRoundingDoublingHighMultiply(halfDenominator, minusThirtyTwoSeventeenths)
  for _ in 0..<3 {
    let product = saturatingRoundingDoublingHighMultiply(halfDenominator, x)
    // Q2.29 × Q2.29 is Q4.27; two bits to the left bring it back.
    let correction = saturatingRoundingDoublingHighMultiply(x, oneInQ2 &- product)
    x = x &+ saturatingShiftLeft(correction, exponent: 2)
  }
  return x
}

/// 1 / (1 + x) in Q0.31 for x in 0 … 1 in Q0.31 (numerics, equation 20).
@inlinable
public func reciprocalOfOnePlus(_ value: Int32) -> Int32 {
  // Q2.29 of twice the answer is Q1.30 of the answer.
  saturatingShiftLeft(reciprocalOfHalfOnePlus(value), exponent: 1)
}

/// (1 − x) / (1 + x) in Q0.31 for x in 0 … 1 in Q0.31 (numerics, equation 22).
@inlinable
func oneMinusOverOnePlus(_ value: Int32) -> Int32 {
  saturatingShiftLeft(reciprocalOfHalfOnePlus(value) &- (1 << 29), exponent: 2)
}
