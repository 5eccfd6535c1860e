/// What happened to one sensor since the program began.
public struct SensorCounters: Sendable {
  /// Readings taken.
  public internal(set) var readings: UInt64 = 0
  /// Reads that found nothing new in the device.
  public internal(set) var nothingNew: UInt64 = 0
  /// Attempts repeated within one deadline.
  public internal(set) var retries: UInt64 = 0
  /// Deadlines that passed without a reading: after all retries, or while the sensor was away.
  public internal(set) var missing: UInt64 = 0
  /// Reads begun more than a quarter of a period after their deadline.
  public internal(set) var late: UInt64 = 0
  /// Deadlines that had passed before their turn came, and were skipped.
  public internal(set) var missed: UInt64 = 0
  /// Times the device was started.
  public internal(set) var starts: UInt64 = 0

  private var errors = InlineArray<15, UInt64>(repeating: 0)

  /// Nothing yet.
  public init() {}

  /// Errors of one kind.
  public subscript(kind: SensorErrorKind) -> UInt64 {
    get { errors[Int(kind.rawValue)] }
    set { errors[Int(kind.rawValue)] = newValue }
  }

  /// Errors of all kinds.
  public var errorCount: UInt64 {
    var sum: UInt64 = 0
    for index in errors.indices { sum += errors[index] }
    return sum
  }
}
