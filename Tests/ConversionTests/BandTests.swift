import Inference
import LinuxPlatform
import ModelFormat
import TestSupport
import Testing

@testable import Conversion

/// Operators that run in bands give what they give one after another.
@Suite("Bands")
struct BandTests {
  @Test("Random chains give the same bytes in bands of every height")
  func randomChains() throws {
    var random = SeededGenerator(for: "chains in bands")
    var (groups, sharing) = (0, 0)
    for number in 0..<60 {
      let source = RandomChain.graph(using: &random)
      let graph = try Lowering.run(on: source)
      let invocations = randomInvocations(2, of: source, using: &random)
      let expected = try outputs(of: PlainConversion.write(source), for: invocations)
      let sites = BandSites(of: graph)
      for first in graph.operators.indices {
        for count in 1...4 where sites.canBeGroup(first: first, count: count) {
          let height = sites.height(first: first, count: count)
          guard height > 1 else { continue }
          // One row, the last band alone, and something between.
          for rows in Set([1, height - 1, Int.random(in: 1..<height, using: &random)]) {
            let site = try #require(sites.site(first: first, count: count, rows: rows))
            let plan = ArenaPlanner.plan(graph, sites: [site])
            let bytes = try ModelWriter.write(graph, plan: plan, contents: ModelContents())
            let what = "graph \(number), \(site.group), \(graph.operators.map(\.kind))"
            #expect(try outputs(of: bytes, for: invocations) == expected, "\(what)")
            #expect(
              try outputs(of: bytes, for: invocations, kernels: .portable) == expected, "\(what)")
            // Without room for prepared calls, between unmapped pages, on all kernels.
            try GuardedRun().run(bytes)
            groups += 1
            let (output, root) = (
              plan.offsets[site.output], graph.root(graph.operators[first].inputs[0])
            )
            let input = plan.offsets[root]..<(plan.offsets[root] + graph.tensors[root].byteCount)
            if input.overlaps(output..<(output + graph.tensors[site.output].byteCount)) {
              sharing += 1
            }
          }
        }
      }
    }
    #expect(groups > 200, "only \(groups) groups were tried")
    #expect(sharing > 20, "only \(sharing) outputs took the place of an input")
  }

  @Test("Threads share the rows of every band, and the bytes are the same")
  func threads() throws {
    var random = SeededGenerator(for: "bands on several threads")
    var groups = 0
    for number in 0..<40 {
      let source = RandomChain.graph(using: &random)
      let graph = try Lowering.run(on: source)
      let invocations = randomInvocations(3, of: source, using: &random)
      let expected = try outputs(of: PlainConversion.write(source), for: invocations)
      let sites = BandSites(of: graph)
      let count = (1...4).last { sites.canBeGroup(first: 0, count: $0) } ?? 0
      guard count > 0 else { continue }
      let height = sites.height(first: 0, count: count)
      let rows = Int.random(in: 1...max(1, height - 1), using: &random)
      guard let site = sites.site(first: 0, count: count, rows: rows) else { continue }
      let plan = ArenaPlanner.plan(graph, sites: [site])
      let bytes = try ModelWriter.write(graph, plan: plan, contents: ModelContents())
      for threadCount in [2, 3, 5] {
        let found = try dividedOutputs(of: bytes, for: invocations, threadCount: threadCount)
        let what = "graph \(number), \(site.group), \(graph.operators.map(\.kind))"
        #expect(found == expected, "\(what), \(threadCount) threads")
      }
      groups += 1
    }
    #expect(groups > 20, "only \(groups) groups were tried")
  }

  /// The outputs where even the smallest operators are divided.
  private func dividedOutputs(
    of bytes: [UInt8], for invocations: [[[UInt8]]], threadCount: Int
  ) throws -> [[UInt8]] {
    let file = GuardedBuffer(bytes, alignment: 16)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    let memory = GuardedBuffer(byteCount: Engine.memoryByteCount(for: model), alignment: 16)
    let team = try ThreadTeam(count: threadCount)
    var workers = Workers(
      count: team.count, handle: team.handle,
      run: { ThreadTeam.run($0, $1, $2) }, meet: { ThreadTeam.meet($0) })
    (workers.leastOperatorWork, workers.leastModelWork) = (0, 0)
    var engine = try Engine(model, arena: memory.memory.mutableBytes, workers: workers)
    #expect(engine.threadCount == threadCount)
    return outputs(of: &engine, for: invocations)
  }

  @Test("A map between two operators that is larger than both ends is not stored")
  func chosen() throws {
    let source = Self.wide()
    let (fused, plain) = (
      try Converter.convert(source), try Converter.convert(source, fusesOperators: false)
    )
    // The map in between has 32 × 32 × 64 bytes, both ends have 32 × 32 × 8.
    #expect(try arenaByteCount(of: plain) == 32 * 32 * 72)
    #expect(try arenaByteCount(of: fused) < 32 * 32 * 54)
    #expect(try groupCount(of: fused) == 1)
    #expect(try groupCount(of: plain) == 0)
    var random = SeededGenerator(for: "a wide map")
    let invocations = randomInvocations(3, of: source, using: &random)
    #expect(
      try outputs(of: fused, for: invocations) == outputs(of: plain, for: invocations))
    #expect(try Converter.convert(source) == fused)
  }

  @Test("A map that somebody else reads as well is stored")
  func readTwice() throws {
    var sketch = Self.wideSketch()
    let middle = try #require(sketch.graph.operators.first?.outputs.first)
    sketch.outputs.append(middle)
    let graph = try Lowering.run(on: sketch.graph)
    #expect(BandSites(of: graph).canBeGroup(first: 0, count: 2) == false)
    #expect(BandSites(of: graph).canBeGroup(first: 0, count: 1))
  }

  @Test("What cannot run row by row is in no group")
  func others() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 8, 8, 2])
    let turned = sketch.emit(.transpose(permutation: [0, 2, 1, 3]), [x], to: [1, 8, 8, 2])
    let batch = sketch.reshape(turned, to: [2, 4, 8, 2])
    sketch.outputs = [sketch.halved(batch)]
    let graph = try Lowering.run(on: sketch.graph)
    let sites = BandSites(of: graph)
    for index in graph.operators.indices {
      #expect(!sites.canBeGroup(first: index, count: 1), "\(graph.operators[index].kind)")
    }
  }

  private static func wide() -> SourceGraph { wideSketch().graph }

  /// 8 → 64 → 8 channels, each output of three by three.
  private static func wideSketch() -> GraphSketch {
    var random = SeededGenerator(seed: 7)
    var sketch = GraphSketch()
    let x = sketch.input([1, 32, 32, 8])
    let middle = RandomChain.convolution(
      of: x, channels: 64, RandomChain.Window(), in: &sketch, using: &random)
    var window = RandomChain.Window()
    window.size = Extent2D(height: 3, width: 3)
    window.padding = Padding2D(top: 1, left: 1, bottom: 1, right: 1)
    sketch.outputs = [
      RandomChain.convolution(of: middle, channels: 8, window, in: &sketch, using: &random)
    ]
    return sketch
  }

  private func arenaByteCount(of bytes: [UInt8]) throws -> Int {
    try HostMemory.withEngine(for: bytes) { $0.model.arenaByteCount }
  }

  private func groupCount(of bytes: [UInt8]) throws -> Int {
    try HostMemory.withEngine(for: bytes) { $0.model.bandGroupCount }
  }
}

