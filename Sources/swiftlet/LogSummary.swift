import Journal
import LinuxPlatform

/// What a journal holds and lacks, found by reading all of it once.
struct LogSummary: Encodable {
  struct Boot: Encodable {
    var boot: String
    var firstSequence: UInt64
    var lastSequence: UInt64
    var records: UInt64 = 0
    var starts: UInt64 = 0
    /// Last minus first monotonic time.
    var seconds: Double = 0

    enum CodingKeys: String, CodingKey {
      case boot, records, starts, seconds
      case firstSequence = "first_seq"
      case lastSequence = "last_seq"
    }
  }

  struct Loss: Encodable {
    var from: UInt64
    var to: UInt64
    var count: UInt64
    var reason: String
    var accounted: Bool
  }

  struct Damage: Encodable {
    var segment: String
    var offset: UInt64
    var bytes: UInt64
    var kind: String
  }

  var records: UInt64 = 0
  var firstSequence: UInt64?
  var lastSequence: UInt64?
  var segments = 0
  var damagedSegments = 0
  var bytes: UInt64 = 0
  var boots: [Boot] = []
  var firstTime: String?
  var lastTime: String?
  var unsynchronizedRecords: UInt64 = 0
  var kinds: [String: UInt64] = [:]
  var recoveries: UInt64 = 0
  var cutBytes: UInt64 = 0
  var duplicates: UInt64 = 0
  var losses: [Loss] = []
  /// Records lost before they got a number.
  var unnumberedLosses: [String: UInt64] = [:]
  var damage: [Damage] = []
  /// Whether all is intact and every loss accounted for.
  var clean = true

  enum CodingKeys: String, CodingKey {
    case records, segments, bytes, boots, kinds, recoveries, duplicates, losses, damage, clean
    case firstSequence = "first_seq"
    case lastSequence = "last_seq"
    case damagedSegments = "damaged_segments"
    case firstTime = "first_time"
    case lastTime = "last_time"
    case unsynchronizedRecords = "unsynchronized_records"
    case cutBytes = "cut_bytes"
    case unnumberedLosses = "unnumbered_losses"
  }

  /// Reads the journal in `folder`.
  init(readingFrom folder: String) throws {
    var reader = try openJournal(folder)
    var record = JournalRecord()
    var firstMonotonic: UInt64 = 0
    while reader.next(&record) {
      records += 1
      kinds[record.kindName, default: 0] += 1
      if firstSequence == nil { firstSequence = record.sequence }
      lastSequence = record.sequence
      let time = record["time"]?.string
      if firstTime == nil { firstTime = time }
      lastTime = time
      if !record.isSynchronized { unsynchronizedRecords += 1 }
      addBoot(record, &firstMonotonic)
      if record.kind == .recovery {
        recoveries += 1
        cutBytes += record["cut_bytes"]?.unsigned ?? 0
      }
    }
    finish(reader)
  }

  private mutating func addBoot(_ record: JournalRecord, _ firstMonotonic: inout UInt64) {
    let name = record["boot"]?.string ?? ""
    let monotonic = record.monotonicNanoseconds
    if boots.last?.boot != name {
      boots.append(
        Boot(boot: name, firstSequence: record.sequence, lastSequence: record.sequence))
      firstMonotonic = monotonic
    }
    let last = boots.count - 1
    boots[last].lastSequence = record.sequence
    boots[last].records += 1
    boots[last].seconds = Double(max(monotonic, firstMonotonic) - firstMonotonic) / 1e9
    if record.kind == .start { boots[last].starts += 1 }
  }

  private mutating func finish(_ reader: borrowing JournalReader<LinuxJournalFolder>) {
    let files = reader.segments
    segments = files.count
    damagedSegments = files.count { $0.isDamaged }
    bytes = files.reduce(0) { $0 + $1.byteCount }
    duplicates = reader.duplicateCount
    unnumberedLosses = reader.unnumberedLosses
    losses = reader.losses.map {
      Loss(
        from: $0.sequences.lowerBound, to: $0.sequences.upperBound, count: $0.count,
        reason: $0.cause.name, accounted: $0.cause.isAccountedFor)
    }
    damage = reader.damage.map {
      Damage(
        segment: files[$0.segment].fileName, offset: $0.offset, bytes: $0.byteCount,
        kind: $0.kind.rawValue)
    }
    clean = damage.isEmpty && damagedSegments == 0 && losses.allSatisfy(\.accounted)
  }
}

/// A reader of the journal in `folder`; a failure when there is none.
func openJournal(_ folder: String) throws -> JournalReader<LinuxJournalFolder> {
  let reader: JournalReader<LinuxJournalFolder>
  do throws(PlatformError) {
    let path = try FilePath(folder)
    // Listing makes a folder that is missing, which is the board's business.
    _ = try FolderListing(path)
    reader = try JournalReader(LinuxJournalFolder(path))
  } catch {
    throw Failure(error, file: folder)
  }
  guard !reader.segments.isEmpty else {
    throw Failure(
      "\(folder): no journal (no segment-….jsonl) in it; is it the folder of [log] on the board?",
      exitCode: Log.noInput)
  }
  return reader
}
