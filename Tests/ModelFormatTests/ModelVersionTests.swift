import Conversion
import ModelFormat
import TestSupport
import Testing

@Suite("A model file of another version")
struct ModelVersionTests {
  private static let unknownKind = 0x3154_5546

  @Test("is read where only the minor version is later")
  func laterMinorVersion() throws {
    var patch = ModelPatch(ModelFixtures.everySection.bytes)
    patch.set(7, at: Layout.Header.minorVersion, byteCount: 2)
    try GuardedRun().run(patch.repaired)
  }

  @Test("is refused where the major version is later, whatever else is in it")
  func laterMajorVersion() {
    var patch = ModelPatch(ModelFixtures.smallest.bytes)
    patch.set(2, at: Layout.Header.majorVersion, byteCount: 2)
    // A later header may mean something else from here on.
    for place in Layout.Header.fileByteCount..<patch.bytes.count { patch.bytes[place] = 0xEE }
    let error = #expect(throws: ModelError.self) { try GuardedRun().load(patch.bytes) }
    #expect(
      error
        == ModelError(.newerVersion, offset: Layout.Header.majorVersion, found: 2, expected: 1))
  }

  @Test("runs as before with a section more that is not required, wherever it is")
  func unknownSection() throws {
    let sketch = ModelFixtures.everySection
    for position in 0...sketch.sections.count {
      let bytes = try Self.adding([1, 2, 3], at: position, to: sketch.sections)
      let outputs = try HostMemory.withEngine(for: bytes) { engine in
        engine.invoke()
        return engine.output(0).withUnsafeBytes { Array($0) }
      }
      #expect(outputs == [1, 2, 3, 4, 5, 6, 7, 8])
    }
  }

  @Test("may have several unknown sections of one kind, and empty ones")
  func severalUnknownSections() throws {
    var patch = ModelPatch(ModelFixtures.everySection.bytes)
    for kind in [SectionKind.card, .provenance] {
      patch.set(Self.unknownKind, at: patch.entry(kind))
    }
    try GuardedRun().run(patch.repaired)
    try GuardedRun().run(try Self.adding([], at: 3, to: ModelFixtures.dense.sections))
  }

  @Test("is refused for an unknown section that is required")
  func requiredSection() throws {
    var patch = ModelPatch(
      try Self.adding([1], at: 2, to: ModelFixtures.everySection.sections))
    let entry = Layout.Header.byteCount + 2 * Layout.SectionEntry.stride
    patch.set(1, at: entry + Layout.SectionEntry.flags)
    let error = #expect(throws: ModelError.self) { try GuardedRun().load(patch.repaired) }
    #expect(error == ModelError(.unknownRequiredSection, record: 2, offset: entry))
  }

  @Test("has its sections in any order")
  func order() throws {
    var random = SeededGenerator(for: "orders of sections")
    for _ in 0..<20 {
      let sections = ModelFixtures.everySection.sections.shuffled(using: &random)
      try GuardedRun().run(ModelAssembler.assemble(sections))
    }
  }

  /// The file with a section of unknown kind put in at `position`.
  private static func adding(
    _ bytes: [UInt8], at position: Int, to sections: [(kind: SectionKind, bytes: [UInt8])]
  ) throws -> [UInt8] {
    var sections = sections
    // Written as a card, which no mandatory section is, then renamed.
    sections.insert((.card, bytes), at: position)
    var patch = ModelPatch(ModelAssembler.assemble(sections))
    patch.set(
      unknownKind, at: Layout.Header.byteCount + position * Layout.SectionEntry.stride)
    return patch.repaired
  }
}
