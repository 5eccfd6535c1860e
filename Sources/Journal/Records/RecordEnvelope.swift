import Checksum
import Text

/// What the journal puts around the line of a record: the sequence number in front, the check value
/// behind.
///
///     {"seq":42,"time":"…",…,"crc":"1a2b3c4d"}⏎
///
/// The check value is CRC-32C over the bytes before `,"crc":`, the opening brace included, in eight
/// lower-case hexadecimal digits.
enum RecordEnvelope {
  /// Bytes the envelope adds to a line, at most: `"seq":` and twenty digits and a comma, and
  /// `,"crc":"xxxxxxxx"`.
  static let byteCount = 27 + 17

  /// `{"seq":` as the first bytes of a record.
  static let prefixByteCount = 7

  /// `,"crc":"xxxxxxxx"}`.
  static let suffixByteCount = 18

  /// The sequence number of a line without its line feed; nil when it is no intact record.
  static func sequence(ofIntact line: borrowing Span<UInt8>) -> UInt64? {
    guard line.count > prefixByteCount + suffixByteCount, let sequence = claimedSequence(of: line)
    else { return nil }
    let end = line.count - suffixByteCount
    let suffix = line.extracting(end..<line.count)
    guard suffix.starts(with: ",\"crc\":\""), suffix.extracting(16..<18).equals("\"}") else {
      return nil
    }
    var check = CRC32C()
    check.update(line.extracting(0..<end))
    var expected = TextBuffer<8>()
    expected.append(hexadecimal: UInt64(check.value), digits: 8)
    return suffix.extracting(8..<16).equals(expected.bytes) ? sequence : nil
  }

  /// The sequence number that a line, maybe cut or damaged, begins with.
  static func claimedSequence(of line: borrowing Span<UInt8>) -> UInt64? {
    guard line.starts(with: "{\"seq\":") else { return nil }
    var end = prefixByteCount
    while end < line.count, line[end] != UInt8(ascii: ",") { end += 1 }
    guard end < line.count else { return nil }
    return line.extracting(prefixByteCount..<end).decimalNumber
  }
}

/// Limits that fix the sizes of the journal's buffers.
public enum JournalLimits {
  /// The longest line a record can be made of, line feed included.
  public static let lineByteCount = 4096

  /// The longest line in a segment, line feed included.
  static let recordByteCount = lineByteCount + RecordEnvelope.byteCount
}
