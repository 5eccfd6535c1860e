/// The two-sided Page–Hinkley test for a change of a stream's mean (E. S. Page, Continuous
/// Inspection Schemes, Biometrika 1954; D. Hinkley, 1971).
///
/// Deviations from the running mean are summed up, with a little forgotten each time; the test fires
/// when a sum has risen by more than a threshold above its lowest, or fallen as much below its
/// highest. After that the test starts over. Parameters and order of operations are those of
/// river 0.26.1, so that it fires at the same observations.
///
/// Its fields are those of a monitor's state, 56 bytes in this order, so that observations are taken in
/// place.
public struct PageHinkley: BitwiseCopyable, Sendable {
  /// Observations before the test may fire.
  public static let minimumCount = 30.0
  /// The change of the mean that does not count, in units of the observations.
  public static let tolerance = 0.005
  /// How far a sum must move.
  public static let threshold = 50.0
  /// What is left of a sum from one observation to the next.
  public static let retention = 1 - 0.0001

  private var count = 0.0
  private var mean = 0.0
  private var sumOfIncreases = 0.0
  private var sumOfDecreases = 0.0
  private var lowestIncrease = Double.infinity
  private var highestDecrease = -1.0
  /// Times the test has fired.
  public private(set) var firedCount: UInt32 = 0
  private var hasFired: UInt32 = 0

  /// A test before the first observation.
  public init() {}

  /// Takes one observation.
  ///
  /// - Returns: Whether the mean has changed.
  public mutating func update(_ value: Double) -> Bool {
    if hasFired != 0 { startOver() }
    count += 1
    mean += (1 / count) * (value - mean)
    let deviation = value - mean
    sumOfIncreases = Self.retention * sumOfIncreases + deviation - Self.tolerance
    sumOfDecreases = Self.retention * sumOfDecreases + deviation + Self.tolerance
    if sumOfIncreases < lowestIncrease { lowestIncrease = sumOfIncreases }
    if sumOfDecreases > highestDecrease { highestDecrease = sumOfDecreases }
    guard count >= Self.minimumCount,
      sumOfIncreases - lowestIncrease > Self.threshold
        || highestDecrease - sumOfDecreases > Self.threshold
    else { return false }
    hasFired = 1
    firedCount &+= 1
    return true
  }

  private mutating func startOver() {
    let firedCount = firedCount
    self = PageHinkley()
    self.firedCount = firedCount
  }
}
