import ModelFormat

/// Lets copies disappear by giving both tensors the same memory.
///
/// Reshapes, reads and writes of streaming state, and slices that are contiguous in memory are
/// lowered to operators that only move bytes. Where nothing overwrites the bytes too early, the
/// target becomes a view of the source, or the producer writes straight into the state.
struct CopyElimination {
  private var graph: DeviceGraph

  /// The graph without the copies that can be left out.
  static func run(on graph: DeviceGraph) -> DeviceGraph {
    var pass = CopyElimination(graph: graph)
    pass.run()
    return pass.graph
  }

  private mutating func run() {
    var position = 0
    while position < graph.operators.count {
      if eliminate(at: position) {
        graph.operators.remove(at: position)
      } else {
        position += 1
      }
    }
  }

  /// Makes the operator at `position` superfluous where that is exact.
  private mutating func eliminate(at position: Int) -> Bool {
    let candidate = graph.operators[position]
    guard let byteOffset = contiguousOffset(of: candidate) else { return false }
    let (source, target) = (candidate.inputs[0], candidate.output)
    if case .constant = graph.tensors[source].storage { return false }
    if graph.isActivation(target) && !graph.inputs.contains(target) {
      return makeView(target, of: source, byteOffset: byteOffset, at: position)
    }
    if graph.isState(target) && byteOffset == 0 {
      return produceInState(target, from: source, at: position)
    }
    return false
  }

  /// Where the output's bytes start inside the input's; nil where the operator does more than that.
  private func contiguousOffset(of candidate: DeviceOperator) -> Int? {
    switch candidate.kind {
    case .copy:
      return 0
    case .slice:
      let shape = graph.tensors[candidate.inputs[0]].shape
      let parameters = SliceParameters(words: candidate.words)
      // Everything inside the outermost axis that is cut must be taken whole, and everything
      // outside it must be a single element.
      guard let cut = shape.indices.first(where: { shape[$0] != 1 }) else { return 0 }
      for axis in shape.indices where axis > cut {
        guard parameters[size: axis] == shape[axis], parameters[step: axis] == 1 || shape[axis] == 1
        else { return nil }
      }
      guard parameters[step: cut] == 1 || parameters[size: cut] == 1 else { return nil }
      let inner = shape[(cut + 1)...].reduce(1, *)
      let elementSize = graph.tensors[candidate.inputs[0]].elementType.byteCount
      return parameters[begin: cut] * inner * elementSize
    default:
      return nil
    }
  }

  /// `target` becomes a view of `source`, unless a state changes while the view is still read.
  private mutating func makeView(
    _ target: Int, of source: Int, byteOffset: Int, at position: Int
  ) -> Bool {
    let base = graph.root(source)
    if graph.isState(base) {
      let lastRead = lastUse(of: target)
      let changes = graph.operators.indices.contains {
        $0 > position && $0 <= lastRead && graph.root(graph.operators[$0].output) == base
      }
      if changes { return false }
    }
    graph.tensors[target].storage = .view(
      base: base, byteOffset: viewOffset(of: source) + byteOffset)
    return true
  }

  /// The operator that makes `source` writes into `state` instead, so that nothing is left to copy.
  private mutating func produceInState(_ state: Int, from source: Int, at position: Int) -> Bool {
    let origin = graph.root(source)
    guard graph.isActivation(origin), !graph.inputs.contains(origin), viewOffset(of: source) == 0,
      graph.tensors[origin].byteCount == graph.tensors[state].byteCount,
      let producer = graph.operators.firstIndex(where: { $0.output == origin })
    else { return false }
    for index in graph.operators.indices where index != position {
      let candidate = graph.operators[index]
      let readsState = candidate.inputs.contains { graph.root($0) == state }
      let writesState = graph.root(candidate.output) == state
      // The old state must not be needed once the producer runs, nor the new one be replaced
      // while the source is read.
      if readsState && (producer...position).contains(index) { return false }
      if writesState && index >= producer { return false }
    }
    // A graph output is read after every operator, the old state's views included.
    if graph.outputs.contains(where: { graph.root($0) == state }) { return false }
    graph.tensors[origin].storage = .view(base: state, byteOffset: 0)
    for index in graph.tensors.indices {
      if case .view(origin, let offset) = graph.tensors[index].storage {
        graph.tensors[index].storage = .view(base: state, byteOffset: offset)
      }
    }
    return true
  }

  /// The last operator that reads `tensor`, or something that may become a view of it.
  private func lastUse(of tensor: Int) -> Int {
    if graph.outputs.contains(tensor) { return graph.operators.count }
    var last = -1
    for (index, candidate) in graph.operators.enumerated()
    where candidate.inputs.contains(tensor) {
      last = max(last, index)
      if contiguousOffset(of: candidate) != nil && graph.isActivation(candidate.output) {
        last = max(last, lastUse(of: candidate.output))
      }
    }
    return last
  }

  private func viewOffset(of tensor: Int) -> Int {
    if case .view(_, let offset) = graph.tensors[tensor].storage { return offset }
    return 0
  }
}
