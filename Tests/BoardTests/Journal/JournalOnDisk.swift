import Foundation

/// A log as its files say, read without any code of the program under test.
struct JournalOnDisk {
  /// One record.
  struct Record {
    let sequence: Int
    let boot: String
    let kind: String
    let monotonicNanoseconds: UInt64
    /// The whole line, without its line feed.
    let line: String
    let fields: [String: Any]
  }

  /// Every intact record, in the order of the files.
  private(set) var records: [Record] = []
  /// What is no intact record: bytes behind the last line feed of a segment, or a line whose
  /// checksum is not right.
  private(set) var torn: [(segment: String, isAtEndOfLastSegment: Bool, text: String)] = []

  /// The most a daemon with a sample model may hold in memory.
  static let residentByteLimit = 3_000_000

  /// What the daemon held in memory when it wrote its last `health` record.
  var residentByteCount: Int? {
    (records.last { $0.kind == "health" }?.fields["resident_bytes"] as? NSNumber)?.intValue
  }

  /// Reads all segments of `folder`; a folder that is not there is an empty log.
  init(folder: URL) throws {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let segments = names.filter { $0.hasPrefix("segment-") && $0.hasSuffix(".jsonl") }.sorted()
    self.init(
      segments: try segments.map {
        ($0, try Data(contentsOf: folder.appendingPathComponent($0)))
      })
  }

  /// Reads segments in the order of their names.
  init(segments: [(name: String, contents: Data)]) {
    for (segment, bytes) in segments {
      var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
      let tail = lines.removeLast()
      for (index, line) in lines.enumerated() {
        if let record = Self.record(line) {
          records.append(record)
        } else {
          let isLast = segment == segments.last?.name && index == lines.count - 1 && tail.isEmpty
          torn.append((segment, isLast, String(decoding: line, as: UTF8.self)))
        }
      }
      if !tail.isEmpty {
        torn.append(
          (segment, segment == segments.last?.name, String(decoding: tail, as: UTF8.self)))
      }
    }
  }

  private static func record(_ line: Data) -> Record? {
    let text = String(decoding: line, as: UTF8.self)
    guard let mark = text.range(of: ",\"crc\":\"", options: .backwards),
      let stated = UInt32(text[mark.upperBound...].prefix(8), radix: 16),
      text[mark.upperBound...].dropFirst(8) == "\"}",
      stated == crc32c(Array(text[..<mark.lowerBound].utf8)),
      let fields = try? JSONSerialization.jsonObject(with: line) as? [String: Any],
      let sequence = fields["seq"] as? Int, let boot = fields["boot"] as? String,
      let kind = fields["kind"] as? String,
      let time = (fields["mono_ns"] as? NSNumber)?.uint64Value
    else { return nil }
    return Record(
      sequence: sequence, boot: boot, kind: kind, monotonicNanoseconds: time, line: text,
      fields: fields)
  }

  /// CRC-32C (Castagnoli), bit by bit: RFC 3720, appendix B.4.
  static func crc32c(_ bytes: [UInt8]) -> UInt32 {
    var remainder: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<8 {
        remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1
      }
    }
    return ~remainder
  }
}
