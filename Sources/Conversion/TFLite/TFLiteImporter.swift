/// Reads a TensorFlow Lite file (FlatBuffer schema version 3) into a neutral graph.
///
/// - Parameters:
///   - bytes: The whole file.
///   - fileName: The file's name for messages.
/// - Throws: `.malformed` for bytes that are no such file or that contradict themselves,
///   `.notInt8` for a model that does not compute in int8, `.unsupportedOperator` and
///   `.unsupportedOption` for what is not converted. No bytes make it trap.
public func importTFLite(
  _ bytes: [UInt8], fileName: String
) throws(ConversionError) -> SourceGraph {
  var located: ConversionError
  do throws(ConversionError) {
    var importer = TFLiteImporter(model: try readModel(bytes), bytes: bytes)
    return try importer.run()
  } catch {
    located = error
  }
  located.file = fileName
  throw located
}

private func readModel(_ bytes: [UInt8]) throws(ConversionError) -> TFLiteModel {
  do throws(TFLiteError) {
    return try TFLiteModel(reading: bytes)
  } catch {
    throw ConversionError(error)
  }
}

/// Translates a file's main subgraph, operator by operator, into a `SourceGraph`.
///
/// Each operator family has an extension in a file of its own. Translation resolves options and
/// folds in operands that only describe the operator; whether operands then fit the operation is
/// for the graph to say (`SourceGraph.check`), after every operator.
struct TFLiteImporter {
  let model: TFLiteModel
  let bytes: [UInt8]
  var graph = SourceGraph(
    name: "", tensors: [], operators: [], inputs: [], outputs: [], variables: [])

  /// Graph tensors by their index in the main subgraph.
  var tensorIndices: [Int: Int] = [:]
  /// Main-subgraph tensors that an input, a constant or an earlier operator has given a value.
  var defined: Set<Int> = []
  /// Contents by buffer position: tensors that share a buffer share the array.
  var constants: [Range<Int>: [UInt8]] = [:]
  var constantByteCount = 0

  /// Variable names by the main-subgraph tensor that holds the handle.
  var handles: [Int: String] = [:]
  /// Graph variables by name.
  var variableIndices: [String: Int] = [:]
  /// Variables that some operator of the main subgraph or an initialization assigns.
  var assignedVariables: Set<Int> = []

  init(model: TFLiteModel, bytes: [UInt8]) {
    self.model = model
    self.bytes = bytes
  }

  mutating func run() throws(ConversionError) -> SourceGraph {
    guard let main = model.subgraphs.first else {
      throw ConversionError(.malformed, place: "subgraphs", what: "the model has no graph")
    }
    guard !model.metadataNames.contains("COMPRESSION_METADATA") else {
      throw ConversionError(
        .unsupportedOption, place: "metadata", what: "the model's weights are compressed",
        hint: "convert the model as it was before compression")
    }
    graph.name = main.name.isEmpty ? model.description : main.name
    for index in main.inputs {
      graph.inputs.append(try graphInput(index, in: main))
    }
    for (index, op) in main.operators.enumerated() {
      try importOperator(op, index: index, in: main)
    }
    for index in main.outputs {
      graph.outputs.append(try graphTensor(Int(index), in: main, place: "graph outputs"))
    }
    try checkVariablesAreAssigned()
    try graph.validate()
    return graph
  }

  private mutating func importOperator(
    _ op: TFLiteOperator, index: Int, in subgraph: TFLiteSubgraph
  ) throws(ConversionError) {
    let site = try OperatorSite(op, index: index, in: subgraph, of: model)
    guard let builtin = TFLiteBuiltin(rawValue: site.code) else {
      throw ConversionError(
        .unsupportedOperator, place: site.place, what: "this operator is not supported",
        hint: OperatorCatalog.supportedNames)
    }
    switch builtin {
    case .convolution2D: try importConvolution2D(site)
    case .depthwiseConvolution2D: try importDepthwiseConvolution2D(site)
    case .fullyConnected: try importFullyConnected(site)
    case .averagePool2D: try importPool2D(site) { .averagePool2D($0) }
    case .maxPool2D: try importPool2D(site) { .maxPool2D($0) }
    case .mean: try importMean(site)
    case .add, .subtract, .multiply: try importArithmetic(site)
    case .maximum: try importBinary(site, .maximum)
    case .minimum: try importBinary(site, .minimum)
    case .reshape: try importReshape(site)
    case .squeeze: try importSqueeze(site)
    case .expandDims: try importExpandDims(site)
    case .transpose: try importTranspose(site)
    case .pad: try importPad(site, hasValue: false)
    case .padV2: try importPad(site, hasValue: true)
    case .concatenation: try importConcatenation(site)
    case .stridedSlice: try importStridedSlice(site)
    case .slice: try importSlice(site)
    case .split: try importSplit(site)
    case .splitV: try importSplitV(site)
    case .softmax: try importSoftmax(site)
    case .leakyRelu: try importLeakyRelu(site)
    case .logistic: try importUnary(site, .logistic)
    case .tanh: try importUnary(site, .tanh)
    case .relu: try importUnary(site, .relu)
    case .relu6: try importUnary(site, .relu6)
    case .hardSwish: try importUnary(site, .hardSwish)
    case .quantize: try importUnary(site, .quantize)
    case .dequantize: try importUnary(site, .dequantize)
    case .argMax: try importArgMax(site)
    case .varHandle: try importVarHandle(site)
    case .readVariable: try importReadVariable(site)
    case .assignVariable: try importAssignVariable(site)
    case .callOnce: try importCallOnce(site)
    }
  }

