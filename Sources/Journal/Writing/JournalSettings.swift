/// How much the journal writes, keeps and may lose.
public struct JournalSettings: Equatable, Sendable {
  /// A segment that has reached it is closed and a new one begun. Bytes.
  public var segmentByteCount: UInt64 = 4 << 20

  /// A segment is closed when it is that old. Seconds.
  public var segmentAgeSeconds: UInt64 = 86_400

  /// What all segments together may take, in blocks of 4 KiB. Bytes.
  public var quotaByteCount: UInt64 = 256 << 20

  /// What the journal leaves free on the file system. Bytes.
  public var freeByteCountFloor: UInt64 = 64 << 20

  /// How long records are gathered in memory. Nanoseconds.
  public var flushInterval: UInt64 = 1_000_000_000

  /// The age from which on a record survives a power cut. Nanoseconds.
  public var syncInterval: UInt64 = 10_000_000_000

  /// What a day may write, the cost of synchronizing estimated; 0 for no limit. Bytes.
  public var dailyBudgetByteCount: UInt64 = 0

  /// How much of the newest segments is read when the journal is opened. Bytes.
  public var recoveryScanByteCount: UInt64 = 16 << 20

  /// How long after a failure the storage is tried again. Nanoseconds.
  public var retryInterval: UInt64 = 5_000_000_000

  /// The defaults.
  public init() {}

  /// What is inconsistent, and what to change; nil when nothing is.
  public var problem: StaticString? {
    if segmentByteCount < 65_536 { return "a segment has at least 64 KiB; raise segment-size" }
    if segmentByteCount > 1 << 30 { return "a segment has at most 1 GiB; lower segment-size" }
    if quotaByteCount / 2 < segmentByteCount {
      return "the quota holds at least two segments; raise quota or lower segment-size"
    }
    if segmentAgeSeconds == 0 { return "a segment lives at least a second; raise segment-age" }
    if segmentAgeSeconds > 10 * 366 * 86_400 {
      return "a segment lives at most ten years; lower segment-age"
    }
    if syncInterval < 1_000_000 || syncInterval > 86_400_000_000_000 {
      return "between a millisecond and a day; change sync-interval"
    }
    if flushInterval > syncInterval { return "flushing comes before syncing; raise sync-interval" }
    if retryInterval == 0 { return "trying again needs a pause" }
    if dailyBudgetByteCount != 0, dailyBudgetByteCount < 1 << 20 {
      return "a day needs at least 1 MiB; raise daily-budget, or 0 for no limit"
    }
    return nil
  }
}
