// For the workstation, where records are read.
#if !hasFeature(Embedded)
  import Text

  /// Reads every intact record of a journal once, in order, and finds out what is missing and why.
  ///
  /// It needs the same memory for ten records and for ten million; only the list of losses grows,
  /// with their number. The journal may be written to meanwhile.
  public struct JournalReader<Folder: JournalFolder & ~Copyable>: ~Copyable {
    private var folder: Folder
    private var scanner = SegmentScanner()
    /// The segment being read, in `segments`.
    private var position = 0
    private var isScanning = false
    /// The last record given out.
    private var lastSequence: UInt64 = 0
    /// Whether something damaged came after it.
    private var sawDamage = false
    private var holes = LossFinder()

    /// The segments, oldest first.
    public private(set) var segments: [SegmentSummary] = []

    /// What is damaged; complete after the last record.
    public private(set) var damage: [SegmentDamage] = []

    /// Records that were there twice, which failing storage can leave; they are given out once.
    public private(set) var duplicateCount: UInt64 = 0

    /// A reader at the first record.
    ///
    /// - Throws: When the folder cannot be listed.
    public init(_ folder: consuming Folder) throws(Folder.Failure) {
      var folder = folder
      var text = TextBuffer<64>()
      var found: [SegmentSummary] = []
      try folder.beginListing()
      while try folder.nextEntry(&text) {
        guard let name = SegmentName(text.bytes) else { continue }
        do throws(Folder.Failure) {
          let byteCount = try folder.byteCount(of: text.bytes)
          found.append(SegmentSummary(name: name, byteCount: byteCount))
        } catch {
          // Evicted since.
          guard error.journalReason == .missing else { throw error }
        }
      }
      segments = found.sorted { $0.name < $1.name }
      self.folder = folder
    }

    /// Goes to the next intact record.
    ///
    /// - Returns: `false` after the last.
    public mutating func next(_ record: inout JournalRecord) -> Bool {
      while position < segments.count {
        if !isScanning {
          scanner.restart()
          isScanning = true
        }
        let name = segments[position].name.text
        do throws(Folder.Failure) {
          switch try scanner.next(in: &folder, name.bytes) {
          case .end:
            endSegment()
          case .damage(let offset, let byteCount, _):
            noteDamage(offset, byteCount)
          case .record(let sequence):
            guard sequence > lastSequence else {
              duplicateCount += 1
              continue
            }
            record.replace(with: scanner.line, sequence: sequence)
            follow(record)
            return true
          }
        } catch {
          if error.journalReason != .missing {
            let offset = scanner.offset
            let size = segments[position].byteCount
            damage.append(
              SegmentDamage(
                segment: position, offset: offset, byteCount: size - min(size, offset),
                kind: .unreadable))
            sawDamage = true
          }
          endSegment()
        }
      }
      return false
    }

    /// What is missing between the first record ever and the last one read, oldest first.
    public var losses: [JournalLoss] { holes.losses }

    /// Records lost before they got a number, by reason, such as `queue-full`.
    public var unnumberedLosses: [String: UInt64] { holes.unnumbered }

    private mutating func follow(_ record: JournalRecord) {
      segments[position].recordCount += 1
      if segments[position].firstRecord == nil { segments[position].firstRecord = record.sequence }
      segments[position].lastRecord = record.sequence
      holes.add(record, after: lastSequence, afterDamage: sawDamage)
      sawDamage = false
      lastSequence = record.sequence
    }

    private mutating func noteDamage(_ offset: UInt64, _ byteCount: UInt64) {
      sawDamage = true
      // One stretch, however many lines it is.
      if let last = damage.last, last.segment == position, last.kind == .damagedBytes,
        last.offset + last.byteCount == offset
      {
        damage[damage.count - 1].byteCount += byteCount
      } else {
        damage.append(
          SegmentDamage(
            segment: position, offset: offset, byteCount: byteCount, kind: .damagedBytes))
      }
    }

    private mutating func endSegment() {
      // Damage up to the end of the newest segment is what a power cut leaves.
      if let last = damage.last, last.segment == position, last.kind == .damagedBytes,
        last.offset + last.byteCount == scanner.offset, !segments[position].isDamaged
      {
        damage[damage.count - 1].kind = .tornTail
      }
      position += 1
      isScanning = false
    }
  }

  /// One file of a journal.
  public struct SegmentSummary: Equatable, Sendable {
    let name: SegmentName

    /// Size of the file.
    public let byteCount: UInt64

    /// Intact records read from it so far.
    public internal(set) var recordCount: UInt64 = 0

    /// Sequence numbers of the first and the last record read so far.
    public internal(set) var firstRecord: UInt64?
    /// The last of them.
    public internal(set) var lastRecord: UInt64?

    init(name: SegmentName, byteCount: UInt64) {
      self.name = name
      self.byteCount = byteCount
    }

    /// The file name.
    public var fileName: String { String { $0.append(name.text.bytes) } }

    /// The sequence number in the name, that of the first record when it was begun.
    public var firstSequence: UInt64 { name.sequence }

    /// Whether the board found it damaged and put it aside.
    public var isDamaged: Bool { name.isDamaged }
  }

  /// A stretch of a segment that is no record.
  public struct SegmentDamage: Equatable, Sendable {
    /// What it looks like.
    public enum Kind: String, Equatable, Sendable {
      /// The end of a segment, cut in the middle of writing.
      case tornTail = "torn tail"
      /// Bytes between or instead of records.
      case damagedBytes = "damaged bytes"
      /// The storage did not give the bytes.
      case unreadable
    }

    /// The segment's place in the reader's list.
    public let segment: Int
    /// Where it begins in the file.
    public let offset: UInt64
    /// How long it is.
    public internal(set) var byteCount: UInt64
    /// What it looks like.
    public internal(set) var kind: Kind
  }
#endif
