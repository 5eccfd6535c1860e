import ModelFormat

extension Converter {
  /// A model file with a contract and next to nothing else: its input, of real numbers, takes the
  /// features of a window, and its output repeats them.
  ///
  /// So features can be computed for training, before there is a model, by the very code that computes
  /// them on the board.
  public static func contractModel(_ contract: ContractFile) throws(ConversionError) -> [UInt8] {
    var graph = DeviceGraph()
    let shape = try contract.inputShape()
    let input = graph.add(DeviceTensor(name: "features", elementType: .float32, shape: shape))
    let output = graph.add(DeviceTensor(name: "repeated", elementType: .float32, shape: shape))
    graph.operators = [
      DeviceOperator(kind: .copy, inputs: [input], output: output, name: "repeat", sourceIndex: 0)
    ]
    graph.inputs = [input]
    graph.outputs = [output]
    var contents = ModelContents()
    contents.contract = contract
    return try ModelWriter.write(graph, plan: ArenaPlanner.plan(graph), contents: contents)
  }
}

extension ContractFile {
  /// The shape of the input that a window becomes: time × channels for samples, channels × features
  /// otherwise.
  fileprivate func inputShape() throws(ConversionError) -> [Int] {
    guard let section = try preprocessingSection() else { return [1, window, channels.count] }
    do throws(ModelError) {
      let plan = try Preprocessing(
        section.span.bytes, windowLength: window, channelCount: channels.count)
      return plan.isTimeFirst
        ? [1, plan.featureCount, channels.count] : [1, channels.count, plan.featureCount]
    } catch {
      throw ConversionError(
        .internalInconsistency, place: "preprocessing", what: "\(error)",
        hint: "this is a fault of the converter; please report it with the contract")
    }
  }
}
