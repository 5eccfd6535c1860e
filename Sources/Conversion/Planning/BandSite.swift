import ModelFormat

/// A run of operators that could be a group, with what the planner must know of it.
struct BandSite {
  let group: BandGroup
  let chain: BandChain
  /// Bytes stored of each tensor inside the group, rounded up to the alignment.
  let bandByteCounts: [Int: Int]
  private let graph: DeviceGraph

  /// The output of the last operator.
  var output: Int { graph.operators[group.lastOperator].output }

  /// How far behind the start of `root` the output may start at most, where both share memory:
  /// no band of the output may lie over rows of `root` that are still read. Nil where `root` is not
  /// an input of the group, or where nothing is gained. Never above 0.
  func largestDistance(from root: Int) -> Int? {
    guard inputRoots.contains(root) else { return nil }
    let inPlace = largestDistance(from: root, allowingInPlace: true)
    let distance = inPlace < 0 ? largestDistance(from: root, allowingInPlace: false) : 0
    let bytes = -aligned(-distance)
    // Further down than the output is long there is nothing left to share.
    return -bytes < graph.tensors[output].byteCount ? bytes : nil
  }

  /// With `allowingInPlace` the last operator may work in place, which it can at distance 0 only.
  private func largestDistance(from root: Int, allowingInPlace: Bool) -> Int {
    let last = chain.stageCount - 1
    var distance = 0
    let outputRow = graph.tensors[output].byteCount / chain.height
    for stage in 0...last {
      let candidate = graph.operators[group.firstOperator + stage]
      for (position, operand) in candidate.inputs.enumerated() where graph.root(operand) == root {
        let start = graph.viewOffset(of: operand)
        if allowingInPlace, stage == last, candidate.kind.worksInPlace, start == 0,
          graph.tensors[operand].shape == graph.tensors[output].shape
        {
          continue
        }
        let isInRows = graph.isReadInRows(position, of: candidate)
        let inputRow =
          isInRows ? graph.tensors[operand].byteCount / chain[stage].inputHeight : 0
        for band in 0..<chain.bandCount {
          let rows = chain.rows(inBand: band)
          let next = stage == last ? rows[last].lowerBound : rows[stage].upperBound
          guard next < chain[stage].outputHeight else { continue }
          let firstByte = start + chain[stage].firstInputRow(from: next) * inputRow
          distance = min(distance, firstByte - rows[last].upperBound * outputRow)
        }
      }
    }
    return distance
  }

  /// Bytes that output and `root` take together at that distance, less than both apart.
  func byteCount(sharing root: Int, at distance: Int) -> Int {
    let input = aligned(graph.tensors[root].byteCount)
    return max(input, distance + aligned(graph.tensors[output].byteCount)) - distance
  }

  /// Bytes of both where they share nothing.
  func apartByteCount(from root: Int) -> Int {
    aligned(graph.tensors[root].byteCount) + aligned(graph.tensors[output].byteCount)
  }

  /// The activations that its operators read and that are stored whole.
  var inputRoots: [Int] {
    let operands = graph.operators[group.firstOperator...group.lastOperator].flatMap(\.inputs)
    let roots = Set(operands.map { graph.root($0) })
    return roots.filter { graph.isActivation($0) && bandByteCounts[$0] == nil }.sorted()
  }

  fileprivate init(_ group: BandGroup, _ chain: BandChain, in graph: DeviceGraph) {
    (self.group, self.chain, self.graph) = (group, chain, graph)
    var counts: [Int: Int] = [:]
    for stage in 0..<(chain.stageCount - 1) {
      let tensor = graph.operators[group.firstOperator + stage].output
      let row = graph.tensors[tensor].byteCount / chain[stage].outputHeight
      counts[tensor] = aligned(chain.storedRowCount(of: stage) * row)
    }
    bandByteCounts = counts
  }
}

/// The runs of operators of a graph that can be groups.
struct BandSites {
  private let graph: DeviceGraph
  private let stages: [BandStage?]
  /// Whether operator k takes its rows from operator k − 1, and nobody else does.
  private let followsPredecessor: [Bool]