  // MARK: - Operands

  /// The graph tensor of a data operand, which must have a value by now.
  mutating func input(_ site: OperatorSite, _ position: Int) throws(ConversionError) -> Int {
    guard let index = try optionalInput(site, position) else {
      throw site.malformed("input \(position) is absent")
    }
    return index
  }

  /// Like `input`, or nil where the operator leaves the operand out or writes −1 for it.
  mutating func optionalInput(
    _ site: OperatorSite, _ position: Int
  ) throws(ConversionError) -> Int? {
    guard position < site.op.inputs.count, site.op.inputs[position] != -1 else { return nil }
    let fileIndex = Int(site.op.inputs[position])
    let index = try graphTensor(fileIndex, in: site.subgraph, place: site.place)
    guard defined.contains(fileIndex) else {
      throw site.malformed(
        "reads tensor '\(graph.tensors[index].name)' before anything has computed it")
    }
    return index
  }

  /// The graph tensor of a result, which must not have a value yet and has one from now on.
  mutating func output(_ site: OperatorSite, _ position: Int = 0) throws(ConversionError) -> Int {
    guard position < site.op.outputs.count else {
      throw site.malformed("output \(position) is absent")
    }
    let fileIndex = Int(site.op.outputs[position])
    let index = try graphTensor(fileIndex, in: site.subgraph, place: site.place)
    guard defined.insert(fileIndex).inserted else {
      throw site.malformed(
        "computes tensor '\(graph.tensors[index].name)', which has a value already")
    }
    return index
  }

  func shape(_ index: Int) -> [Int] { graph.tensors[index].shape }

  /// The integers of an operand that describes the operator; int32 or int64, and constant.
  func integers(
    _ site: OperatorSite, _ position: Int, _ role: String
  ) throws(ConversionError) -> [Int] {
    guard position < site.op.inputs.count else { throw site.malformed("\(role) is absent") }
    let tensor = try fileTensor(
      Int(site.op.inputs[position]), in: site.subgraph, place: site.place)
    let contents = try contents(of: tensor, place: site.place)
    guard !contents.isEmpty else {
      throw site.unsupported("\(role) '\(tensor.name)' is computed at run time, not constant")
    }
    guard tensor.type.elementType == .int32 || tensor.type.elementType == .int64 else {
      throw site.unsupported("\(role) '\(tensor.name)' is \(tensor.type.name), not int32 or int64")
    }
    let byteCount = tensor.type.elementType == .int32 ? 4 : 8
    guard contents.count.isMultiple(of: byteCount), contents.count / byteCount <= 1 << 16 else {
      throw site.malformed("\(role) '\(tensor.name)' holds \(contents.count) bytes")
    }
    return stride(from: contents.lowerBound, to: contents.upperBound, by: byteCount).map {
      var value: UInt64 = 0
      for byte in bytes[$0..<$0 + byteCount].reversed() { value = value << 8 | UInt64(byte) }
      return byteCount == 4
        ? Int(Int32(truncatingIfNeeded: value)) : Int(Int64(bitPattern: value))
    }
  }

  /// Adds an operator, once its operands have been shown to fit.
  mutating func emit(
    _ site: OperatorSite, _ operation: Operation, _ inputs: [Int?], _ outputs: [Int],
    name: String? = nil
  ) throws(ConversionError) {
    let op = SourceOperator(
      operation: operation, inputs: inputs, outputs: outputs, name: name ?? site.name,
      index: site.index, builtinName: site.builtinName)
    try graph.check(op)
    graph.operators.append(op)
  }
}
