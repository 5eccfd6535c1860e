/// Clean-ups of a source graph that keep every output byte.
enum SourcePasses {
  /// The graph after all passes.
  static func run(on source: SourceGraph) throws(ConversionError) -> SourceGraph {
    var graph = source
    try ConstantFolding.run(on: &graph)
    PadFolding.run(on: &graph)
    DeadOperators.remove(from: &graph)
    return graph
  }
}
