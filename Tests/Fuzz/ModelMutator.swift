import Conversion
import ModelFormat
import TestSupport

// Changes model files section by section: libFuzzer's own mutations break the section table more
// often than not, and rarely keep a record a record.

/// libFuzzer's own mutations of `byteCount` bytes in memory for `limit`; returns the new count.
@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ start: UnsafeMutableRawPointer, _ byteCount: Int, _ limit: Int) -> Int

/// Called by libFuzzer in place of its own mutations.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ start: UnsafeMutableRawPointer, _ byteCount: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var random = SeededGenerator(seed: UInt64(seed))
  let memory = UnsafeMutableRawBufferPointer(start: start, count: limit)
  guard FuzzTarget.chosen == .model, random.next() % 8 != 0,
    var sections = SectionList(Array(memory.prefix(byteCount)))
  else { return mutateBytes(start, byteCount, limit) }
  for _ in 0...Int(random.next() % 4) { sections.mutate(&random) }
  let bytes = ModelAssembler.assemble(sections.sections)
  guard bytes.count <= limit else { return mutateBytes(start, byteCount, limit) }
  memory.copyBytes(from: bytes)
  return bytes.count
}

/// The sections of a model file, taken apart.
private struct SectionList {
  var sections: [(kind: SectionKind, bytes: [UInt8])] = []

  /// Nil where there is no section table to follow.
  init?(_ bytes: [UInt8]) {
    let file = Fields(bytes)
    guard bytes.count >= Layout.Header.byteCount else { return nil }
    let count = file.value(at: Layout.Header.sectionCount)
    let stride = Layout.SectionEntry.stride
    guard count >= 1, count <= Layout.Limits.sections,
      Layout.Header.byteCount + count * stride <= bytes.count
    else { return nil }
    for index in 0..<count {
      let entry = Layout.Header.byteCount + index * stride
      let start = file.value(at: entry + Layout.SectionEntry.offset)
      let end = start + file.value(at: entry + Layout.SectionEntry.byteCount)
      let kind = UInt32(truncatingIfNeeded: file.value(at: entry + Layout.SectionEntry.kind))
      guard end <= bytes.count, let kind = SectionKind(rawValue: kind) else { return nil }
      sections.append((kind, Array(bytes[start..<end])))
    }
  }

  mutating func mutate(_ random: inout SeededGenerator) {
    // Operators and tensors are where the rules are.
    let favoured: [SectionKind] = [.tensors, .operators, .operators, .tensors, .graph, .operands]
    let kind = favoured[Int(random.next() % UInt64(favoured.count))]
    let chosen =
      random.next() % 4 == 0
      ? Int(random.next() % UInt64(sections.count))
      : sections.firstIndex { $0.kind == kind } ?? 0
    switch random.next() % 16 {
    case 0: mutateFreely(chosen)
    case 3, 4: resizeTensor(&random)
    case 5: changeParameter(&random)
    case 1: repeatOrRemoveRecord(chosen, &random)
    case 2: copyRecord(chosen, &random)
    default: changeWord(chosen, &random)
    }
  }