  init(of graph: DeviceGraph) {
    self.graph = graph
    stages = graph.operators.map { graph.bandStage(of: $0) }
    var readers: [Int: Set<Int>] = [:]
    for (index, candidate) in graph.operators.enumerated() {
      for input in candidate.inputs { readers[graph.root(input), default: []].insert(index) }
    }
    let viewed = Set(
      graph.tensors.indices.compactMap { graph.root($0) == $0 ? nil : graph.root($0) })
    let kept = Set(graph.outputs.map { graph.root($0) })
    let stages = stages
    followsPredecessor = graph.operators.indices.map { index in
      guard index > 0, let stage = stages[index], let previous = stages[index - 1] else {
        return false
      }
      let tensor = graph.operators[index - 1].output
      return graph.isActivation(tensor) && readers[tensor] == [index] && !viewed.contains(tensor)
        && !kept.contains(tensor) && stage.inputHeight == previous.outputHeight
        && graph.operators[index].inputs.enumerated().allSatisfy { position, input in
          input != tensor || graph.isReadInRows(position, of: graph.operators[index])
        }
    }
  }

  /// Operators `first` to `first + count - 1` in bands of `rows`; nil where they are no group.
  func site(first: Int, count: Int, rows: Int) -> BandSite? {
    guard canBeGroup(first: first, count: count) else { return nil }
    var members = InlineArray<8, BandStage>(repeating: BandStage(height: 1))
    for index in 0..<count {
      guard let stage = stages[first + index] else { return nil }
      members[index] = stage
    }
    let chain = BandChain(members, count: count, rowsPerBand: rows)
    guard rows >= 1, rows < chain.height, chain.bandCount <= BandChain.maximumBandCount else {
      return nil
    }
    let group = BandGroup(firstOperator: first, operatorCount: count, rowsPerBand: rows)
    return BandSite(group, chain, in: graph)
  }

  /// Output rows of the last of these operators.
  func height(first: Int, count: Int) -> Int { stages[first + count - 1]?.outputHeight ?? 0 }

  func canBeGroup(first: Int, count: Int) -> Bool {
    count >= 1 && count <= BandChain.maximumStageCount && first + count <= graph.operators.count
      && stages[first] != nil && graph.isActivation(graph.operators[first + count - 1].output)
      && ((first + 1)..<(first + count)).allSatisfy { followsPredecessor[$0] }
  }
}

extension DeviceGraph {
  /// What operator `candidate` needs in bands; nil where it does not work row by row.
  fileprivate func bandStage(of candidate: DeviceOperator) -> BandStage? {
    let output = tensors[candidate.output]
    guard output.shape.count == 4, output.shape[0] == 1, output.elementType.byteCount == 1,
      let input = candidate.inputs.first, tensors[input].shape.count <= Shape.maximumRank
    else { return nil }
    return BandStage(
      candidate.kind, words: candidate.words, inputShape: Shape(tensors[input].shape),
      outputShape: Shape(output.shape))
  }

  /// `Model.isReadInRows`.
  fileprivate func isReadInRows(_ position: Int, of candidate: DeviceOperator) -> Bool {
    guard candidate.kind.isElementwise else { return position == 0 }
    let shape = Shape(tensors[candidate.inputs[position]].shape).extended
    return shape[Shape.maximumRank - 3] == tensors[candidate.output].shape[1]
  }

  /// Where a view starts in its base.
  fileprivate func viewOffset(of tensor: Int) -> Int {
    if case .view(_, let offset) = tensors[tensor].storage { return offset }
    return 0
  }
}

extension Shape {
  init(_ dimensions: [Int]) {
    self.init()
    for dimension in dimensions { append(dimension) }
  }
}

/// `byteCount`, rounded up to what tensors in the arena are aligned to.
func aligned(_ byteCount: Int) -> Int {
  (byteCount + Layout.arenaAlignment - 1) / Layout.arenaAlignment * Layout.arenaAlignment
}