/// Images that go through windows and element-wise operators.
enum RandomChain {
  /// A window with the padding that every framework could ask for, and some that none does.
  struct Window {
    var size = Extent2D(height: 1, width: 1)
    var strides = Extent2D(height: 1, width: 1)
    var dilations = Extent2D(height: 1, width: 1)
    var padding = Padding2D.none

    func outputShape(_ shape: [Int], channels: Int) -> [Int]? {
      let (height, width) = (
        shape[1] + padding.top + padding.bottom - (size.height - 1) * dilations.height - 1,
        shape[2] + padding.left + padding.right - (size.width - 1) * dilations.width - 1
      )
      guard height >= 0, width >= 0 else { return nil }
      return [1, height / strides.height + 1, width / strides.width + 1, channels]
    }

    static func random(isDilated: Bool, using random: inout SeededGenerator) -> Window {
      func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      var window = Window()
      window.size = Extent2D(height: number(1...4), width: number(1...3))
      window.strides = Extent2D(height: number(1...3), width: number(1...2))
      if isDilated { window.dilations = Extent2D(height: number(1...2), width: number(1...2)) }
      let (tall, broad) = (
        (window.size.height - 1) * window.dilations.height,
        (window.size.width - 1) * window.dilations.width
      )
      window.padding = Padding2D(
        top: number(0...tall), left: number(0...broad), bottom: number(0...tall),
        right: number(0...broad))
      return window
    }
  }

