/// What a sensor measured at one moment: one number for each of its quantities, in their units.
public struct Reading: Sendable {
  /// The most numbers a reading has: the 64 pixels of an AMG8833 and its thermistor fit.
  public static let maximumCount = 72

  /// How long before the read it was measured, in nanoseconds; for the older entries of a device's
  /// buffer.
  public var ageNanoseconds: UInt64 = 0

  private var values = InlineArray<72, Float>(repeating: 0)

  /// A reading of zeros.
  public init() {}

  /// The number of one quantity, in its unit.
  public subscript(index: Int) -> Float {
    get { values[index] }
    set { values[index] = newValue }
  }
}
