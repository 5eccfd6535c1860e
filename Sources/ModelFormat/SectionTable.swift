import Checksum

/// The header and section table of a model file, checked: where each section is.
struct SectionTable: Sendable {
  /// Byte range of every known section in the file; `0..<0` where the section is absent, which no
  /// present one has: sections come after the header.
  private var ranges = InlineArray<14, Range<Int>>(repeating: 0..<0)

  /// Checks header, section table, checksums and padding of `bytes`.
  init(_ bytes: RawSpan) throws(ModelError) {
    let sectionCount = try Self.checkHeader(bytes)
    let tableEnd = Layout.Header.byteCount + sectionCount * Layout.SectionEntry.stride
    var end = tableEnd
    for index in 0..<sectionCount {
      let entry = Layout.Header.byteCount + index * Layout.SectionEntry.stride
      end = try readEntry(at: entry, index: index, previousEnd: end, of: bytes)
    }
    guard end == bytes.byteCount else {
      throw ModelError(
        .sectionOutOfBounds, offset: Layout.Header.fileByteCount, found: end,
        expected: bytes.byteCount)
    }
    for position in 0..<ranges.count {
      let kind = Self.kind(at: position)
      if kind.isMandatory && !contains(kind) {
        throw ModelError(.missingSection, section: kind, offset: Layout.Header.byteCount)
      }
    }
  }

  /// The bytes of section `kind`; empty where it is absent.
  private(set) subscript(kind: SectionKind) -> Range<Int> {
    get { ranges[Self.position(of: kind)] }
    set { ranges[Self.position(of: kind)] = newValue }
  }

  /// Whether the file has section `kind`.
  func contains(_ kind: SectionKind) -> Bool { self[kind].lowerBound != 0 }

  private static func position(of kind: SectionKind) -> Int {
    for position in 0..<kinds.count where kinds[position] == kind { return position }
    preconditionFailure("every kind is listed")
  }

  private static func kind(at position: Int) -> SectionKind { kinds[position] }

  private static var kinds: InlineArray<14, SectionKind> {
    [
      .text, .tensors, .operands, .operators, .data, .graph, .contract, .labels, .golden, .card,
      .provenance, .preprocessing, .baseline, .bands,
    ]
  }

  /// Checks the header and the checksum over header and table; returns the number of sections.
  private static func checkHeader(_ bytes: RawSpan) throws(ModelError) -> Int {
    guard bytes.byteCount > 0 else { throw ModelError(.empty, offset: 0) }
    for index in 0..<min(8, bytes.byteCount)
    where bytes.uint8(at: index) != Layout.magic[index] {
      throw ModelError(.notAModel, offset: index)
    }
    guard bytes.byteCount >= Layout.Header.byteCount else {
      throw ModelError(
        .truncated, offset: bytes.byteCount, found: bytes.byteCount,
        expected: Layout.Header.byteCount)
    }
    let mark = bytes.uint32(at: Layout.Header.byteOrderMark)
    guard mark == Layout.byteOrderMark else {
      throw ModelError(
        mark.byteSwapped == Layout.byteOrderMark ? .wrongByteOrder : .damagedHeader,
        offset: Layout.Header.byteOrderMark)
    }
    let version = bytes.uint16(at: Layout.Header.majorVersion)
    guard version == Layout.majorVersion else {
      throw ModelError(
        version > Layout.majorVersion ? .newerVersion : .damagedHeader,
        offset: Layout.Header.majorVersion, found: Int(version), expected: Int(Layout.majorVersion))
    }
    guard bytes.byteCount <= Layout.Limits.bytes else {
      throw ModelError(
        .tooLarge, offset: 0, found: bytes.byteCount, expected: Layout.Limits.bytes)
    }
    // Sizes are compared as UInt32: Int has 32 bits on ARMv7.
    let fileByteCount = bytes.uint32(at: Layout.Header.fileByteCount)
    guard fileByteCount <= UInt32(Layout.Limits.bytes) else {
      throw ModelError(.tooLarge, offset: Layout.Header.fileByteCount)
    }
    guard bytes.byteCount >= Int(fileByteCount) else {
      throw ModelError(
        .truncated, offset: bytes.byteCount, found: bytes.byteCount, expected: Int(fileByteCount))
    }
    guard bytes.byteCount == Int(fileByteCount) else {
      throw ModelError(
        .trailingBytes, offset: Int(fileByteCount), found: bytes.byteCount,
        expected: Int(fileByteCount))
    }
    let sectionCount = bytes.uint32(at: Layout.Header.sectionCount)
    guard sectionCount <= UInt32(Layout.Limits.sections) else {
      throw ModelError(.tooManySections, offset: Layout.Header.sectionCount)
    }
    let tableEnd = Layout.Header.byteCount + Int(sectionCount) * Layout.SectionEntry.stride
    guard tableEnd <= bytes.byteCount else {
      throw ModelError(
        .truncated, offset: bytes.byteCount, found: bytes.byteCount, expected: tableEnd)
    }
    if let offset = bytes.firstNonZero(in: Layout.Header.reserved..<Layout.Header.byteCount) {
      throw ModelError(.reservedNotZero, offset: offset)
    }
    guard bytes.uint32(at: Layout.Header.check) == headerCheck(bytes, tableEnd: tableEnd) else {
      throw ModelError(.damagedHeader, offset: Layout.Header.check)
    }
    return Int(sectionCount)
  }

