import ModelFormat
import TestSupport
import Testing

@testable import Conversion

@Suite("Copy elimination")
struct CopyEliminationTests {
  /// A graph in which leaving out a copy could go wrong.
  struct Hazard: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Copies and slices that are still executed: fewer would be wrong, more would be wasteful.
    let movesLeft: Int
    let build: @Sendable (inout GraphSketch) -> Void
  }

  static let hazards = [
    Hazard(testDescription: "a state read for the last time before it is assigned", movesLeft: 1) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6], initial: [9, 8, 7, 6, 5, 4])
      let old = $0.read(state)
      $0.outputs = [$0.halved(old)]
      $0.assign(state, x)
    },
    Hazard(testDescription: "a state whose old value is read after it is assigned", movesLeft: 2) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6], initial: [9, 8, 7, 6, 5, 4])
      let old = $0.read(state)
      $0.assign(state, x)
      $0.outputs = [$0.halved(old)]
    },
    Hazard(testDescription: "an old value that is read through a chain of views", movesLeft: 2) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let old = $0.reshape($0.read(state), to: [6])
      let part = $0.reshape($0.slice(old, from: [2], size: [4]), to: [2, 2])
      $0.assign(state, x)
      $0.outputs = [$0.halved(part)]
    },
    Hazard(testDescription: "a state read before and after it is assigned", movesLeft: 1) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let before = $0.read(state)
      let new = $0.requantized($0.halved(x))
      $0.assign(state, new)
      let after = $0.read(state)
      $0.outputs = [before, after]
    },
    Hazard(testDescription: "two reads of a state before it is assigned", movesLeft: 0) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let sum = $0.emit(.maximum, [$0.read(state), $0.read(state)], to: [1, 6])
      let other = $0.halved(sum)
      let new = $0.requantized($0.halved(x))
      $0.assign(state, new)
      $0.outputs = [other]
    },
    Hazard(testDescription: "the old state among the operands of the new one", movesLeft: 1) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let new = $0.emit(.maximum, [$0.read(state), x], to: [1, 6])
      $0.assign(state, new)
      $0.outputs = [$0.halved(new)]
    },
    Hazard(testDescription: "a new state that other operators read as well", movesLeft: 0) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let old = $0.halved($0.read(state))
      let new = $0.requantized($0.halved(x))
      $0.assign(state, new)
      $0.outputs = [old, $0.halved(new)]
    },
    Hazard(testDescription: "a state that is a graph output and then assigned", movesLeft: 1) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      $0.outputs = [$0.read(state)]
      $0.assign(state, $0.requantized($0.halved(x)))
    },
    Hazard(testDescription: "a new state that is a graph output", movesLeft: 0) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let new = $0.requantized($0.halved(x))
      $0.assign(state, new)
      $0.outputs = [new]
    },
    Hazard(testDescription: "two states that change places", movesLeft: 3) {
      let x = $0.input([1, 6])
      let a = $0.variable([1, 6], initial: [1, 2, 3, 4, 5, 6])
      let b = $0.variable([1, 6], initial: [6, 5, 4, 3, 2, 1])
      let (oldA, oldB) = ($0.read(a), $0.read(b))
      $0.assign(a, oldB)
      $0.assign(b, oldA)
      $0.outputs = [$0.emit(.maximum, [$0.read(a), x], to: [1, 6]), $0.halved($0.read(b))]
    },
    Hazard(testDescription: "one value assigned to two states", movesLeft: 1) {
      let x = $0.input([1, 6])
      let (a, b) = ($0.variable([1, 6]), $0.variable([1, 6]))
      let (oldA, oldB) = ($0.halved($0.read(a)), $0.halved($0.read(b)))
      let new = $0.requantized($0.halved(x))
      $0.assign(a, new)
      $0.assign(b, new)
      $0.outputs = [oldA, oldB]
    },
    Hazard(testDescription: "a state assigned twice", movesLeft: 1) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let first = $0.requantized($0.halved(x))
      $0.assign(state, first)
      let between = $0.halved($0.read(state))
      $0.assign(state, $0.requantized($0.halved(first)))
      $0.outputs = [between, $0.halved($0.read(state)), first]
    },
    Hazard(testDescription: "a window that slides along the input", movesLeft: 1) {
      let x = $0.input([1, 2, 3])
      let state = $0.variable([1, 4, 3])
      let window = $0.joined([$0.read(state), x], axis: 1)
      $0.assign(state, $0.slice(window, from: [0, 2, 0], size: [1, 4, 3]))
      $0.outputs = [$0.halved(window)]
    },
    Hazard(testDescription: "a window whose front becomes the state", movesLeft: 1) {
      let x = $0.input([1, 2, 3])
      let state = $0.variable([1, 4, 3])
      let window = $0.joined([x, $0.read(state)], axis: 1)
      $0.assign(state, $0.slice(window, from: [0, 0, 0], size: [1, 4, 3]))
      $0.outputs = [$0.halved(window)]
    },
    Hazard(testDescription: "slices that are contiguous, and slices that are not", movesLeft: 4) {
      let x = $0.input([4, 5])
      $0.outputs = [
        $0.halved($0.slice(x, from: [1, 0], size: [2, 5])),
        $0.halved($0.slice(x, from: [3, 1], size: [1, 3])),
        $0.halved($0.slice(x, from: [0, 1], size: [4, 3])),
        $0.halved($0.slice(x, from: [0, 0], size: [2, 5], by: [2, 1])),
        $0.halved($0.slice(x, from: [3, 0], size: [4, 5], by: [-1, 1])),
      ]
    },
    Hazard(testDescription: "a slice of one row out of its middle", movesLeft: 0) {
      let x = $0.input([1, 5, 1])
      let part = $0.slice(x, from: [0, 2, 0], size: [1, 2, 1])
      $0.outputs = [part, $0.slice(part, from: [0, 1, 0], size: [1, 1, 1])]
    },
    Hazard(
      testDescription: "a view of an input while another operator works in place", movesLeft: 0
    ) {
      let x = $0.input([2, 4])
      let flat = $0.reshape(x, to: [8])
      let upper = $0.slice(x, from: [1, 0], size: [1, 4])
      let changed = $0.halved(x)
      $0.outputs = [$0.halved(flat), changed, $0.halved(upper)]
    },
    Hazard(testDescription: "the same input as two outputs under other shapes", movesLeft: 0) {
      let x = $0.input([2, 4])
      $0.outputs = [$0.reshape(x, to: [8]), x, $0.reshape($0.reshape(x, to: [4, 2]), to: [8, 1])]
    },
    Hazard(testDescription: "a constant under another shape, and as the new state", movesLeft: 2) {
      let x = $0.input([1, 6])
      let state = $0.variable([1, 6])
      let values = $0.constant([6], [1, -2, 3, -4, 5, -6])
      let row = $0.reshape(values, to: [1, 6])
      let old = $0.emit(.maximum, [$0.read(state), x], to: [1, 6])
      $0.assign(state, row)
      $0.outputs = [old]
    },
  ]

  @Test("A graph gives the bytes that it gives with every copy executed", arguments: hazards)
  func hazard(_ hazard: Hazard) throws {
    var sketch = GraphSketch()
    hazard.build(&sketch)
    try sketch.graph.validate()
    var random = SeededGenerator(for: hazard.testDescription)
    let bytes = try Converter.write(sketch.graph, contents: ModelContents(), fusesOperators: false)
    let invocations = randomInvocations(6, of: sketch.graph, using: &random)
    #expect(
      try outputs(of: bytes, for: invocations)
        == outputs(of: PlainConversion.write(sketch.graph), for: invocations))
    let moves = try kinds(of: bytes).filter { $0 == .copy || $0 == .slice }
    #expect(moves.count == hazard.movesLeft)
  }

  @Test("Random graphs of reads, assignments, views and slices keep every output byte")
  func randomGraphs() throws {
    var random = SeededGenerator(for: "random streaming graphs")
    var eliminated = 0
    for number in 0..<250 {
      let source = Self.randomGraph(using: &random)
      try source.validate()
      let invocations = randomInvocations(4, of: source, using: &random)
      let bytes = try Converter.write(source, contents: ModelContents(), fusesOperators: false)
      let plain = try PlainConversion.write(source)
      let same = try outputs(of: bytes, for: invocations) == outputs(of: plain, for: invocations)
      #expect(same, "graph \(number): \(source)")
      eliminated += try kinds(of: plain).count - kinds(of: bytes).count
    }
    #expect(eliminated > 250, "the pass had nothing to do")
  }

  /// Up to three states of six elements and a dozen operators that move, compare or change bytes.
  private static func randomGraph(using random: inout SeededGenerator) -> SourceGraph {
    var sketch = GraphSketch()
    let shapes = [[6], [1, 6], [2, 3], [3, 2], [1, 2, 3]]
    let states = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      sketch.variable(
        shapes.randomElement(using: &random) ?? [6],
        initial: (0..<6).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    var values = [sketch.input([2, 3]), sketch.input([3, 4])]
    for _ in 0..<Int.random(in: 4...14, using: &random) {
      let value = values.randomElement(using: &random) ?? 0
      let state = states.randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<8, using: &random) {
      case 0, 1: values.append(sketch.read(state))
      case 2:
        let row = sketch.reshape(value, to: [sketch.elementCount(value)])
        let start = Int.random(in: 0...sketch.elementCount(value) - 6, using: &random)
        let part = sketch.slice(row, from: [start], size: [6])
        sketch.assign(state, sketch.reshape(part, to: sketch.graph.variables[state].shape))
      case 3:
        let shape = sketch.graph.variables[state].shape
        guard let fitting = values.last(where: { sketch.shape($0) == shape }) else { break }
        sketch.assign(state, fitting)
      case 4:
        let count = sketch.elementCount(value)
        let rows = [1, 2, 3, 6].randomElement(using: &random) ?? 1
        values.append(sketch.reshape(value, to: [rows, count / rows]))
      case 5:
        guard let other = values.last(where: { sketch.shape($0) == sketch.shape(value) })
        else { break }
        values.append(sketch.emit(.maximum, [value, other], to: sketch.shape(value)))
      case 6:
        guard sketch.elementCount(value) <= 24 else { break }
        let row = sketch.reshape(value, to: [1, sketch.elementCount(value)])
        let other = sketch.reshape(sketch.read(state), to: [1, 6])
        values.append(sketch.joined([row, other], axis: 1))
      default: values.append(sketch.requantized(sketch.halved(value)))
      }
    }
    let candidates = values.shuffled(using: &random)
    sketch.outputs = Array(candidates.prefix(Int.random(in: 1...4, using: &random)))
    return sketch.graph
  }
}
