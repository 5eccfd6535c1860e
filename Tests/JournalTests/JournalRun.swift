import TestSupport
import Testing
import Text

@testable import Journal

/// One life of the program: a journal that is opened, fed and maybe closed, and what it promised.
final class JournalRun {
  private var writer: JournalWriter<FaultyFolder>
  private let run: Int
  private var nanoseconds: UInt64
  private var made = 0

  /// The payload of every record that was given a number.
  private(set) var payloads: [UInt64: String] = [:]
  /// Numbers in doubt because a synchronization failed.
  private(set) var doubtful: Set<UInt64> = []
  /// Numbers known to be lost.
  private(set) var promised: UInt64 = 0
  private var doubtedThrough: UInt64 = 0

  init(_ disk: FaultyDisk, run: Int = 0, settings: JournalSettings = JournalRun.small) {
    writer = JournalWriter(FaultyFolder(disk: disk), settings: settings)
    self.run = run
    nanoseconds = 1_000_000_000 * UInt64(run + 1)
  }

  /// Small enough that a few dozen records rotate and evict.
  static var small: JournalSettings {
    var settings = JournalSettings()
    settings.segmentByteCount = 2500
    settings.quotaByteCount = 5 * 4096
    settings.freeByteCountFloor = 0
    settings.flushInterval = 500_000_000
    settings.syncInterval = 1_000_000_000
    settings.retryInterval = 2_000_000_000
    settings.segmentAgeSeconds = 9
    return settings
  }

  var now: RecordStamp {
    RecordStamp(
      wallNanoseconds: 1_795_453_200_000_000_000 + Int64(nanoseconds),
      monotonicNanoseconds: nanoseconds, bootIdentifier: UInt32(run), isSynchronized: true)
  }

  var statistics: JournalStatistics { writer.statistics }
  var condition: JournalCondition { writer.condition }
  func takeNotice() -> JournalNotice? { writer.takeNotice() }
  var nextDeadline: UInt64 { writer.nextDeadline }

  func open() {
    writer.open(at: now)
    watch()
  }

  func advance(_ nanoseconds: UInt64) {
    self.nanoseconds += nanoseconds
    writer.tick(at: now)
    watch()
  }

  func noteDropped(_ count: UInt64) { writer.noteDropped(count, at: now) }

  @discardableResult
  func record(_ kind: RecordKind = .prediction, padding: Int = 20) -> UInt64? {
    made += 1
    let payload = "run \(run) record \(made) " + String(repeating: "x", count: padding)
    var line = JSONLine(TextBuffer<4096>())
    line.begin(kind, at: now)
    line.field("payload", string: Array(payload.utf8).span)
    line.end()
    let sequence = writer.append(line.bytes, kind: kind, at: now)
    if let sequence { payloads[sequence] = payload }
    watch()
    return sequence
  }

  func close() {
    writer.close(at: now)
    watch()
  }

  /// A second of records, four of them.
  func workload(_ count: Int) {
    for index in 0..<count {
      record(padding: index * 37 % 90)
      advance(250_000_000)
    }
  }

  private func watch() {
    if writer.doubtedThrough > doubtedThrough {
      let safe = max(doubtedThrough, promised)
      if writer.doubtedThrough > safe { doubtful.formUnion(safe + 1...writer.doubtedThrough) }
      doubtedThrough = writer.doubtedThrough
    }
    promised = max(promised, writer.statistics.syncedThrough)
  }
}

/// What reading a journal gave.
struct JournalContents {
  var records: [UInt64: String] = [:]
  var order: [UInt64] = []
  var kinds: [String] = []
  var lines: [String] = []
  var losses: [JournalLoss] = []
  var unnumbered: [String: UInt64] = [:]
  var damage: [SegmentDamage] = []
  var duplicateCount: UInt64 = 0
  var damagedSegmentCount = 0

  init(of disk: FaultyDisk) throws {
    var reader = try JournalReader(FaultyFolder(disk: disk))
    var record = JournalRecord()
    while reader.next(&record) {
      order.append(record.sequence)
      records[record.sequence] = record["payload"]?.string
      kinds.append(record.kindName)
      lines.append(record.text)
    }
    losses = reader.losses
    unnumbered = reader.unnumberedLosses
    damage = reader.damage
    duplicateCount = reader.duplicateCount
    damagedSegmentCount = reader.segments.count { $0.isDamaged }
  }

  /// Expects what must hold whatever failed: order, contents, nothing promised that is missing,
  /// nothing missing without a word.
  func check(
    against runs: [JournalRun], mayBeDamaged: Bool = false, _ comment: Comment,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (a, b) in zip(order, order.dropFirst()) where a >= b {
      Issue.record("record \(b) after \(a): \(comment)", sourceLocation: sourceLocation)
    }
    let evictedThrough =
      losses.last { $0.cause == .evicted || $0.cause == .older }?.sequences
      .upperBound ?? 0
    for (sequence, text) in records {
      // After a power cut a number nobody was promised may be given again.
      #expect(
        runs.contains { $0.payloads[sequence] == text }, "content of \(sequence): \(comment)",
        sourceLocation: sourceLocation)
    }
    for run in runs {
      for (sequence, text) in run.payloads
      where sequence <= run.promised && !run.doubtful.contains(sequence)
        && sequence > evictedThrough && records[sequence] != text
        && !losses.contains(where: { $0.sequences.contains(sequence) && $0.cause.isTold })
      {
        Issue.record(
          "record \(sequence) was safe and is \(records[sequence] ?? "gone"): \(comment)",
          sourceLocation: sourceLocation)
      }
    }
    for loss in losses where !loss.cause.isAccountedFor && !mayBeDamaged {
      Issue.record("\(loss) is not accounted for: \(comment)", sourceLocation: sourceLocation)
    }
    if !mayBeDamaged {
      #expect(damage.isEmpty, "\(damage): \(comment)", sourceLocation: sourceLocation)
    }
  }
}

extension JournalLoss.Cause {
  /// Whether a gap record told of it while the program ran: the number was never written.
  fileprivate var isTold: Bool {
    if case .gap = self { true } else { false }
  }
}
