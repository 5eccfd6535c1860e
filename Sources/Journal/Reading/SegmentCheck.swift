import Text

/// What a whole segment was found to hold.
struct SegmentCheck: Equatable {
  /// Intact records.
  var recordCount: UInt64 = 0
  /// Sequence number of the first and the last intact record.
  var firstSequence: UInt64?
  var lastSequence: UInt64?
  /// Size of the file.
  var byteCount: UInt64 = 0
  /// Where the last intact record ends.
  var intactEnd: UInt64 = 0
  /// Whether an intact record follows damage, so that cutting the end does not mend the segment.
  var isDamagedInside = false
  /// The largest plausible sequence number that damaged lines claim.
  var claimedSequence: UInt64?

  /// A claim further away from what is known is noise.
  static let plausibleDistance: UInt64 = 1_000_000

  /// Reads a segment from beginning to end.
  static func of<Folder: JournalFolder & ~Copyable>(
    _ name: SegmentName, in folder: inout Folder, with scanner: inout SegmentScanner
  ) throws(Folder.Failure) -> SegmentCheck {
    var check = SegmentCheck()
    let text = name.text
    var sawDamage = false
    scanner.restart()
    scan: while true {
      switch try scanner.next(in: &folder, text.bytes) {
      case .end: break scan
      case .damage(_, _, let claimed):
        sawDamage = true
        let known = check.lastSequence ?? name.sequence
        if let claimed, claimed >= known, claimed - known < plausibleDistance {
          check.claimedSequence = max(check.claimedSequence ?? 0, claimed)
        }
      case .record(let sequence):
        // Going backwards is damage as well: the record has been there before.
        guard sequence > check.lastSequence ?? 0 else {
          sawDamage = true
          continue
        }
        if sawDamage { check.isDamagedInside = true }
        check.recordCount += 1
        check.firstSequence = check.firstSequence ?? sequence
        check.lastSequence = sequence
        check.intactEnd = scanner.offset
      }
    }
    check.byteCount = scanner.offset
    return check
  }
}
