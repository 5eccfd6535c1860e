import ModelFormat

/// Where every tensor of a graph is in the arena, and when it lives.
struct ArenaPlan {
  /// Offset of each tensor in bytes; meaningless for constants.
  var offsets: [Int]
  /// The steps each tensor lives in (`TensorRecord.firstStep`, `lastStep`); nil for a tensor that
  /// is never used.
  var steps: [ClosedRange<Int>?]
  /// Bytes of the arena, states included.
  var byteCount: Int
  /// Bytes of all states.
  var stateByteCount: Int
  /// The largest number of bytes alive in one step, each tensor rounded up to the alignment: no
  /// plan of the same graph with the same groups and the same tensors in place can be smaller.
  var lowerBound: Int
  /// The operators that run in bands.
  var groups: [BandGroup] = []
  /// Bytes stored of the tensors inside groups.
  var bandByteCounts: [Int: Int] = [:]
}

/// Live ranges of the tensors of a graph, by root: a view lives in its base.
struct LiveRanges {
  /// The steps in which each tensor's memory is needed; nil where it never is, or for views.
  private(set) var steps: [ClosedRange<Int>?]

  /// Step 0: the caller writes the inputs; step k + 1: operator k; last: the outputs are read.
  init(of graph: DeviceGraph) {
    steps = Array(repeating: nil, count: graph.tensors.count)
    let last = graph.operators.count + 1
    for input in graph.inputs { use(input, at: 0, in: graph) }
    for (index, candidate) in graph.operators.enumerated() {
      for input in candidate.inputs { use(input, at: index + 1, in: graph) }
      use(candidate.output, at: index + 1, in: graph)
    }
    for output in graph.outputs { use(output, at: last, in: graph) }
    for index in graph.tensors.indices where graph.isState(index) { steps[index] = 0...last }
  }

  private mutating func use(_ tensor: Int, at step: Int, in graph: DeviceGraph) {
    let root = graph.root(tensor)
    let range = steps[root] ?? step...step
    steps[root] = min(range.lowerBound, step)...max(range.upperBound, step)
  }
}
