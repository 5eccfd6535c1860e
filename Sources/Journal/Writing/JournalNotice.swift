import Text

/// An event of the journal that belongs into the program's own log as well.
public enum JournalNotice: Equatable, Sendable {
  /// It was opened over what an earlier run left.
  case recovered(lastSequence: UInt64, cutByteCount: UInt64, damagedSegmentCount: UInt64)
  /// The storage refuses; predictions go on.
  case degraded(GapReason)
  /// The storage works again.
  case worksAgain
  /// Old segments were removed.
  case evicted(segmentCount: UInt64)

  /// Whether somebody should look after it.
  public var isWarning: Bool {
    switch self {
    case .recovered(_, let cut, let damaged): cut > 0 || damaged > 0
    case .degraded: true
    case .worksAgain, .evicted: false
    }
  }

  /// Appends one sentence without a full stop.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    switch self {
    case .recovered(let last, let cut, let damaged):
      sink.append("journal continues after record ")
      sink.append(last)
      if cut > 0 {
        sink.append("; ")
        sink.append(cut)
        sink.append(" bytes of a torn end were cut")
      }
      if damaged > 0 {
        sink.append("; damaged segments put aside: ")
        sink.append(damaged)
      }
    case .degraded(let reason):
      sink.append("journal cannot write (")
      sink.append(reason.name)
      sink.append("); records are counted, and it is tried again")
    case .worksAgain:
      sink.append("journal works again")
    case .evicted(let count):
      sink.append("journal removed its oldest segments: ")
      sink.append(count)
    }
  }
}
