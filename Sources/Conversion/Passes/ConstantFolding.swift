/// Computes what depends on constants only, with the engine itself.
enum ConstantFolding {
  /// Replaces the outputs of operators with constant inputs by constants.
  static func run(on graph: inout SourceGraph) throws(ConversionError) {
    var kept: [SourceOperator] = []
    for candidate in graph.operators {
      let inputs = candidate.inputs.compactMap { $0 }
      let isConstant =
        !inputs.isEmpty && !candidate.outputs.isEmpty
        && inputs.allSatisfy { graph.tensors[$0].constant != nil }
      guard isConstant else {
        kept.append(candidate)
        continue
      }
      graph.tensors[candidate.outputs[0]].constant = try value(of: candidate, in: graph)
    }
    graph.operators = kept
  }

  /// Runs `layer` alone, as a model without inputs.
  private static func value(
    of layer: SourceOperator, in graph: SourceGraph
  ) throws(ConversionError) -> [UInt8] {
    var single = graph
    single.operators = [layer]
    single.inputs = []
    single.outputs = [layer.outputs[0]]
    single.variables = []
    let bytes = try Converter.write(single, contents: ModelContents(), fusesOperators: false)
    do {
      return try HostMemory.withEngine(for: bytes) { engine in
        engine.invoke()
        let output = engine.output(0)
        return output.withUnsafeBytes { [UInt8]($0) }
      }
    } catch {
      throw ConversionError(
        .internalInconsistency, place: layer.place, what: "its constant value cannot be computed")
    }
  }
}
