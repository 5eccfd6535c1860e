import FixedPoint
import ModelFormat

/// Turns a ``SourceGraph`` into engine operators: chooses kernels, computes every fixed-point
/// parameter, packs weights and tabulates element-wise functions.
struct Lowering {
  let source: SourceGraph
  var graph = DeviceGraph()
  /// The device tensor of each source tensor, where one exists already.
  private var lowered: [Int: Int] = [:]
  /// The device tensor of each variable.
  private var states: [Int] = []

  /// The device graph of `source`, which has been validated.
  static func run(on source: SourceGraph) throws(ConversionError) -> DeviceGraph {
    CopyElimination.run(on: try withCopies(source))
  }

  /// The device graph with every copy that the source model describes.
  static func withCopies(_ source: SourceGraph) throws(ConversionError) -> DeviceGraph {
    var lowering = Lowering(source: source)
    try lowering.run()
    return lowering.graph
  }

  private init(source: SourceGraph) { self.source = source }

  private mutating func run() throws(ConversionError) {
    for variable in source.variables { states.append(addState(variable)) }
    for input in source.inputs { graph.inputs.append(try tensor(input)) }
    for candidate in source.operators { try lower(candidate) }
    for output in source.outputs { graph.outputs.append(try tensor(output)) }
  }

  private mutating func lower(_ layer: SourceOperator) throws(ConversionError) {
    switch layer.operation {
    case .convolution2D(let options):
      try lowerConvolution(layer, options)
    case .depthwiseConvolution2D(let options):
      try lowerDepthwise(layer, options)
    case .fullyConnected(let options):
      try lowerFullyConnected(layer, options)
    case .averagePool2D(let options):
      try lowerPool(layer, options, .averagePool2D)
    case .maxPool2D(let options):
      try lowerPool(layer, options, .maxPool2D)
    case .mean(let options):
      try lowerMean(layer, options)
    case .add(let activation):
      try lowerSum(layer, activation, .add)
    case .subtract(let activation):
      try lowerSum(layer, activation, .subtract)
    case .multiply(let activation):
      try lowerProduct(layer, activation)
    case .maximum:
      try emit(.maximum, layer, words: OperatorWords())
    case .minimum:
      try emit(.minimum, layer, words: OperatorWords())
    case .reshape:
      try emit(.copy, layer, words: OperatorWords())
    case .transpose(let permutation):
      var parameters = TransposeParameters()
      for (axis, origin) in permutation.enumerated() { parameters[source: axis] = origin }
      try emit(.transpose, layer, words: parameters.words)
    case .pad(let options):
      var parameters = PadParameters()
      for (axis, count) in options.before.enumerated() { parameters[before: axis] = count }
      parameters.value = Int32(options.value)
      try emit(.pad, layer, words: parameters.words)
    case .concatenation(let axis):
      var parameters = AxisParameters()
      parameters.axis = axis
      try emit(.concatenation, layer, words: parameters.words)
    case .slice(let options):
      var parameters = SliceParameters()
      for axis in options.begin.indices {
        parameters[begin: axis] = options.begin[axis]
        parameters[step: axis] = options.stride[axis]
        parameters[size: axis] = options.size[axis]
      }
      try emit(.slice, layer, words: parameters.words)
    case .softmax(let beta):
      try lowerSoftmax(layer, beta: beta)
    case .argMax(let axis):
      var parameters = AxisParameters()
      parameters.axis = axis
      try emit(.argMax, layer, words: parameters.words)
    case .logistic, .tanh, .relu, .relu6, .leakyRelu, .hardSwish:
      try lowerFunction(layer)
    case .quantize:
      try lowerQuantize(layer)
    case .dequantize:
      try emit(.dequantize, layer, words: OperatorWords())
    case .readVariable(let variable):
      try append(
        .copy, layer, inputs: [states[variable]], output: tensor(layer.outputs[0]))
    case .assignVariable(let variable):
      try append(
        .copy, layer, inputs: [tensor(operand(0, of: layer))], output: states[variable])
    }
  }

  /// The source tensor that is operand `position` of `layer`; the importer made sure it is there.
  func operand(_ position: Int, of layer: SourceOperator) throws(ConversionError) -> Int {
    guard position < layer.inputs.count, let index = layer.inputs[position] else {
      throw ConversionError(
        .internalInconsistency, place: layer.place, what: "operand \(position) is missing")
    }
    return index
  }

  /// The device tensor of source tensor `index`, made at its first mention.
  mutating func tensor(_ index: Int) throws(ConversionError) -> Int {
    if let known = lowered[index] { return known }
    let tensor = source.tensors[index]
    var result = DeviceTensor(
      name: tensor.name, elementType: try deviceType(of: tensor), shape: tensor.shape,
      scale: tensor.quantization?.scale ?? 0, zeroPoint: tensor.quantization?.zeroPoint ?? 0)
    if let bytes = tensor.constant {
      result.storage = .constant(bytes: bytes, packing: .rowMajor)
    }
    let made = graph.add(result)
    lowered[index] = made
    return made
  }

  /// Adds an operator with the layer's own operands and first output.
  mutating func emit(
    _ kind: OperatorKind, _ layer: SourceOperator, words: OperatorWords
  ) throws(ConversionError) {
    var inputs: [Int] = []
    for position in layer.inputs.indices {
      inputs.append(try tensor(operand(position, of: layer)))
    }
    append(
      kind, layer, inputs: inputs, output: try tensor(layer.outputs[0]), words: words)
  }

  /// Adds an operator.
  mutating func append(
    _ kind: OperatorKind, _ layer: SourceOperator, inputs: [Int], output: Int,
    words: OperatorWords = OperatorWords()
  ) {
    graph.operators.append(
      DeviceOperator(
        kind: kind, inputs: inputs, output: output, words: words, name: layer.name,
        sourceIndex: layer.index))
  }

  /// Adds a constant that the source model does not have: packed weights or a table.
  mutating func addConstant(
    name: String, type: ElementType, shape: [Int], bytes: [UInt8], packing: TensorPacking
  ) -> Int {
    graph.add(
      DeviceTensor(
        name: name, elementType: type, shape: shape,
        storage: .constant(bytes: bytes, packing: packing)))
  }

  private mutating func addState(_ variable: SourceVariable) -> Int {
    let zeroPoint = variable.quantization?.zeroPoint ?? 0
    let type: ElementType = variable.type == .int8 ? .int8 : .uint8
    var initial: Int?
    if variable.initialValue.contains(where: { $0 != UInt8(truncatingIfNeeded: zeroPoint) }) {
      initial = addConstant(
        name: variable.name, type: type, shape: variable.shape, bytes: variable.initialValue,
        packing: .rowMajor)
    }
    return graph.add(
      DeviceTensor(
        name: variable.name, elementType: type, shape: variable.shape,
        scale: variable.quantization?.scale ?? 0, zeroPoint: zeroPoint,
        storage: .state(initial: initial)))
  }

  private func deviceType(of tensor: SourceTensor) throws(ConversionError) -> ElementType {
    switch tensor.type {
    case .int8: return .int8
    case .uint8: return .uint8
    case .int32: return .int32
    case .int64: return .int64
    case .float32: return .float32
    case .int16, .bool:
      throw ConversionError(
        .notInt8, place: "tensor '\(tensor.name)'",
        what: "the engine has no tensors of type \(tensor.type)",
        hint: "quantize the model to int8")
    }
  }
}
