import Signal

/// Distances of two histograms over the same bins, fed bin by bin from the lowest to the highest.
///
/// With shares r of the reference and c of the current window, which add up to one each:
/// - Jensen–Shannon distance: √(½ Σ r log₂(r/m) + ½ Σ c log₂(c/m)), m = (r + c) / 2;
/// - population stability index: Σ (r′ − c′) ln(r′/c′), where a share of 0 counts as ε;
/// - Kolmogorov–Smirnov: the largest |R − C| of the cumulative shares R, C;
/// - Wasserstein-1: ∫ |R − C| dx, samples spread evenly over each bin.
///
/// Additions, multiplications, divisions and square roots in double precision, in this order: the
/// same bits on every target.
public struct HistogramDistance: Sendable {
  private let epsilon: Double
  private var divergence = 0.0
  private var stability = 0.0
  private var largestGap = 0.0
  private var area = 0.0
  private var gap = 0.0

  /// - Parameter epsilon: The share that stands for an empty bin, above 0.
  public init(epsilon: Double) { self.epsilon = epsilon }

  /// Takes the next bin.
  ///
  /// - Parameters:
  ///   - reference: Share of the reference in it.
  ///   - current: Share of the window in it.
  ///   - width: Width of the bin, in the unit the Wasserstein distance is wanted in.
  public mutating func add(reference: Double, current: Double, width: Double) {
    let middle = 0.5 * (reference + current)
    if reference > 0 { divergence += 0.5 * reference * Logarithm.natural(reference / middle) }
    if current > 0 { divergence += 0.5 * current * Logarithm.natural(current / middle) }

    let (r, c) = (reference > 0 ? reference : epsilon, current > 0 ? current : epsilon)
    stability += (r - c) * Logarithm.natural(r / c)

    let before = gap
    gap += reference - current
    if gap.magnitude > largestGap { largestGap = gap.magnitude }

    // The difference of the cumulative shares is a line from one edge to the next.
    let (a, b) = (before.magnitude, gap.magnitude)
    if a + b > 0 {
      let crosses = (before < 0) != (gap < 0) && a > 0 && b > 0
      area += crosses ? width * (a * a + b * b) / (2 * (a + b)) : width * 0.5 * (a + b)
    }
  }

  /// The Jensen–Shannon distance, 0 to 1.
  public var jensenShannon: Double {
    // ln 2
    max(0, divergence / 0.69314718055994530942).squareRoot()
  }

  /// The population stability index.
  public var populationStability: Double { stability }

  /// The Kolmogorov–Smirnov statistic, 0 to 1.
  public var kolmogorovSmirnov: Double { largestGap }

  /// The Wasserstein-1 distance in the unit of the widths.
  public var wasserstein: Double { area }
}
