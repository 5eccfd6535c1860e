/// Sine and cosine of fractions of a turn, the same bits on every target.
///
/// The angle is a ratio of integers, so it is brought into the first eighth of the circle exactly;
/// there both are Taylor polynomials in double precision, cut where the rest is below 10⁻¹⁷.
public enum UnitCircle {
  /// cos and sin of 2π · numerator / denominator.
  ///
  /// - Parameters:
  ///   - numerator: 0 through `denominator`.
  ///   - denominator: 1 through 2²⁰.
  public static func point(_ numerator: Int, of denominator: Int) -> (cosine: Double, sine: Double)
  {
    precondition((1...1 << 20).contains(denominator) && (0...denominator).contains(numerator))
    // Eighths of the turn: octant and what is left of it, in units of 1 / (8 · denominator).
    let eighths = numerator % denominator * 8
    let octant = eighths / denominator
    let rest = eighths - octant * denominator
    // Odd octants run backwards from the axis or diagonal at their end.
    let isBackwards = octant & 1 == 1
    let part = isBackwards ? denominator - rest : rest
    let near = firstEighth(Double(part) / Double(denominator) * 0.78539816339744830962)
    let (cosine, sine) =
      (octant + 1) / 2 & 1 == 1 ? (near.sine, near.cosine) : (near.cosine, near.sine)
    let isLeft = octant >= 2 && octant < 6
    let isBelow = octant >= 4
    return (isLeft ? -cosine : cosine, isBelow ? -sine : sine)
  }

  /// cos and sin of an angle in 0 … π/4 radians.
  private static func firstEighth(_ angle: Double) -> (cosine: Double, sine: Double) {
    let square = angle * angle
    var sine = 1.0
    var cosine = 1.0
    // Horner from the innermost: 1 − x²/(2·3) (1 − x²/(4·5) (…)) and 1 − x²/(1·2) (1 − x²/(3·4) …).
    var order = 16.0
    while order >= 2 {
      sine = 1 - square / (order * (order + 1)) * sine
      cosine = 1 - square / ((order - 1) * order) * cosine
      order -= 2
    }
    return (cosine, angle * sine)
  }
}
