import Conversion
import ModelFormat
import TestSupport
import Testing

/// The rules of the arena that make a plan right; those it can break are in the table of refusals.
@Suite("The arena plan")
struct ArenaVerifierTests {
  /// Two operators one after the other: x → h → y.
  private static func chain(
    _ kinds: [OperatorKind] = [.maximum, .maximum], at offsets: [Int]
  ) -> ModelSketch {
    ModelSketch(
      tensors: [
        .arena("x", [16], at: offsets[0], steps: 0...1),
        .arena("h", [16], at: offsets[1], steps: 1...2),
        .arena("y", [16], at: offsets[2], steps: 2...3),
      ],
      operators: [
        .init("first", kinds[0], [0, 0], output: 1), .init("second", kinds[1], [1, 1], output: 2),
      ],
      inputs: [0], outputs: [2])
  }

  @Test(
    "may put tensors in one place that do not live together, or work in place",
    arguments: [[0, 16, 32], [0, 16, 0], [0, 0, 0], [16, 0, 0], [0, 0, 16]])
  func accepted(offsets: [Int]) throws {
    try GuardedRun().run(Self.chain(at: offsets).bytes)
  }

  @Test("may not let tensors that live together overlap")
  func overlap() {
    var sketch = Self.chain(at: [0, 16, 0])
    // x lives until the second operator, which writes y over it without working in place.
    sketch.tensors[0].steps = 0...2
    #expect(refusal(sketch) == nil)
    sketch.tensors[0].steps = 0...3
    #expect(refusal(sketch) == .tensorsOverlap)
    sketch = Self.chain(at: [0, 16, 0])
    sketch.tensors[1].offset = 0
    sketch.tensors[1].shape = [32]
    #expect(refusal(sketch) == .inPlaceNotAllowed)
  }

  @Test("may not let an operator share memory that cannot work in place")
  func inPlace() {
    for kind in OperatorKind.allCases where !kind.worksInPlace {
      var sketch = OperatorSketch.valid(kind).model
      sketch.tensors[sketch.tensors.count - 1].offset = 0
      #expect(refusal(sketch) == .inPlaceNotAllowed, "\(kind)")
    }
  }

  @Test("may let an operator work in place of an operand of its shape", arguments: [0, 1])
  func inPlaceOperand(_ position: Int) throws {
    for kind in [OperatorKind.add, .subtract, .multiply, .maximum, .minimum] {
      var sketch = OperatorSketch.valid(kind)
      sketch.inputs[0].shape = [2, 3]
      sketch.inputs[1].shape = [2, 3]
      sketch.output.shape = [2, 3]
      var model = sketch.model
      model.tensors[2].offset = model.tensors[position].offset
      try GuardedRun().run(model.bytes)
      // Another shape of the same bytes would be read after it is written.
      model.tensors[position].shape = [1, 3]
      #expect(refusal(model) == .inPlaceNotAllowed)
    }
  }

  @Test("lets pieces of a tensor be written one by one through views")
  func pieces() throws {
    let sketch = ModelSketch(
      tensors: [
        .arena("x", [16], steps: 0...2), .arena("whole", [2, 16], at: 16, steps: 1...3),
        .view("upper", [16], of: 1, at: 16, steps: 1...3),
        .view("lower", [16], of: 1, at: 32, steps: 1...3),
      ],
      operators: [
        .init("one", .copy, [0], output: 2), .init("two", .copy, [0], output: 3),
      ],
      inputs: [0], outputs: [1])
    try GuardedRun().run(sketch.bytes)
    var shifted = sketch
    shifted.tensors[3].offset = 33
    #expect(refusal(shifted) == .viewOutsideBase)
    // A view may start anywhere its elements are aligned.
    shifted.tensors[3].offset = 31
    #expect(refusal(shifted) == nil)
  }

  @Test("keeps elements of several bytes at multiples of their size")
  func alignedViews() throws {
    var sketch = ModelSketch(
      tensors: [
        .arena("x", [8], type: .float32, steps: 0...1),
        .view("part", [4], of: 0, type: .float32, at: 8, steps: 0...1),
        .arena("q", [4], at: 32, steps: 1...2),
      ],
      operators: [.init("quantize", .quantize, [1], output: 2)], inputs: [0], outputs: [2])
    try GuardedRun().run(sketch.bytes)
    sketch.tensors[1].offset = 6
    #expect(refusal(sketch) == .viewOutsideBase)
  }

  @Test("has every tensor written in its first step")
  func writers() {
    var sketch = Self.chain(at: [0, 16, 32])
    sketch.inputs = []
    #expect(refusal(sketch) == .usedBeforeWritten)
    sketch = Self.chain(at: [0, 16, 32])
    // Nobody writes in the step of the outputs.
    sketch.tensors.append(.arena("never", [16], at: 48, steps: 3...3))
    #expect(refusal(sketch) == .usedBeforeWritten)
    sketch = Self.chain(at: [0, 16, 32])
    sketch.operators[0].inputs = [0, 1]
    #expect(refusal(sketch) == .usedBeforeWritten)
  }

  private func refusal(_ sketch: ModelSketch) -> ModelError.Reason? {
    do throws(ModelError) {
      try GuardedRun().run(sketch.bytes)
      return nil
    } catch {
      return error.reason
    }
  }
}
