import Hardware

/// A line that is driven, and what it should be: a level that could not be set is set with the
/// next call, and the line can be compared with what was meant.
public struct SwitchedOutput: Sendable {
  /// What the line should be; `nil` before the first `drive`.
  public private(set) var intended: Bool?

  /// Whether the line was told so.
  private var isDriven = false

  /// An output that was never driven.
  public init() {}

  /// Sets the level, if it is not set already; `true` is active.
  ///
  /// - Returns: Whether the line was written.
  @discardableResult
  public mutating func drive(
    _ level: Bool, on line: inout some DigitalOutput & ~Copyable
  ) throws(SensorError) -> Bool {
    if isDriven && intended == level { return false }
    intended = level
    isDriven = false
    do { try line.set(level) } catch { throw .bus(error) }
    isDriven = true
    return true
  }

  /// Compares the line with what was meant: a short circuit, or another driver, makes them differ.
  ///
  /// - Returns: `true` also while nothing was meant.
  public mutating func matches(
    _ line: inout some DigitalOutput & ~Copyable
  ) throws(SensorError) -> Bool {
    guard let intended else { return true }
    do { return try line.level() == intended } catch { throw .bus(error) }
  }
}
