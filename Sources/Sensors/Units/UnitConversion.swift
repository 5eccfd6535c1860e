import Text

/// The conversion of a number from one unit to another of the same dimension.
///
///     result = (value + before) · numerator / denominator + after
///
/// As exact as the number allows: numerator and denominator are whole where the definition of the
/// units has whole ones, so 1013.25 hPa is 101325 Pa and 25 °C is 77 °F, not a little beside it.
public struct UnitConversion: Equatable, Sendable {
  private let before: Double
  private let numerator: Double
  private let denominator: Double
  private let after: Double

  /// Between units as drivers and model contracts write them, such as `hPa` and `Pa`.
  ///
  /// The same unit in two spellings, and one this program does not know in the same spelling twice,
  /// convert to themselves. Degrees are not converted to radians where either is a temperature,
  /// ppm is not a percentage: what differs in meaning is incompatible.
  ///
  /// - Returns: `nil` for incompatible units.
  public init?(from source: borrowing Span<UInt8>, to target: borrowing Span<UInt8>) {
    if source.equals(target) {
      self.init(before: 0, numerator: 1, denominator: 1, after: 0)
      return
    }
    guard let source = MeasurementUnit(named: source), let target = MeasurementUnit(named: target),
      source.dimension == target.dimension
    else { return nil }
    if source.zero == target.zero, source.numerator == target.numerator,
      source.denominator == target.denominator
    {
      self.init(before: 0, numerator: 1, denominator: 1, after: 0)
      return
    }
    self.init(
      before: source.zero, numerator: source.numerator * target.denominator,
      denominator: source.denominator * target.numerator, after: -target.zero)
  }

  private init(before: Double, numerator: Double, denominator: Double, after: Double) {
    self.before = before
    self.numerator = numerator
    self.denominator = denominator
    self.after = after
  }

  /// Whether numbers stay as they are.
  public var isIdentity: Bool {
    before == 0 && numerator == denominator && after == 0
  }

  /// What one unit of the source is in the target.
  public var gain: Double { numerator / denominator }

  /// What zero of the source is in the target.
  public var offset: Double { apply(0) }

  /// Converts a number.
  public func apply(_ value: Double) -> Double {
    (value + before) * numerator / denominator + after
  }
}
