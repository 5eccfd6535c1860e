import Foundation

/// The standard normal distribution.
enum NormalDistribution {
  /// The value that is exceeded with probability `tail`, 10⁻³⁰⁰ … ½.
  ///
  /// Newton's method on log Q, from the asymptotic √(−2 ln p); exact to twelve digits.
  static func quantile(exceededWith tail: Double) -> Double {
    guard tail < 0.5 else { return tail == 0.5 ? 0 : -quantile(exceededWith: 1 - tail) }
    var x = max(0.1, (-2 * log(tail)).squareRoot() - 1)
    for _ in 0..<60 {
      let probability = 0.5 * erfc(x / 2.squareRoot())
      let density = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
      let step = (log(probability) - log(tail)) * probability / density
      x += step
      if abs(step) < 1e-13 * (1 + abs(x)) { break }
    }
    return x
  }

  /// The factor k with which mean + k · standard deviation of `count` independent normal numbers is,
  /// with a confidence of 97.5 %, not below the value exceeded with probability `tail`.
  ///
  /// One-sided tolerance limit after M. G. Natrella, Experimental Statistics (NBS Handbook 91), 2-12.
  static func toleranceFactor(exceededWith tail: Double, count: Double) -> Double {
    let quantile = quantile(exceededWith: tail)
    let confidence = 1.9599639845400545
    let a = max(0.05, 1 - confidence * confidence / (2 * max(1, count - 1)))
    let b = quantile * quantile - confidence * confidence / max(1, count)
    return (quantile + max(0, quantile * quantile - a * b).squareRoot()) / a
  }
}
