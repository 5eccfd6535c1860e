import ModelFormat
import TestSupport
import Testing

@testable import Conversion

@Suite("Arena planner")
struct ArenaPlannerTests {
  @Test("Plans of random graphs overlap nowhere and repeat themselves")
  func randomPlans() throws {
    var random = SeededGenerator(for: "random arena plans")
    for number in 0..<120 {
      let operators = Int.random(in: 1...12, using: &random)
      let graph = Self.randomGraph(operators: operators, inPlace: true, using: &random)
      let plan = ArenaPlanner.plan(graph)
      #expect(ArenaPlanCheck.problems(of: plan, for: graph) == [], "graph \(number): \(graph)")
      #expect(plan.byteCount >= ArenaPlanCheck.leastByteCount(of: graph), "graph \(number)")
      let again = ArenaPlanner.plan(graph)
      #expect(again.offsets == plan.offsets && again.byteCount == plan.byteCount)
    }
  }

  @Test("Up to seven blocks are placed as well as in the best of all orders")
  func optimum() throws {
    var random = SeededGenerator(for: "small arena plans")
    var atBound = 0
    for number in 0..<60 {
      let graph = Self.randomGraph(
        operators: Int.random(in: 2...5, using: &random), inPlace: false, using: &random)
      let plan = ArenaPlanner.plan(graph)
      let optimum = Self.optimum(of: graph)
      let bound = ArenaPlanCheck.leastByteCount(of: graph)
      #expect(plan.lowerBound == bound, "graph \(number)")
      #expect(plan.byteCount == optimum, "graph \(number): \(graph)")
      if optimum == bound { atBound += 1 }
    }
    #expect(atBound > 30, "the bound was reached in \(atBound) of 60 graphs only")
  }

  @Test("A chain of in-place operators takes the memory of one tensor")
  func inPlaceChain() throws {
    var sketch = GraphSketch()
    var value = sketch.input([1, 32])
    for _ in 0..<6 { value = sketch.halved(value) }
    sketch.outputs = [value]
    let plan = ArenaPlanner.plan(try Lowering.run(on: sketch.graph))
    #expect(plan.byteCount == 32)
    #expect(Set(plan.offsets.prefix(7)).count == 1)
  }

