// For the workstation, where records are read.
#if !hasFeature(Embedded)
  /// Records that are not there.
  public struct JournalLoss: Equatable, Sendable {
    /// Why.
    public enum Cause: Equatable, Sendable {
      /// Removed to keep the quota or the free space.
      case evicted
      /// Older than the oldest segment, and no record tells of their removal.
      case older
      /// The storage refused; the name of a `GapReason`.
      case gap(String)
      /// Cut off at a start after a power cut.
      case tornTail
      /// Never given, or lost in a segment that could not be read at a start.
      case skipped
      /// Damaged where they were.
      case damaged
      /// Nothing tells why.
      case unexplained

      /// The cause in a word or two.
      public var name: String {
        switch self {
        case .evicted: "evicted"
        case .older: "older than the journal"
        case .gap(let reason): reason
        case .tornTail: "torn tail"
        case .skipped: "skipped"
        case .damaged: "damaged"
        case .unexplained: "unexplained"
        }
      }

      /// Whether the journal itself accounts for it.
      public var isAccountedFor: Bool {
        switch self {
        case .evicted, .older, .gap, .tornTail, .skipped: true
        case .damaged, .unexplained: false
        }
      }
    }

    /// The numbers they had.
    public let sequences: ClosedRange<UInt64>

    /// Why they are not there.
    public let cause: Cause

    /// How many they are.
    public var count: UInt64 { sequences.upperBound - sequences.lowerBound + 1 }
  }

  /// Collects holes in the sequence and what records say about them.
  struct LossFinder {
    private var holes: [(range: ClosedRange<UInt64>, isDamaged: Bool)] = []
    private var explanations: [JournalLoss] = []
    private(set) var unnumbered: [String: UInt64] = [:]

    mutating func add(_ record: JournalRecord, after last: UInt64, afterDamage isDamaged: Bool) {
      if record.sequence > last + 1 {
        holes.append((last + 1...record.sequence - 1, isDamaged))
      }
      switch record.kind {
      case .gap:
        let reason = record["reason"]?.string ?? "unknown"
        if !explain(record, "from", "to", .gap(reason)) {
          unnumbered[reason, default: 0] += record["count"]?.unsigned ?? 0
        }
      case .eviction: explain(record, "from", "to", .evicted)
      case .recovery:
        explain(record, "cut_from", "cut_to", .tornTail)
        explain(record, "skipped_from", "skipped_to", .skipped)
      default: break
      }
    }

    @discardableResult
    private mutating func explain(
      _ record: JournalRecord, _ from: String, _ to: String, _ cause: JournalLoss.Cause
    ) -> Bool {
      guard let from = record[from]?.unsigned, let to = record[to]?.unsigned, from <= to else {
        return false
      }
      explanations.append(JournalLoss(sequences: from...to, cause: cause))
      return true
    }

    /// Every hole, cut into pieces of one cause each.
    var losses: [JournalLoss] {
      holes.flatMap { hole -> [JournalLoss] in
        let rest: JournalLoss.Cause =
          hole.range.lowerBound == 1 ? .older : hole.isDamaged ? .damaged : .unexplained
        // What came before the oldest record was removed, whatever happened to it earlier.
        let isOld = hole.range.lowerBound == 1
        let known =
          explanations
          .filter { $0.sequences.overlaps(hole.range) && (!isOld || $0.cause == .evicted) }
          .sorted { $0.sequences.lowerBound < $1.sequences.lowerBound }
        var pieces: [JournalLoss] = []
        func append(_ range: ClosedRange<UInt64>, _ cause: JournalLoss.Cause) {
          if let last = pieces.last, last.cause == cause {
            pieces[pieces.count - 1] = JournalLoss(
              sequences: last.sequences.lowerBound...range.upperBound, cause: cause)
          } else {
            pieces.append(JournalLoss(sequences: range, cause: cause))
          }
        }
        var next = hole.range.lowerBound
        for explanation in known {
          let range = explanation.sequences.clamped(to: hole.range)
          guard range.upperBound >= next else { continue }
          if range.lowerBound > next { append(next...range.lowerBound - 1, rest) }
          append(max(next, range.lowerBound)...range.upperBound, explanation.cause)
          next = range.upperBound + 1
        }
        if next <= hole.range.upperBound { append(next...hole.range.upperBound, rest) }
        return pieces
      }
    }
  }
#endif
