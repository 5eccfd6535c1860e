/// Streaming state: resource variables become `SourceGraph.variables`, handles and the
/// initialization subgraph are resolved away.
extension TFLiteImporter {
  mutating func importVarHandle(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(0...0)
    handles[Int(site.op.outputs[0])] = try handleName(site)
  }

  private func handleName(_ site: OperatorSite) throws(ConversionError) -> String {
    guard case .varHandle(let container, let sharedName) = site.op.options else {
      throw site.wrongOptions
    }
    return container.isEmpty ? sharedName : container + "/" + sharedName
  }

  mutating func importReadVariable(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(1...1)
    let name = try variableName(site, handles)
    let output = try output(site)
    let index = try variable(site, name, holding: graph.tensors[output])
    try emit(site, .readVariable(index), [], [output])
  }

  mutating func importAssignVariable(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...2, outputs: 0...0)
    let name = try variableName(site, handles)
    let input = try input(site, 1)
    let index = try assignedVariable(site, name, from: graph.tensors[input])
    try emit(site, .assignVariable(index), [input], [])
  }

  /// Runs the initialization subgraph here and now: it may only assign constants.
  mutating func importCallOnce(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(0...0, outputs: 0...0)
    guard case .callOnce(let initialization) = site.op.options else { throw site.wrongOptions }
    guard graph.operators.allSatisfy({ !$0.operation.touchesVariables }) else {
      throw site.unsupported("runs after a variable has been read or assigned")
    }
    guard (1..<model.subgraphs.count).contains(Int(initialization)) else {
      throw site.malformed("refers to subgraph \(initialization) of \(model.subgraphs.count)")
    }
    let subgraph = model.subgraphs[Int(initialization)]
    var localHandles: [Int: String] = [:]
    for (index, op) in subgraph.operators.enumerated() {
      let inner = try OperatorSite(op, index: index, in: subgraph, of: model)
      do throws(ConversionError) {
        switch TFLiteBuiltin(rawValue: inner.code) {
        case .varHandle:
          try inner.requireOperands(0...0)
          localHandles[Int(op.outputs[0])] = try handleName(inner)
        case .assignVariable:
          try initialize(inner, localHandles)
        default:
          throw inner.unsupported("only constants assigned to variables are supported here")
        }
      } catch {
        throw ConversionError(
          error.kind, place: "subgraph \(initialization) '\(subgraph.name)', \(error.place)",
          what: error.what, hint: error.hint)
      }
    }
  }

  private mutating func initialize(
    _ site: OperatorSite, _ localHandles: [Int: String]
  ) throws(ConversionError) {
    try site.requireOperands(2...2, outputs: 0...0)
    let name = try variableName(site, localHandles)
    let fileIndex = Int(site.op.inputs[1])
    let stored = try fileTensor(fileIndex, in: site.subgraph, place: site.place)
    let tensor = try translate(stored, fileIndex: fileIndex, place: site.place)
    guard let constant = tensor.constant else {
      throw site.unsupported("assigns '\(tensor.name)', which is computed, not constant")
    }
    let index = try assignedVariable(site, name, from: tensor)
    guard constant.count == graph.variables[index].byteCount else {
      throw site.malformed("assigns \(constant.count) bytes to variable '\(name)'")
    }
    graph.variables[index].initialValue = constant
  }

  private func variableName(
    _ site: OperatorSite, _ handles: [Int: String]
  ) throws(ConversionError) -> String {
    guard let name = handles[Int(site.op.inputs[0])] else {
      throw site.malformed("input 0 is not a variable handle that exists at this point")
    }
    return name
  }

  /// The variable of that name, which the first tensor read from or assigned to it describes.
  private mutating func variable(
    _ site: OperatorSite, _ name: String, holding tensor: SourceTensor
  ) throws(ConversionError) -> Int {
    if let known = variableIndices[name] { return known }
    let byteCount = graph.variables.reduce(tensor.byteCount) { $0 + $1.byteCount }
    guard byteCount <= SourceGraph.maximumVariableByteCount else {
      throw ConversionError(
        .unsupportedOption, place: site.place,
        what: "the model's variables take \(byteCount) bytes",
        hint: "supported: at most \(SourceGraph.maximumVariableByteCount)")
    }
    graph.variables.append(
      SourceVariable(
        name: name, type: tensor.type, shape: tensor.shape, quantization: tensor.quantization,
        initialValue: zeroPointBytes(tensor)))
    variableIndices[name] = graph.variables.count - 1
    return graph.variables.count - 1
  }

  private mutating func assignedVariable(
    _ site: OperatorSite, _ name: String, from tensor: SourceTensor
  ) throws(ConversionError) -> Int {
    let index = try variable(site, name, holding: tensor)
    guard graph.variables[index].type == tensor.type, graph.variables[index].shape == tensor.shape
    else {
      throw site.malformed(
        "assigns \(tensor.type) \(tensor.shape) to variable '\(name)', which holds "
          + "\(graph.variables[index].type) \(graph.variables[index].shape)")
    }
    assignedVariables.insert(index)
    return index
  }

  /// Before anything is assigned every byte is the zero point of the tensor that will be, so that
  /// state starts at real zero.
  private func zeroPointBytes(_ tensor: SourceTensor) -> [UInt8] {
    let zeroPoint = UInt8(truncatingIfNeeded: tensor.quantization?.zeroPoints.first ?? 0)
    return Array(repeating: zeroPoint, count: tensor.byteCount)
  }

  /// A variable that nothing assigns has no size and no value in TensorFlow Lite Micro.
  func checkVariablesAreAssigned() throws(ConversionError) {
    for op in graph.operators {
      if case .readVariable(let index) = op.operation, !assignedVariables.contains(index) {
        throw ConversionError(
          .malformed, place: op.place,
          what: "reads variable '\(graph.variables[index].name)', which nothing assigns")
      }
    }
  }
}

extension Operation {
  fileprivate var touchesVariables: Bool {
    switch self {
    case .readVariable, .assignVariable: true
    default: false
    }
  }
}
