import TestSupport
import Testing

@testable import Conversion

@Suite("Pad folding")
struct PadFoldingTests {
  /// A pad of a 5 × 6 image with 4 channels, zero point 3, before one or more convolutions.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var before = [0, 1, 1, 0]
    var after = [0, 1, 1, 0]
    var value: Int8 = 3
    var isDepthwise = false
    var stride = 1
    var dilation = 1
    /// Padding of the convolution's own.
    var own = Padding2D.none
    /// Other operators that read the padded image.
    var hasOtherReader = false
    var isOutput = false
    /// Whether a pad must still be executed.
    let keepsPad: Bool
  }

  static let cases = [
    Case(testDescription: "a border of real zero", keepsPad: false),
    Case(testDescription: "a border of another value", value: 4, keepsPad: true),
    Case(
      testDescription: "more rows above than below", before: [0, 2, 0, 0], after: [0, 0, 1, 0],
      keepsPad: false),
    Case(testDescription: "stride 2", before: [0, 0, 1, 0], stride: 2, keepsPad: false),
    Case(
      testDescription: "stride 2 with the larger half in front", before: [0, 2, 2, 0], stride: 2,
      keepsPad: false),
    Case(
      testDescription: "dilation 2", before: [0, 2, 2, 0], after: [0, 2, 2, 0], dilation: 2,
      keepsPad: false),
    Case(
      testDescription: "padding in the convolution as well",
      own: Padding2D(top: 1, left: 0, bottom: 0, right: 1), keepsPad: false),
    Case(testDescription: "a depthwise convolution", isDepthwise: true, keepsPad: false),
    Case(
      testDescription: "a depthwise convolution, stride 2, another value", value: -128,
      isDepthwise: true, stride: 2, keepsPad: true),
    Case(
      testDescription: "more channels", before: [0, 0, 0, 1], after: [0, 0, 0, 2], keepsPad: true),
    Case(testDescription: "another reader", hasOtherReader: true, keepsPad: true),
    Case(testDescription: "a pad that is a graph output", isOutput: true, keepsPad: true),
    Case(
      testDescription: "an empty border", before: [0, 0, 0, 0], after: [0, 0, 0, 0], keepsPad: false
    ),
  ]

  @Test("A folded pad changes no output byte", arguments: cases)
  func folding(_ pad: Case) throws {
    var random = SeededGenerator(for: pad.testDescription)
    let source = Self.graph(pad, using: &random)
    try source.validate()
    let bytes = try Converter.convert(source)
    #expect(try kinds(of: bytes).contains(.pad) == pad.keepsPad)
    let invocations = randomInvocations(4, of: source, using: &random)
    #expect(
      try outputs(of: bytes, for: invocations)
        == outputs(of: PlainConversion.write(source), for: invocations))
  }

  @Test("Two convolutions that read one padded image pad for themselves")
  func twoConvolutions() throws {
    var random = SeededGenerator(for: "two convolutions behind a pad")
    var sketch = GraphSketch()
    let padded = Self.pad(Case(testDescription: "", keepsPad: false), of: &sketch)
    let first = Self.convolution(
      padded, Case(testDescription: "", keepsPad: false), &sketch, &random)
    let second = Self.convolution(
      padded, Case(testDescription: "", isDepthwise: true, keepsPad: false), &sketch, &random)
    sketch.outputs = [first, second]
    let bytes = try Converter.convert(sketch.graph)
    #expect(try kinds(of: bytes) == [.convolution2D, .depthwiseConvolution2D])
    let invocations = randomInvocations(4, of: sketch.graph, using: &random)
    #expect(
      try outputs(of: bytes, for: invocations)
        == outputs(of: PlainConversion.write(sketch.graph), for: invocations))
  }

  private static func graph(_ pad: Case, using random: inout SeededGenerator) -> SourceGraph {
    var sketch = GraphSketch()
    let padded = Self.pad(pad, of: &sketch)
    sketch.outputs = [convolution(padded, pad, &sketch, &random)]
    if pad.hasOtherReader { sketch.outputs.append(sketch.halved(padded)) }
    if pad.isOutput { sketch.outputs.append(padded) }
    return sketch.graph
  }

  private static func pad(_ pad: Case, of sketch: inout GraphSketch) -> Int {
    let image = [1, 5, 6, 4]
    let options = Pad(before: pad.before, after: pad.after, value: pad.value)
    return sketch.emit(
      .pad(options), [sketch.input(image)],
      to: image.indices.map { pad.before[$0] + image[$0] + pad.after[$0] })
  }

  private static func convolution(
    _ padded: Int, _ pad: Case, _ sketch: inout GraphSketch, _ random: inout SeededGenerator
  ) -> Int {
    let image = sketch.shape(padded)
    let channels = pad.isDepthwise ? image[3] : 3
    let shape = pad.isDepthwise ? [1, 3, 3, channels] : [channels, 3, 3, image[3]]
    let weights = sketch.constant(
      shape,
      (0..<shape.reduce(1, *)).map { _ in Int8.random(in: -127...127, using: &random) },
      scale: 0.01, zeroPoint: 0)
    let bias = sketch.bias(
      (0..<channels).map { _ in Int32.random(in: -2000...2000, using: &random) })
    let filter = Extent2D(height: 3, width: 3)
    let strides = Extent2D(height: pad.stride, width: pad.stride)
    let dilations = Extent2D(height: pad.dilation, width: pad.dilation)
    func extent(_ image: Int, _ padding: Int) -> Int {
      (image + padding - 2 * pad.dilation - 1) / pad.stride + 1
    }
    let result = [
      1, extent(image[1], pad.own.top + pad.own.bottom),
      extent(image[2], pad.own.left + pad.own.right), channels,
    ]
    let operation: Operation =
      pad.isDepthwise
      ? .depthwiseConvolution2D(
        DepthwiseConvolution2D(
          filter: filter, strides: strides, dilations: dilations, padding: pad.own,
          depthMultiplier: 1, activation: .none))
      : .convolution2D(
        Convolution2D(
          filter: filter, strides: strides, dilations: dilations, padding: pad.own, groups: 1,
          activation: .none))
    return sketch.emit(operation, [padded, weights, bias], to: result, scale: 2, zeroPoint: -5)
  }
}
