import Checksum
import ModelFormat

/// Puts sections behind a header and a section table, with alignment and checksums.
public enum ModelAssembler {
  /// The bytes of a file with `sections` in the given order.
  public static func assemble(_ sections: [(kind: SectionKind, bytes: [UInt8])]) -> [UInt8] {
    let stride = Layout.SectionEntry.stride
    var file = ByteWriter(byteCount: Layout.Header.byteCount + sections.count * stride)
    for (index, section) in sections.enumerated() {
      file.align(to: Layout.alignment)
      let entry = Layout.Header.byteCount + index * stride
      file.set(section.kind.rawValue, at: entry + Layout.SectionEntry.kind)
      file.set(
        section.kind.mustBeUnderstood ? Layout.SectionEntry.requiredFlag : 0,
        at: entry + Layout.SectionEntry.flags)
      file.set(count: file.count, at: entry + Layout.SectionEntry.offset)
      file.set(count: section.bytes.count, at: entry + Layout.SectionEntry.byteCount)
      file.append(section.bytes)
    }
    for index in 0..<8 { file.set(Layout.magic[index], at: Layout.Header.magic + index) }
    file.set(Layout.byteOrderMark, at: Layout.Header.byteOrderMark)
    file.set(Layout.majorVersion, at: Layout.Header.majorVersion)
    file.set(Layout.minorVersion, at: Layout.Header.minorVersion)
    file.set(count: file.count, at: Layout.Header.fileByteCount)
    file.set(count: sections.count, at: Layout.Header.sectionCount)
    return withChecks(file.bytes)
  }

  /// The same file with all checksums made right, where header and table allow to find them.
  ///
  /// Tests and fuzzers use it to get past the checksums to what they protect.
  public static func withChecks(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count >= Layout.Header.byteCount else { return bytes }
    var file = ByteWriter(byteCount: 0)
    file.append(bytes)
    func word(at offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    let sectionCount = word(at: Layout.Header.sectionCount)
    let tableEnd = Layout.Header.byteCount + sectionCount * Layout.SectionEntry.stride
    guard sectionCount <= Layout.Limits.sections, tableEnd <= bytes.count else { return bytes }
    for index in 0..<sectionCount {
      let entry = Layout.Header.byteCount + index * Layout.SectionEntry.stride
      let start = word(at: entry + Layout.SectionEntry.offset)
      let end = start + word(at: entry + Layout.SectionEntry.byteCount)
      guard end <= bytes.count else { continue }
      file.set(crc32C(file.bytes[start..<end]), at: entry + Layout.SectionEntry.check)
    }
    file.set(UInt32(0), at: Layout.Header.check)
    file.set(crc32C(file.bytes[0..<tableEnd]), at: Layout.Header.check)
    return file.bytes
  }

  private static func crc32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var check = CRC32C()
    for byte in bytes { check.update(byte) }
    return check.value
  }
}
