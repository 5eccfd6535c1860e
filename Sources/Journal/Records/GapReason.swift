/// Why records are missing.
public enum GapReason: UInt8, Equatable, Sendable {
  /// The disk was full.
  case diskFull
  /// The file system was read-only.
  case readOnly
  /// The user may not write.
  case notPermitted
  /// The folder was not there.
  case folderMissing
  /// The storage failed.
  case inputOutput
  /// The storage took the records but could not say that they are safe; they may be there.
  case syncFailed
  /// Writing paused to leave other programs some free space.
  case freeSpace
  /// The storage was too slow and the queue in front of it full.
  case queueFull
  /// The daily write budget was used up.
  case budget

  static let count = 9

  init(_ reason: JournalFailureReason) {
    switch reason {
    case .noSpace: self = .diskFull
    case .readOnly: self = .readOnly
    case .notPermitted: self = .notPermitted
    case .missing: self = .folderMissing
    case .inputOutput: self = .inputOutput
    }
  }

  /// The value of `reason` in a `gap` record.
  public var name: StaticString {
    switch self {
    case .diskFull: "disk-full"
    case .readOnly: "read-only"
    case .notPermitted: "no-permission"
    case .folderMissing: "folder-missing"
    case .inputOutput: "io-error"
    case .syncFailed: "sync-failed"
    case .freeSpace: "free-space"
    case .queueFull: "queue-full"
    case .budget: "budget"
    }
  }
}
