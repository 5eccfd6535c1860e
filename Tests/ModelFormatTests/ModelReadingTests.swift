import ModelFormat
import TestSupport
import Testing

@Suite("A model read from its file")
struct ModelReadingTests {
  @Test("has the tensors and operators that were written")
  func records() throws {
    let file = GuardedBuffer(ModelFixtures.everySection.bytes)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    #expect(model.tensorCount == 9)
    #expect(model.operatorCount == 4)
    #expect(model.arenaByteCount == 64)
    #expect(model.inputCount == 1 && model.input(0) == 0)
    #expect(model.outputCount == 2 && model.output(0) == 5 && model.output(1) == 7)
    let view = model.tensor(3)
    #expect(string(model.text(view.name)) == "memory as image")
    #expect(view.storage == .view && view.reference == 1 && view.elementType == .int8)
    #expect(view.shape == shape(1, 4, 2) && view.byteCount == 8)
    #expect(view.firstStep == 0 && view.lastStep == 5)
    #expect(view.scale == 0.5 && view.zeroPoint == 0)
    let compare = model.operator(1)
    #expect(compare.kind == .maximum && compare.inputCount == 2 && compare.output == 4)
    #expect(model.input(0, of: compare) == 0 && model.input(1, of: compare) == 3)
    #expect(string(model.text(compare.name)) == "compare")
    #expect(model.constant(model.tensor(2)).withUnsafeBytes { Array($0) } == Array(1...8))
  }

  @Test("has the contract, labels, golden vectors and texts that were written")
  func contents() throws {
    let file = GuardedBuffer(ModelFixtures.everySection.bytes)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    let stored = model.contract
    let contract = try #require(stored)
    #expect(contract.channelCount == 2 && contract.windowLength == 4 && contract.hop == 1)
    #expect(contract.rateMillihertz == 10_000 && contract.samplePeriodSeconds == 0.1)
    let channel = model.channel(1)
    #expect(channel.mean == 0.25 && channel.standardDeviation == 2)
    #expect(string(model.text(channel.name)) == "n" && string(model.text(channel.unit)) == "in")
    #expect(model.labelCount == 2)
    #expect(string(model.text(model.label(0))) == "input")
    #expect(string(model.text(model.label(1))) == "memory")
    #expect(model.goldenVectorCount == 2)
    #expect(model.inputByteCount == 8 && model.outputByteCount == 16)
    #expect(model.goldenInput(1).withUnsafeBytes { Array($0) } == [0x80, 1, 0, 0, 0x7F, 0, 0, 0])
    #expect(model.goldenOutput(0).withUnsafeBytes { $0.first } == 1)
    #expect(string(model.section(.card)) == "# A card")
    #expect(string(model.section(.provenance)).hasPrefix("made=by hand"))
  }

  @Test("has none of what its file leaves out")
  func absentSections() throws {
    let file = GuardedBuffer(ModelFixtures.smallest.bytes)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    #expect(model.contract == nil)
    #expect(model.labelCount == 0 && model.goldenVectorCount == 0)
    #expect(model.section(.card).byteCount == 0)
    #expect(model.sectionRange(.labels).isEmpty)
  }

  @Test("is the same file wherever the text is shared")
  func sharedText() throws {
    var patch = ModelPatch(ModelFixtures.smallest.bytes)
    // Both tensors are called y.
    patch.set(1, at: patch.tensor(0, Layout.Tensor.nameOffset))
    let file = GuardedBuffer(patch.repaired)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    #expect(string(model.text(model.tensor(0).name)) == "y")
    #expect(string(model.text(model.tensor(1).name)) == "y")
  }

  private func string(_ bytes: RawSpan) -> String {
    bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  private func shape(_ dimensions: Int...) -> Shape {
    var shape = Shape()
    for dimension in dimensions { shape.append(dimension) }
    return shape
  }
}
