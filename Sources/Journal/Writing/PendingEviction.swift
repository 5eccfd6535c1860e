/// Segments removed and not yet told.
struct PendingEviction {
  var reason: EvictionReason
  var segmentCount: UInt64
  var byteCount: UInt64
  /// Sequence numbers the removed segments could hold.
  var sequences: ClosedRange<UInt64>
}

/// Why old segments were removed.
enum EvictionReason {
  case quota
  case freeSpace

  var name: StaticString {
    switch self {
    case .quota: "quota"
    case .freeSpace: "free-space"
    }
  }
}
