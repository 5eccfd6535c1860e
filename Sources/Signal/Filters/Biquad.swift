/// A second-order section of a digital filter, in the transposed direct form II:
///
///     y = b₀ x + s₁
///     s₁ = b₁ x − a₁ y + s₂
///     s₂ = b₂ x − a₂ y
///
/// in double precision, one rounding an operation in the order written (a row of
/// `scipy.signal.sosfilt`, with a₀ = 1).
public struct Biquad: Equatable, Sendable {
  /// Coefficients of one section.
  public struct Coefficients: Equatable, Sendable {
    let b0: Double
    let b1: Double
    let b2: Double
    let a1: Double
    let a2: Double

    /// A section with a₀ = 1.
    public init(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double) {
      self.b0 = b0
      self.b1 = b1
      self.b2 = b2
      self.a1 = a1
      self.a2 = a2
    }

    /// What a constant input is multiplied with once the filter has settled.
    public var gainAtZero: Double { (b0 + b1 + b2) / (1 + a1 + a2) }
  }

  private var s1 = 0.0
  private var s2 = 0.0

  /// A filter at rest.
  public init() {}

  /// A filter that has settled on a constant input, so that the first sample makes no step
  /// (`scipy.signal.sosfilt_zi` times the sample).
  public init(settledOn input: Double, _ c: Coefficients) {
    let output = c.gainAtZero * input
    s2 = c.b2 * input - c.a2 * output
    s1 = c.b1 * input - c.a1 * output + s2
  }

  /// Filters one sample.
  public mutating func filter(_ x: Double, _ c: Coefficients) -> Double {
    let y = c.b0 * x + s1
    s1 = c.b1 * x - c.a1 * y + s2
    s2 = c.b2 * x - c.a2 * y
    return y
  }
}
