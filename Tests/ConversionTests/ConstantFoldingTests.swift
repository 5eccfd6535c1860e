import TestSupport
import Testing

@testable import Conversion

@Suite("Constant folding")
struct ConstantFoldingTests {
  @Test("Operators on constants become constants, one behind the other")
  func chain() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 6])
    let values = sketch.constant([2, 3], [-127, -7, 1, 3, 50, 127])
    let changed = sketch.requantized(sketch.halved(sketch.reshape(values, to: [1, 6])))
    sketch.outputs = [sketch.emit(.maximum, [x, changed], to: [1, 6])]
    let folded = try SourcePasses.run(on: sketch.graph)
    #expect(folded.operators.map(\.operation) == [.maximum])
    // Below zero point 3 the slope is 1/2; 127 saturates at zero point 7 in between.
    let stored = folded.tensors[changed].constant?.map { Int8(bitPattern: $0) }
    #expect(stored == [-62, -2, 2, 3, 50, 123])
    try expectSameOutputs(sketch.graph)
  }

  @Test("An output that depends on constants only is a constant")
  func constantOutput() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 6])
    let values = sketch.constant([1, 6], [-128, -7, 0, 3, 50, 127])
    sketch.outputs = [sketch.halved(values), sketch.halved(x)]
    let folded = try SourcePasses.run(on: sketch.graph)
    #expect(folded.operators.count == 1)
    try expectSameOutputs(sketch.graph)
  }

  @Test("Real numbers are quantized and dequantized ahead of time")
  func realNumbers() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 4])
    let reals: [Float] = [-3.25, 0.24, 0.25, 1000]
    let values = sketch.tensor(
      [1, 4], type: .float32, scale: nil, constant: reals.flatMap { littleEndian($0.bitPattern) })
    let quantized = sketch.emit(.quantize, [values], to: [1, 4])
    let real = sketch.tensor([1, 4], type: .float32, scale: nil)
    sketch.emit(.dequantize, [quantized], outputs: [real])
    sketch.outputs = [sketch.emit(.maximum, [x, quantized], to: [1, 4]), real]
    let folded = try SourcePasses.run(on: sketch.graph)
    #expect(folded.operators.map(\.operation) == [.maximum])
    // Ties go away from zero: −6.5 + 3 → −4 (−7 + 3), 0.5 → 1 + 3.
    let stored = folded.tensors[quantized].constant?.map { Int8(bitPattern: $0) }
    #expect(stored == [-4, 3, 4, 127])
    try expectSameOutputs(sketch.graph)
  }

  @Test("A read of state is not a constant, whatever is assigned")
  func state() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 4])
    let state = sketch.variable([1, 4], initial: [1, 2, 3, 4])
    let old = sketch.read(state)
    sketch.outputs = [sketch.emit(.maximum, [x, old], to: [1, 4])]
    sketch.assign(state, sketch.halved(sketch.constant([1, 4], [1, 2, 3, 4], zeroPoint: 7)))
    let folded = try SourcePasses.run(on: sketch.graph)
    #expect(folded.operators.count == 3)
    try expectSameOutputs(sketch.graph)
  }

  @Test("What nobody reads is not computed")
  func deadOperators() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 4])
    let used = sketch.halved(x)
    _ = sketch.halved(sketch.requantized(used))
    sketch.outputs = [used]
    #expect(try SourcePasses.run(on: sketch.graph).operators.count == 1)
    try expectSameOutputs(sketch.graph)
  }

  private func expectSameOutputs(_ source: SourceGraph) throws {
    var random = SeededGenerator(for: "inputs beside constants")
    let invocations = randomInvocations(4, of: source, using: &random)
    #expect(
      try outputs(of: Converter.convert(source), for: invocations)
        == outputs(of: PlainConversion.write(source), for: invocations))
  }
}
