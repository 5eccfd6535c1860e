/// Removes operators whose results nobody reads.
enum DeadOperators {
  /// Works backwards, so that what only a dead operator read is dead as well.
  static func remove(from graph: inout SourceGraph) {
    var used = Set(graph.outputs)
    var kept: [SourceOperator] = []
    for candidate in graph.operators.reversed() {
      let writesState = candidate.outputs.isEmpty
      guard writesState || candidate.outputs.contains(where: used.contains) else { continue }
      used.formUnion(candidate.inputs.compactMap { $0 })
      kept.append(candidate)
    }
    graph.operators = kept.reversed()
  }
}
