/// One operator of a file while it is translated, with what messages need to point at it.
struct OperatorSite {
  let op: TFLiteOperator
  let index: Int
  let subgraph: TFLiteSubgraph
  let code: Int32
  /// The operator's name in the schema, or `CUSTOM name`.
  let builtinName: String
  /// The name of the operator's first output, or of its last input where it has no output.
  let name: String

  init(
    _ op: TFLiteOperator, index: Int, in subgraph: TFLiteSubgraph, of model: TFLiteModel
  ) throws(ConversionError) {
    guard op.code < model.operatorCodes.count else {
      throw ConversionError(
        .malformed, place: "operator \(index)",
        what: "refers to operator code \(op.code) of \(model.operatorCodes.count)")
    }
    let code = model.operatorCodes[Int(op.code)]
    let tensor = op.outputs.first ?? op.inputs.last ?? -1
    let builtinName = TFLiteBuiltinNames.name(code.builtin)
    self.op = op
    self.index = index
    self.subgraph = subgraph
    self.code = code.builtin
    self.builtinName = [builtinName, code.customCode ?? ""].filter { !$0.isEmpty }
      .joined(separator: " ")
    name =
      subgraph.tensors.indices.contains(Int(tensor)) ? subgraph.tensors[Int(tensor)].name : ""
  }

  /// `operator 3 CONV_2D 'block1/conv'`.
  var place: String {
    SourceOperator.place(index: index, builtinName: builtinName, name: name)
  }

  /// The file contradicts itself at this operator.
  func malformed(_ what: String) -> ConversionError {
    ConversionError(.malformed, place: place, what: what)
  }

  /// The operator is known, but not with this option.
  func unsupported(_ what: String) -> ConversionError {
    ConversionError(
      .unsupportedOption, place: place, what: what,
      hint: OperatorCatalog.supportedOptions(of: builtinName))
  }

  /// The operator has options of another kind than its own, or none where it needs some.
  var wrongOptions: ConversionError { malformed("has no options of its own kind") }

  /// The operator's fused activation.
  func activation(_ code: Int8) throws(ConversionError) -> FusedActivation {
    switch code {
    case 0: return .none
    case 1: return .relu
    case 2: return .reluN1To1
    case 3: return .relu6
    // TensorFlow Lite Micro runs these two as if they were NONE, which is not what was trained.
    case 4: throw unsupported("has fused activation TANH")
    case 5: throw unsupported("has fused activation SIGN_BIT")
    default: throw malformed("has fused activation \(code)")
    }
  }

  /// A position in a list of `rank` things, where negative ones count from the end.
  func axis(_ value: Int, rank: Int) throws(ConversionError) -> Int {
    guard (-rank..<rank).contains(value) else {
      throw malformed("axis \(value) does not exist in \(rank) dimensions")
    }
    return value < 0 ? value + rank : value
  }

  /// Fails unless the operator has as many operands and results as the schema says.
  func requireOperands(
    _ inputs: ClosedRange<Int>, outputs: ClosedRange<Int> = 1...1
  ) throws(ConversionError) {
    guard inputs.contains(op.inputs.count), outputs.contains(op.outputs.count) else {
      throw malformed("has \(op.inputs.count) inputs and \(op.outputs.count) outputs")
    }
  }
}
