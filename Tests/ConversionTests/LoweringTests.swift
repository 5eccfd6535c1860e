import ModelFormat
import TestSupport
import Testing

@testable import Conversion

@Suite("Lowering")
struct LoweringTests {
  @Test(
    "Every operator of the catalog is converted and gives what it gives without passes",
    arguments: TFLiteBuiltin.allCases)
  func everyCatalogEntry(_ builtin: TFLiteBuiltin) throws {
    let source = try importTFLite(TFLiteSamples.model(of: builtin), fileName: "sample")
    var random = SeededGenerator(for: "inputs of \(builtin.name)")
    let invocations = randomInvocations(5, of: source, using: &random)
    #expect(
      try outputs(of: Converter.convert(source), for: invocations)
        == outputs(of: PlainConversion.write(source), for: invocations))
  }

  @Test("A layer keeps its name and its place in the source model")
  func provenanceOfOperators() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 4])
    sketch.outputs = [sketch.halved(sketch.reshape(sketch.requantized(x), to: [4]))]
    let graph = try Lowering.run(on: sketch.graph)
    #expect(graph.operators.map(\.name) == ["layer 0", "layer 2"])
    #expect(graph.operators.map(\.sourceIndex) == [0, 2])
  }

  /// One vector of weights, input zero point −128, and what the bias may be at most.
  ///
  /// The accumulator holds bias + Σ w (x − zero point), with x − zero point up to 255; the kernels
  /// start at bias − zero point Σ w and add Σ w x. Both must fit 32 bits.
  struct Bound: Sendable, CustomTestStringConvertible {
    let weights: [Int8]
    let zeroPoint: Int32
    let bias: Int64

    var testDescription: String { "weights \(weights), zero point \(zeroPoint), bias \(bias)" }
  }

  static let bounds = [
    // Zero point 0: |bias| + 255 Σ|w| ≤ 2³¹ − 1.
    Bound(weights: [127, 127], zeroPoint: 0, bias: Int64(Int32.max) - 255 * 254),
    Bound(weights: [127, 127], zeroPoint: 0, bias: -(Int64(Int32.max) - 255 * 254)),
    Bound(weights: [127, -127], zeroPoint: -128, bias: Int64(Int32.max) - 255 * 254),
    // Zero point −128 and weights of one sign: the folded bias is larger by 128 Σ w, and
    // |bias + 128 Σ w| + 128 Σ|w| ≤ 2³¹ − 1 is the narrower bound.
    Bound(weights: [127, 127], zeroPoint: -128, bias: Int64(Int32.max) - 256 * 254),
    Bound(weights: [-1], zeroPoint: -128, bias: -(Int64(Int32.max) - 256)),
    Bound(weights: [1], zeroPoint: 127, bias: Int64(Int32.max) - 255),
  ]

  @Test("A bias is refused exactly where an accumulator could overflow", arguments: bounds)
  func accumulatorBound(_ bound: Bound) throws {
    let bytes = try Converter.write(
      Self.layer(bound), contents: ModelContents(), fusesOperators: false)
    for x in [Int8.min, 0, .max] {
      let exact = bound.weights.reduce(bound.bias) {
        $0 + Int64($1) * (Int64(x) - Int64(bound.zeroPoint))
      }
      // The output's scale is 2²⁵ times that of the accumulator.
      let expected = (Double(exact) / 0x1p25).rounded(.toNearestOrAwayFromZero)
      let input = Array(repeating: UInt8(bitPattern: x), count: bound.weights.count)
      let stored = try outputs(of: bytes, for: [[input]])[0][0]
      #expect(Double(Int8(bitPattern: stored)) == expected, "at \(x)")
    }
    let beyond = Bound(
      weights: bound.weights, zeroPoint: bound.zeroPoint,
      bias: bound.bias + bound.bias.signum())
    let error = #expect(throws: ConversionError.self) {
      try Converter.write(Self.layer(beyond), contents: ModelContents(), fusesOperators: false)
    }
    #expect(error?.kind == .unsupportedOption)
    #expect(error?.place == "operator 0 SKETCH 'layer 0'")
    #expect(error?.what.contains("output channel 0") == true)
    #expect(error?.hint.isEmpty == false)
  }

  @Test("A convolution's channel is refused by its number")
  func accumulatorOfOneChannel() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 1, 1, 1])
    let weights = sketch.constant([3, 1, 1, 1], [1, 1, 1], zeroPoint: 0)
    let bias = sketch.bias([0, 5, .min])
    let unit = Extent2D(height: 1, width: 1)
    sketch.outputs = [
      sketch.emit(
        .convolution2D(
          Convolution2D(
            filter: unit, strides: unit, dilations: unit, padding: .none, groups: 1,
            activation: .none)), [x, weights, bias], to: [1, 1, 1, 3])
    ]
    let error = #expect(throws: ConversionError.self) { try Converter.convert(sketch.graph) }
    #expect(error?.what.contains("output channel 2") == true)
  }

  @Test("Softmax over more values than its sum can hold is refused", arguments: [4095, 4096])
  func softmaxSize(_ count: Int) throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, count])
    sketch.outputs = [
      sketch.emit(.softmax(beta: 1), [x], to: [1, count], scale: 1 / 256, zeroPoint: -128)
    ]
    guard count > 4095 else {
      #expect(try kinds(of: Converter.convert(sketch.graph)) == [.softmax])
      return
    }
    let error = #expect(throws: ConversionError.self) { try Converter.convert(sketch.graph) }
    #expect(error?.what == "softmax over 4096 values")
  }

  private static func layer(_ bound: Bound) -> SourceGraph {
    var sketch = GraphSketch()
    let x = sketch.input([1, bound.weights.count], scale: 1, zeroPoint: bound.zeroPoint)
    let weights = sketch.constant([1, bound.weights.count], bound.weights, scale: 1, zeroPoint: 0)
    let bias = sketch.bias([Int32(truncatingIfNeeded: bound.bias)])
    sketch.outputs = [
      sketch.emit(
        .fullyConnected(FullyConnected(rows: 1, keepNumDims: false, activation: .none)),
        [x, weights, bias], to: [1, 1], scale: 0x1p25, zeroPoint: 0)
    ]
    return sketch.graph
  }
}
