import Testing

@testable import Conversion

@Suite("Operators of a TensorFlow Lite file")
struct TFLiteOperatorTests {
  @Test("Every operator in the catalog is imported", arguments: TFLiteBuiltin.allCases)
  func everyCatalogEntryIsImported(_ builtin: TFLiteBuiltin) throws {
    let graph = try importTFLite(TFLiteSamples.model(of: builtin), fileName: "sample")
    #expect(OperatorCatalog.entry(named: builtin.name) == builtin.entry)
    switch builtin {
    // Handles and initialization are resolved into the graph's variables.
    case .varHandle, .callOnce: #expect(graph.variables.count == 1)
    default: #expect(graph.operators.contains { $0.builtinName == builtin.name })
    }
  }

  @Test("The catalog lists each supported operator once, with types and options")
  func catalogIsComplete() {
    #expect(OperatorCatalog.entries.count == TFLiteBuiltin.allCases.count)
    #expect(Set(OperatorCatalog.entries.map(\.name)).count == OperatorCatalog.entries.count)
    #expect(OperatorCatalog.entries.allSatisfy { !$0.types.isEmpty && !$0.options.isEmpty })
    #expect(OperatorCatalog.entry(named: "CONV_2D") != nil)
    #expect(OperatorCatalog.entry(named: "GELU") == nil)
    #expect(OperatorCatalog.supportedNames.contains("STRIDED_SLICE"))
  }

