import Text

/// The name of a segment: `segment-00000000000000000042.jsonl`, with `.damaged` behind it when the
/// segment is quarantined.
///
/// The number is the sequence number of the first record, always twenty digits, so names sort by
/// age whatever sorts them.
public struct SegmentName: Equatable, Sendable {
  /// Sequence number of the first record.
  public var sequence: UInt64

  /// Whether the segment is quarantined.
  public var isDamaged: Bool

  /// The name of a segment.
  public init(sequence: UInt64, isDamaged: Bool = false) {
    self.sequence = sequence
    self.isDamaged = isDamaged
  }

  /// Reads a file name; nil for files that are no segments.
  public init?(_ name: borrowing Span<UInt8>) {
    guard name.starts(with: "segment-") else { return nil }
    let rest = name.extracting(8..<name.count)
    guard let number = rest.zeroFilledNumber else { return nil }
    let suffix = rest.extracting(20..<rest.count)
    guard suffix.equals(".jsonl") || suffix.equals(".jsonl.damaged") else { return nil }
    sequence = number
    isDamaged = suffix.count > 6
  }

  /// The file name.
  public var text: TextBuffer<64> {
    var text = TextBuffer<64>()
    text.append("segment-")
    text.append(sequence, zeroFilledTo: 20)
    text.append(isDamaged ? ".jsonl.damaged" : ".jsonl")
    return text
  }

  /// By age; of two with the same number the quarantined one is older.
  static func < (left: Self, right: Self) -> Bool {
    left.sequence != right.sequence
      ? left.sequence < right.sequence : left.isDamaged && !right.isDamaged
  }
}

extension Span where Element == UInt8 {
  /// The number in the first twenty bytes, all of them digits.
  var zeroFilledNumber: UInt64? {
    guard count >= 20 else { return nil }
    return extracting(0..<20).decimalNumber
  }

  /// The number that the bytes, one to twenty digits, are.
  var decimalNumber: UInt64? {
    guard count >= 1, count <= 20 else { return nil }
    var value: UInt64 = 0
    for index in indices {
      guard self[index] >= UInt8(ascii: "0"), self[index] <= UInt8(ascii: "9") else { return nil }
      let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, carries) = product.addingReportingOverflow(UInt64(self[index] - UInt8(ascii: "0")))
      guard !tooLarge, !carries else { return nil }
      value = sum
    }
    return value
  }
}