  /// CRC-32C of header and table, the field of the check itself taken as zero.
  static func headerCheck(_ bytes: RawSpan, tableEnd: Int) -> UInt32 {
    var check = CRC32C()
    check.update(bytes, in: 0..<Layout.Header.check)
    for _ in 0..<4 { check.update(0) }
    check.update(bytes, in: (Layout.Header.check + 4)..<tableEnd)
    return check.value
  }

  /// Checks one entry and its section; returns where the section ends.
  private mutating func readEntry(
    at entry: Int, index: Int, previousEnd: Int, of bytes: RawSpan
  ) throws(ModelError) -> Int {
    let start = bytes.uint32(at: entry + Layout.SectionEntry.offset)
    let byteCount = bytes.uint32(at: entry + Layout.SectionEntry.byteCount)
    guard start <= UInt32(bytes.byteCount), byteCount <= UInt32(bytes.byteCount) - start else {
      throw ModelError(
        .sectionOutOfBounds, record: index, offset: entry + Layout.SectionEntry.offset)
    }
    let range = Int(start)..<(Int(start) + Int(byteCount))
    guard range.lowerBound % Layout.alignment == 0 else {
      throw ModelError(
        .sectionMisaligned, record: index, offset: entry + Layout.SectionEntry.offset,
        found: range.lowerBound)
    }
    guard range.lowerBound >= previousEnd, range.lowerBound - previousEnd < Layout.alignment else {
      throw ModelError(
        .sectionsOutOfOrder, record: index, offset: entry + Layout.SectionEntry.offset,
        found: range.lowerBound, expected: previousEnd)
    }
    if let offset = bytes.firstNonZero(in: previousEnd..<range.lowerBound) {
      throw ModelError(.paddingNotZero, record: index, offset: offset)
    }
    let reserved = (entry + Layout.SectionEntry.reserved)..<(entry + Layout.SectionEntry.stride)
    if let offset = bytes.firstNonZero(in: reserved) {
      throw ModelError(.reservedNotZero, record: index, offset: offset)
    }
    let kind = SectionKind(rawValue: bytes.uint32(at: entry + Layout.SectionEntry.kind))
    let flags = bytes.uint32(at: entry + Layout.SectionEntry.flags)
    guard flags & ~Layout.SectionEntry.requiredFlag == 0 else {
      throw ModelError(
        .reservedNotZero, section: kind, record: index, offset: entry + Layout.SectionEntry.flags)
    }
    if kind == nil && flags & Layout.SectionEntry.requiredFlag != 0 {
      throw ModelError(.unknownRequiredSection, record: index, offset: entry)
    }
    if let kind, contains(kind) {
      throw ModelError(.duplicateSection, section: kind, offset: entry)
    }
    var check = CRC32C()
    check.update(bytes, in: range)
    guard bytes.uint32(at: entry + Layout.SectionEntry.check) == check.value else {
      throw ModelError(
        .damagedSection, section: kind, record: kind == nil ? index : nil, offset: range.lowerBound)
    }
    if let kind { self[kind] = range }
    return range.upperBound
  }
}