  @Test("An operator does not work in place on a tensor that is read again")
  func readAgain() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 32])
    let changed = sketch.requantized(sketch.halved(x))
    sketch.outputs = [sketch.emit(.maximum, [changed, x], to: [1, 32])]
    let graph = try Lowering.run(on: sketch.graph)
    let plan = ArenaPlanner.plan(graph)
    #expect(plan.byteCount == 64)
    #expect(ArenaPlanCheck.problems(of: plan, for: graph) == [])
  }

  @Test("An operator that broadcasts does not take the place of the smaller operand")
  func broadcast() throws {
    var sketch = GraphSketch()
    let (row, image) = (sketch.input([1, 16]), sketch.input([4, 16]))
    sketch.outputs = [sketch.emit(.maximum, [row, image], to: [4, 16])]
    let graph = try Lowering.run(on: sketch.graph)
    let plan = ArenaPlanner.plan(graph)
    #expect(plan.byteCount == 80)
    #expect(plan.offsets[graph.outputs[0]] == plan.offsets[graph.inputs[1]])
    #expect(ArenaPlanCheck.problems(of: plan, for: graph) == [])
  }

  @Test("States come first and share their memory with nothing")
  func states() throws {
    var random = SeededGenerator(for: "states in the arena")
    for _ in 0..<40 {
      var graph = Self.randomGraph(operators: 5, inPlace: true, using: &random)
      let count = Int.random(in: 1...3, using: &random)
      let states = (0..<count).map { _ in
        graph.add(
          DeviceTensor(
            name: "state", elementType: .int8, shape: [Int.random(in: 1...90, using: &random)],
            storage: .state(initial: nil)))
      }
      for state in states {
        let user = Int.random(in: 0..<graph.operators.count, using: &random)
        graph.operators[user].inputs.append(state)
      }
      let plan = ArenaPlanner.plan(graph)
      #expect(ArenaPlanCheck.problems(of: plan, for: graph) == [], "\(graph)")
      let bytes = states.reduce(0) { $0 + (graph.tensors[$1].byteCount + 15) / 16 * 16 }
      #expect(plan.stateByteCount == bytes)
      for index in graph.tensors.indices where graph.isActivation(index) {
        #expect(plan.steps[index] == nil || plan.offsets[index] >= bytes)
      }
    }
  }

  @Test("The sample model takes as many bytes as it did")
  func sampleModel() throws {
    let graph = try Lowering.run(on: SourcePasses.run(on: try SampleModel.graph()))
    let plan = ArenaPlanner.plan(graph)
    #expect(plan.byteCount == SampleModel.arenaByteCount)
    #expect(plan.byteCount == ArenaPlanCheck.leastByteCount(of: graph))
    #expect(ArenaPlanCheck.problems(of: plan, for: graph) == [])
  }

  @Test(
    "Published models are planned without overlap",
    .enabled(if: SharedMaterial.isAvailable), arguments: TFLiteRealModelTests.int8Models)
  func publishedModels(_ model: TFLiteRealModelTests.Model) throws {
    let source = try importTFLite(
      try SharedMaterial.bytes("models/" + model.path), fileName: model.path)
    let graph = try Lowering.run(on: SourcePasses.run(on: source))
    let plan = ArenaPlanner.plan(graph)
    #expect(ArenaPlanCheck.problems(of: plan, for: graph) == [])
  }

  /// Operators whose inputs are made before them; each tensor has some bytes and some readers.
  private static func randomGraph(
    operators: Int, inPlace: Bool, using random: inout SeededGenerator
  ) -> DeviceGraph {
    var graph = DeviceGraph()
    // Few sizes, so that operands often have the same.
    func tensor() -> DeviceTensor {
      DeviceTensor(
        name: "t", elementType: .int8,
        shape: [[16, 48, 64, 90, 128].randomElement(using: &random) ?? 16])
    }
    for _ in 0..<Int.random(in: 1...2, using: &random) { graph.inputs.append(graph.add(tensor())) }
    for index in 0..<operators {
      let inputs = (0..<Int.random(in: 1...2, using: &random)).map { _ in
        // Recent tensors are read more often, as in real models.
        graph.tensors.indices.suffix(Bool.random(using: &random) ? 2 : 5)
          .randomElement(using: &random) ?? 0
      }
      let kinds: [OperatorKind] = inPlace ? [.add, .lookup, .pad] : [.pad, .transpose]
      let output = graph.add(tensor())
      graph.operators.append(
        DeviceOperator(
          kind: kinds.randomElement(using: &random) ?? .pad, inputs: inputs, output: output,
          name: "layer", sourceIndex: index))
    }
    graph.outputs = [graph.tensors.count - 1]
    return graph
  }

  /// The fewest bytes of all orders in which the tensors can be placed, each as low as possible.
  ///
  /// Sorting an optimal plan by offset gives an order that does this, so nothing can be smaller.
  private static func optimum(of graph: DeviceGraph) -> Int {
    let steps = LiveRanges(of: graph).steps
    let blocks = graph.tensors.indices.compactMap { index in
      steps[index].map { (steps: $0, size: (graph.tensors[index].byteCount + 15) / 16 * 16) }
    }
    var best = Int.max
    func place(_ placed: [(block: Int, offset: Int)], _ rest: [Int], peak: Int) {
      guard peak < best else { return }
      if rest.isEmpty { best = peak }
      for (position, block) in rest.enumerated() {
        let rivals = placed.filter { blocks[$0.block].steps.overlaps(blocks[block].steps) }
        let size = blocks[block].size
        // The lowest place is the bottom or the upper end of a rival.
        let places = [0] + rivals.map { $0.offset + blocks[$0.block].size }
        let offset = places.sorted().first { place in
          rivals.allSatisfy { rival in
            place + size <= rival.offset || rival.offset + blocks[rival.block].size <= place
          }
        }
        var others = rest
        others.remove(at: position)
        place(placed + [(block, offset ?? 0)], others, peak: max(peak, (offset ?? 0) + size))
      }
    }
    place([], Array(blocks.indices), peak: 0)
    return best
  }
}