  @Test("SAME padding puts the larger half at the bottom and the right")
  func convolutionPayload() throws {
    let op = try only(.convolution2D)
    #expect(
      op.operation
        == .convolution2D(
          Convolution2D(
            filter: Extent2D(height: 2, width: 3), strides: Extent2D(height: 2, width: 1),
            dilations: Extent2D(height: 1, width: 1),
            padding: Padding2D(top: 0, left: 1, bottom: 1, right: 1), groups: 1,
            activation: .relu)))
    #expect(op.name == "y")
    #expect(op.place == "operator 0 CONV_2D 'y'")
    #expect(op.inputs.count == 3)
  }

  @Test("A bias written as −1 is absent")
  func depthwisePayload() throws {
    let op = try only(.depthwiseConvolution2D)
    #expect(
      op.operation
        == .depthwiseConvolution2D(
          DepthwiseConvolution2D(
            filter: Extent2D(height: 3, width: 3), strides: Extent2D(height: 1, width: 1),
            dilations: Extent2D(height: 1, width: 2), padding: .none, depthMultiplier: 2,
            activation: .reluN1To1)))
    #expect(op.inputs == [0, 1, nil])
  }

  @Test("Fewer filter channels than image channels make groups")
  func groupedConvolution() throws {
    var b = TFLiteModelBuilder()
    let x = TFLiteSamples.input(&b, [1, 1, 1, 6])
    let w = b.weights("w", [4, 1, 1, 3])
    TFLiteSamples.finish(
      &b, .convolution2D, [x, w], [1, 1, 1, 4],
      options: (1, [0: .int8(1), 1: .int32(1), 2: .int32(1)]))
    guard
      case .convolution2D(let payload) = try importTFLite(b.bytes(), fileName: "")
        .operators[0].operation
    else { throw SampleError() }
    #expect(payload.groups == 2)
  }

  @Test("A fully connected layer keeps leading dimensions as rows")
  func fullyConnectedPayload() throws {
    let op = try only(.fullyConnected)
    let expected = FullyConnected(rows: 2, keepNumDims: true, activation: .none)
    #expect(op.operation == .fullyConnected(expected))
    #expect(op.inputs.count == 3 && op.inputs[2] == nil)
  }

  @Test("Pooling keeps its window")
  func poolPayload() throws {
    let two = Extent2D(height: 2, width: 2)
    let pool = Pool2D(filter: two, strides: two, padding: .none, activation: .none)
    #expect(try only(.averagePool2D).operation == .averagePool2D(pool))
    #expect(try only(.maxPool2D).operation == .maxPool2D(pool))
  }

  @Test("Axes lose their signs and repetitions")
  func axesAreNormalized() throws {
    #expect(try only(.mean).operation == .mean(Mean(axes: [1, 2], keepDimensions: true)))
    #expect(try only(.argMax).operation == .argMax(axis: 1))
    #expect(try only(.concatenation).operation == .concatenation(axis: 1))
  }

  @Test("Arithmetic carries its fused activation")
  func arithmeticPayload() throws {
    #expect(try only(.add).operation == .add(.relu6))
    #expect(try only(.subtract).operation == .subtract(.relu6))
    #expect(try only(.multiply).operation == .multiply(.relu6))
    #expect(try only(.maximum).operation == .maximum)
    #expect(try only(.minimum).operation == .minimum)
  }

  @Test(
    "Reshaping operators become one operation and keep their names",
    arguments: [
      TFLiteBuiltin.reshape, .squeeze, .expandDims,
    ])
  func reshapes(_ builtin: TFLiteBuiltin) throws {
    let op = try only(builtin)
    #expect(op.operation == .reshape)
    #expect(op.inputs.count == 1)
    #expect(op.builtinName == builtin.name)
  }

  @Test("PAD fills with the output's zero point, PADV2 with its operand")
  func padPayload() throws {
    #expect(
      try only(.pad).operation == .pad(Pad(before: [0, 1], after: [0, 2], value: 0)))
    #expect(
      try only(.padV2).operation == .pad(Pad(before: [0, 1], after: [0, 2], value: -7)))
    #expect(try only(.transpose).operation == .transpose(permutation: [2, 0, 1]))
  }

  @Test("Activation functions carry their parameters")
  func activations() throws {
    #expect(try only(.softmax).operation == .softmax(beta: 1))
    #expect(try only(.leakyRelu).operation == .leakyRelu(alpha: 0.125))
    #expect(try only(.logistic).operation == .logistic)
    #expect(try only(.tanh).operation == .tanh)
    #expect(try only(.relu).operation == .relu)
    #expect(try only(.relu6).operation == .relu6)
    #expect(try only(.hardSwish).operation == .hardSwish)
    #expect(try only(.quantize).operation == .quantize)
    #expect(try only(.dequantize).operation == .dequantize)
  }

  @Test("SLICE, STRIDED_SLICE, SPLIT and SPLIT_V become slices")
  func slices() throws {
    #expect(
      try only(.slice).operation
        == .slice(Slice(begin: [0, 2], stride: [1, 1], size: [1, 3])))
    #expect(
      try only(.stridedSlice).operation
        == .slice(Slice(begin: [0, 4, 0], stride: [1, -2, 1], size: [1, 2, 2])))
    let split = try importTFLite(TFLiteSamples.model(of: .split), fileName: "")
    #expect(split.operators.map(\.name) == ["a", "b", "c"])
    #expect(
      split.operators.map(\.operation)
        == [0, 2, 4].map { .slice(Slice(begin: [0, $0], stride: [1, 1], size: [1, 2])) })
    let splitV = try importTFLite(TFLiteSamples.model(of: .splitV), fileName: "")
    #expect(
      splitV.operators.map(\.operation)
        == [(0, 1), (1, 3), (4, 2)].map {
          .slice(Slice(begin: [0, $0], stride: [1, 1], size: [1, $1]))
        })
  }

  @Test("The masks of STRIDED_SLICE mean what NumPy means")
  func stridedSliceMasks() {
    func resolve(
      _ begin: [Int], _ end: [Int], _ strides: [Int], _ shape: [Int], begins: Int32 = 0,
      ends: Int32 = 0, ellipsis: Int32 = 0, newAxis: Int32 = 0, shrink: Int32 = 0,
      offset: Bool = false
    ) -> [[Int]]? {
      let options = TFLiteStridedSliceOptions(
        beginMask: begins, endMask: ends, ellipsisMask: ellipsis, newAxisMask: newAxis,
        shrinkAxisMask: shrink, endIsOffset: offset)
      return StridedSliceSpecification(begin: begin, end: end, strides: strides, options: options)
        .resolved(for: shape).map { [$0.begin, $0.stride, $0.size, $1] }
    }
    // x[1:3], x[::2], x[::-1], x[5:1:-2], x[-1] of ten elements
    #expect(resolve([1], [3], [1], [10]) == [[1], [1], [2], [2]])
    #expect(resolve([7], [7], [2], [10], begins: 1, ends: 1) == [[0], [2], [5], [5]])
    #expect(resolve([0], [0], [-1], [10], begins: 1, ends: 1) == [[9], [-1], [10], [10]])
    #expect(resolve([5], [1], [-2], [10]) == [[5], [-2], [2], [2]])
    #expect(resolve([-1], [0], [1], [10], shrink: 1) == [[9], [1], [1], []])
    // Ends beyond the extent are cut; a beginning beyond it selects nothing.
    #expect(resolve([8], [99], [1], [10]) == [[8], [1], [2], [2]])
    #expect(resolve([10], [12], [1], [10]) == nil)
    #expect(resolve([3], [3], [1], [10]) == nil)
    #expect(resolve([0], [3], [0], [10]) == nil)
    #expect(resolve([10], [11], [1], [10], shrink: 1) == nil)
    // x[..., 1], x[np.newaxis, 1:2], x[1] of two dimensions
    #expect(
      resolve([0, 1], [0, 2], [1, 1], [3, 4], ellipsis: 1, shrink: 2)
        == [[0, 1], [1, 1], [3, 1], [3]])
    #expect(
      resolve([0, 1], [0, 2], [1, 1], [3, 4], newAxis: 1)
        == [[1, 0], [1, 1], [1, 4], [1, 1, 4]])
    #expect(resolve([1], [2], [1], [3, 4], shrink: 1) == [[1, 0], [1, 1], [1, 4], [4]])
    #expect(resolve([2], [3], [1], [10], offset: true) == [[2], [1], [3], [3]])
    // Hostile numbers do not overflow.
    #expect(resolve([.min], [.max], [1], [10]) == nil)
    #expect(
      resolve([0], [Int(Int32.max)], [Int(Int32.max)], [10]) == [
        [0], [Int(Int32.max)], [1], [1],
      ])
  }

  @Test("State starts at the value the initialization assigns")
  func initializedVariable() throws {
    let graph = try importTFLite(TFLiteSamples.model(of: .callOnce), fileName: "")
    #expect(graph.variables.map(\.name) == ["memory"])
    #expect(graph.variables[0].initialValue == [1, 2])
    #expect(graph.operators.map(\.operation) == [.readVariable(0), .assignVariable(0)])
    #expect(graph.operators[1].name == "x0")
  }

  @Test("State that nothing initializes starts at the zero point")
  func zeroPointVariable() throws {
    var b = TFLiteModelBuilder()
    TFLiteSamples.streaming(&b, isInitialized: false)
    let graph = try importTFLite(b.bytes(), fileName: "")
    #expect(graph.variables[0].initialValue == [0xFD, 0xFD])
  }

  @Test("An operator code is the larger of its two fields")
  func operatorCodes() throws {
    // Codes above 127 are stored as 127 in the old field.
    let graph = try importTFLite(TFLiteSamples.model(of: .readVariable), fileName: "")
    #expect(graph.operators[0].builtinName == "READ_VARIABLE")
  }

  @Test("An open batch dimension is taken as 1")
  func openBatch() throws {
    var b = TFLiteModelBuilder()
    let x = b.tensor("x", [1, 4], signature: [-1, 4])
    b.main.inputs = [x]
    TFLiteSamples.finish(&b, .relu, [x], [1, 4])
    #expect(try importTFLite(b.bytes(), fileName: "").tensors[0].shape == [1, 4])
  }

  private struct SampleError: Error {}

  private func only(_ builtin: TFLiteBuiltin) throws -> SourceOperator {
    let graph = try importTFLite(TFLiteSamples.model(of: builtin), fileName: "sample")
    #expect(graph.operators.count == 1)
    return graph.operators[0]
  }
}