  private mutating func mutateFreely(_ index: Int) {
    let count = sections[index].bytes.count
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 256, alignment: 16)
    defer { memory.deallocate() }
    memory.copyBytes(from: sections[index].bytes)
    guard let start = memory.baseAddress else { return }
    let changed = mutateBytes(start, count, count + 256)
    sections[index].bytes = Array(memory.prefix(changed))
  }

  private mutating func repeatOrRemoveRecord(_ index: Int, _ random: inout SeededGenerator) {
    let size = Self.recordByteCount(of: sections[index].kind)
    let count = sections[index].bytes.count / size
    guard count > 0 else { return }
    let record = Int(random.next() % UInt64(count)) * size
    if random.next() % 2 == 0 {
      sections[index].bytes.removeSubrange(record..<record + size)
    } else {
      sections[index].bytes += sections[index].bytes[record..<record + size]
    }
  }

  /// One record takes the contents of another.
  private mutating func copyRecord(_ index: Int, _ random: inout SeededGenerator) {
    let size = Self.recordByteCount(of: sections[index].kind)
    let count = UInt64(sections[index].bytes.count / size)
    guard count > 1 else { return }
    let (from, to) = (Int(random.next() % count) * size, Int(random.next() % count) * size)
    let source = Array(sections[index].bytes[from..<from + size])
    sections[index].bytes.replaceSubrange(to..<to + size, with: source)
  }

  /// A tensor in the arena gets another shape of a valid size, and a place of its own behind all
  /// others: many operators take any height and width.
  private mutating func resizeTensor(_ random: inout SeededGenerator) {
    guard let tensors = sections.firstIndex(where: { $0.kind == .tensors }),
      let graph = sections.firstIndex(where: { $0.kind == .graph }),
      sections[graph].bytes.count >= Layout.Graph.lists
    else { return }
    var (records, head) = (Fields(sections[tensors].bytes), Fields(sections[graph].bytes))
    let count = records.bytes.count / Layout.Tensor.stride
    guard count > 0 else { return }
    let start = Int(random.next() % UInt64(count)) * Layout.Tensor.stride
    let rank = Int(records.bytes[start + Layout.Tensor.rank])
    guard records.bytes[start + Layout.Tensor.storage] == TensorStorage.arena.rawValue,
      let type = ElementType(rawValue: records.bytes[start + Layout.Tensor.elementType]),
      (1...Shape.maximumRank).contains(rank)
    else { return }
    let dimensions = start + Layout.Tensor.dimensions
    records.set(
      1 + Int(random.next() % 40), at: dimensions + 4 * Int(random.next() % UInt64(rank)))
    var byteCount = type.byteCount
    for axis in 0..<rank {
      byteCount *= min(records.value(at: dimensions + 4 * axis), 1 << 8)
    }
    let offset = (head.value(at: Layout.Graph.arenaByteCount) + 15) / 16 * 16
    records.set(byteCount, at: start + Layout.Tensor.byteCount)
    records.set(offset, at: start + Layout.Tensor.offset)
    head.set(offset + byteCount, at: Layout.Graph.arenaByteCount)
    (sections[tensors].bytes, sections[graph].bytes) = (records.bytes, head.bytes)
  }

  /// One of an operator's first parameters becomes a small number.
  private mutating func changeParameter(_ random: inout SeededGenerator) {
    guard let index = sections.firstIndex(where: { $0.kind == .operators }) else { return }
    var records = Fields(sections[index].bytes)
    let count = records.bytes.count / Layout.Operator.stride
    guard count > 0 else { return }
    let start = Int(random.next() % UInt64(count)) * Layout.Operator.stride
    records.set(
      Int(random.next() % 24) - 2,
      at: start + Layout.Operator.words + 4 * Int(random.next() % 12))
    sections[index].bytes = records.bytes
  }

  /// A byte, a half-word or a word becomes a neighbour, an extreme, or the value of another place.
  private mutating func changeWord(_ index: Int, _ random: inout SeededGenerator) {
    var fields = Fields(sections[index].bytes)
    let size = [1, 2, 4, 4, 4][Int(random.next() % 5)]
    guard fields.bytes.count >= size else { return }
    let places = UInt64(fields.bytes.count / size)
    let place = Int(random.next() % places) * size
    let value = fields.value(at: place, byteCount: size)
    let power = 1 << Int(random.next() % UInt64(8 * size))
    switch random.next() % 8 {
    case 0: fields.set(value + 1, at: place, byteCount: size)
    case 1: fields.set(value - 1, at: place, byteCount: size)
    case 2: fields.set(Int(random.next() % 8), at: place, byteCount: size)
    case 3: fields.set(power, at: place, byteCount: size)
    case 4: fields.set(power - 1, at: place, byteCount: size)
    case 5: fields.set(-power, at: place, byteCount: size)
    case 6: fields.set(value ^ power, at: place, byteCount: size)
    default:
      let other = Int(random.next() % places) * size
      fields.set(fields.value(at: other, byteCount: size), at: place, byteCount: size)
    }
    sections[index].bytes = fields.bytes
  }

  private static func recordByteCount(of kind: SectionKind) -> Int {
    switch kind {
    case .tensors: Layout.Tensor.stride
    case .operators: Layout.Operator.stride
    case .contract: Layout.Channel.stride
    case .labels: 8
    default: 4
    }
  }
}
