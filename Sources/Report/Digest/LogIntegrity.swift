import Journal

/// What is missing from a journal's folder, and what is damaged in it.
struct LogIntegrity {
  struct Damage {
    let segment: String
    let offset: UInt64
    let byteCount: UInt64
    let kind: SegmentDamage.Kind
  }

  var losses: [JournalLoss] = []
  /// Records lost before they got a number, by reason.
  var unnumbered: [(reason: String, count: UInt64)] = []
  var damage: [Damage] = []
  /// Segments the board put aside.
  var setAside: [String] = []
  var segmentCount = 0
  var byteCount: UInt64 = 0
  var duplicateCount: UInt64 = 0

  init() {}

  init<Folder: JournalFolder & ~Copyable>(_ reader: borrowing JournalReader<Folder>) {
    let segments = reader.segments
    losses = reader.losses
    unnumbered = reader.unnumberedLosses.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    damage = reader.damage.map {
      Damage(
        segment: segments[$0.segment].fileName, offset: $0.offset, byteCount: $0.byteCount,
        kind: $0.kind)
    }
    setAside = segments.filter(\.isDamaged).map(\.fileName)
    segmentCount = segments.count
    byteCount = segments.reduce(0) { $0 &+ $1.byteCount }
    duplicateCount = reader.duplicateCount
  }

  /// Records that are missing and that the journal does not account for.
  var unexplainedCount: UInt64 {
    losses.reduce(0) { $0 &+ ($1.cause.isAccountedFor ? 0 : $1.count) }
  }
}