  /// One to four operators in a chain; sums take a second input of the graph.
  static func graph(using random: inout SeededGenerator) -> SourceGraph {
    var sketch = GraphSketch()
    var value = sketch.input([
      1, Int.random(in: 3...14, using: &random), Int.random(in: 2...9, using: &random),
      [1, 3, 4, 8, 20].randomElement(using: &random) ?? 1,
    ])
    for _ in 0..<Int.random(in: 2...4, using: &random) {
      value = next(value, in: &sketch, using: &random)
    }
    sketch.outputs = [value]
    return sketch.graph
  }

  private static func next(
    _ x: Int, in sketch: inout GraphSketch, using random: inout SeededGenerator
  ) -> Int {
    let shape = sketch.shape(x)
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1:
      let window = Window.random(isDilated: true, using: &random)
      return convolution(
        of: x, channels: [1, 5, 16, 18].randomElement(using: &random) ?? 1, window, in: &sketch,
        using: &random)
    case 2:
      return convolution(of: x, channels: 8, Window(), in: &sketch, using: &random)
    case 3, 4:
      return depthwise(
        of: x, Window.random(isDilated: true, using: &random), in: &sketch, using: &random)
    case 5:
      let window = Window.random(isDilated: false, using: &random)
      guard let result = window.outputShape(shape, channels: shape[3]) else {
        return sketch.halved(x)
      }
      let pool = Pool2D(
        filter: window.size, strides: window.strides, padding: window.padding, activation: .none)
      return sketch.emit(
        Bool.random(using: &random) ? .maxPool2D(pool) : .averagePool2D(pool), [x], to: result)
    case 6:
      // A whole image, a row for all, a value a channel.
      let shapes = [shape, [1, 1, shape[2], shape[3]], [shape[3]]]
      let other = sketch.input(shapes.randomElement(using: &random) ?? shape)
      let operation: Conversion.Operation =
        [.add(.none), .multiply(.none), .maximum]
        .randomElement(using: &random) ?? .maximum
      return sketch.emit(operation, [x, other], to: shape)
    default:
      return sketch.halved(x)
    }
  }

  static func convolution(
    of x: Int, channels: Int, _ window: Window, in sketch: inout GraphSketch,
    using random: inout SeededGenerator
  ) -> Int {
    let depth = sketch.shape(x)[3]
    guard let shape = window.outputShape(sketch.shape(x), channels: channels) else {
      return sketch.halved(x)
    }
    let filter = [channels, window.size.height, window.size.width, depth]
    let weights = sketch.constant(filter, bytes(filter, using: &random), scale: 0.01, zeroPoint: 0)
    let bias = sketch.bias((0..<channels).map { _ in Int32.random(in: -500...500, using: &random) })
    return sketch.emit(
      .convolution2D(
        Convolution2D(
          filter: window.size, strides: window.strides, dilations: window.dilations,
          padding: window.padding, groups: 1, activation: .none)),
      [x, weights, bias], to: shape)
  }

  private static func depthwise(
    of x: Int, _ window: Window, in sketch: inout GraphSketch, using random: inout SeededGenerator
  ) -> Int {
    let depth = sketch.shape(x)[3]
    guard let shape = window.outputShape(sketch.shape(x), channels: depth) else {
      return sketch.halved(x)
    }
    let filter = [1, window.size.height, window.size.width, depth]
    let weights = sketch.constant(filter, bytes(filter, using: &random), scale: 0.05, zeroPoint: 0)
    let bias = sketch.bias((0..<depth).map { _ in Int32.random(in: -500...500, using: &random) })
    return sketch.emit(
      .depthwiseConvolution2D(
        DepthwiseConvolution2D(
          filter: window.size, strides: window.strides, dilations: window.dilations,
          padding: window.padding, depthMultiplier: 1, activation: .none)),
      [x, weights, bias], to: shape)
  }

  private static func bytes(_ shape: [Int], using random: inout SeededGenerator) -> [Int8] {
    (0..<shape.reduce(1, *)).map { _ in Int8.random(in: -127...127, using: &random) }
  }
}
