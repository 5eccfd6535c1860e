/// Shares out what a day may write.
///
/// An allowance in bytes grows evenly through the day, up to a quarter of a day's; writing takes
/// from it. As it runs low the journal first synchronizes less often, then leaves out records of
/// low priority, then as many predictions as do not fit. Records of high priority may overdraw it
/// by as much as it can hold.
struct WriteBudget: Equatable {
  /// What a synchronization is taken to cost besides the records: the last page of the file again,
  /// the inode, and a journal commit of the file system, each a block of 4 KiB.
  static let syncByteCount: Int64 = 12_288

  private static let dayMilliseconds: UInt64 = 86_400_000

  private let bytesPerDay: Int64
  private let largest: Int64
  private var allowance: Int64
  private var lastRefill: UInt64?
  /// Byte-milliseconds too few to make a byte, carried to the next refill.
  private var carry: UInt64 = 0

  init(bytesPerDay: UInt64) {
    // At most 256 GiB, so that the products below fit 64 bits.
    self.bytesPerDay = Int64(min(bytesPerDay, 1 << 38))
    largest = self.bytesPerDay / 4
    // Half, so that a program that starts over and over does not get a new day each time.
    allowance = largest / 2
  }

  private var isUnlimited: Bool { bytesPerDay == 0 }

  /// Adds what has grown up to `now`, monotonic nanoseconds.
  mutating func refill(at now: UInt64) {
    guard !isUnlimited else { return }
    guard let previous = lastRefill, now >= previous else {
      lastRefill = now
      return
    }
    let milliseconds = (now - previous) / 1_000_000
    lastRefill = previous + milliseconds * 1_000_000
    // No more than a quarter of a day fits in.
    let grown = UInt64(bytesPerDay) * min(milliseconds, Self.dayMilliseconds / 4) + carry
    carry = grown % Self.dayMilliseconds
    allowance = min(largest, allowance + Int64(grown / Self.dayMilliseconds))
  }

  /// Takes what was written.
  mutating func spend(_ byteCount: Int) {
    guard !isUnlimited else { return }
    allowance = max(-largest, allowance - Int64(byteCount))
  }

  /// Takes the cost of a synchronization.
  mutating func spendSync() { spend(Int(Self.syncByteCount)) }

  /// Whether something of that size and priority may be written.
  func allows(_ byteCount: Int, _ priority: RecordPriority) -> Bool {
    guard !isUnlimited else { return true }
    switch priority {
    case .low: return allowance >= largest / 4 + Int64(byteCount)
    case .normal: return allowance >= Int64(byteCount)
    case .high: return allowance >= Int64(byteCount) - largest
    }
  }

  /// How many sync intervals pass from one synchronization to the next.
  var syncIntervalFactor: UInt64 {
    guard !isUnlimited, allowance < largest / 2 - largest / 16 else { return 1 }
    if allowance >= largest / 4 { return 4 }
    return allowance > 0 ? 16 : 64
  }
}
