import ModelFormat

/// Places the tensors of a graph in the arena.
///
/// Tensors that share memory in place form one block: an interval of steps and a size. Blocks are
/// placed one after another at the lowest offset where they fit ("first fit"); the order decides
/// the result. Several orders are tried, then random exchanges in the best one, until the lower
/// bound (the largest sum alive in one step) is reached or the attempts are used up. The search is
/// seeded: the same model always gives the same file.
struct ArenaPlanner {
  /// Attempts of the random search; a model of 30 layers needs about a tenth of a second for all.
  static let attempts = 20_000

  private let graph: DeviceGraph
  private let steps: [ClosedRange<Int>?]

  /// The best plan found for `graph`.
  static func plan(_ graph: DeviceGraph) -> ArenaPlan {
    let planner = ArenaPlanner(graph: graph, steps: LiveRanges(of: graph).steps)
    // Working in place ties tensors together, which may make packing worse: take the better.
    let inPlace = planner.plan(planner.blocks(sharingInPlace: true))
    let apart = planner.plan(planner.blocks(sharingInPlace: false))
    return apart.byteCount < inPlace.byteCount ? apart : inPlace
  }

  /// Tensors at one offset.
  private struct Block {
    var tensors: [Int]
    var steps: ClosedRange<Int>
    var byteCount: Int
  }

  /// One block a tensor that owns memory, after joining operators' inputs and outputs in place.
  private func blocks(sharingInPlace: Bool) -> [Block] {
    var blockOf: [Int: Int] = [:]
    var blocks: [Block] = []
    for index in graph.tensors.indices where graph.isActivation(index) || graph.isState(index) {
      guard let range = steps[index] else { continue }
      blockOf[index] = blocks.count
      blocks.append(
        Block(
          tensors: [index], steps: range,
          byteCount: aligned(graph.tensors[index].byteCount)))
    }
    guard sharingInPlace else { return blocks }
    for (index, candidate) in graph.operators.enumerated() where candidate.kind.worksInPlace {
      // A state keeps its memory for itself.
      guard graph.isActivation(candidate.output), let target = blockOf[candidate.output]
      else { continue }
      let source = candidate.inputs.first { canWorkInPlace(candidate, at: index, on: $0) }
      guard let source, let origin = blockOf[graph.root(source)], origin != target else { continue }
      let joined = blocks[origin].steps.lowerBound...blocks[target].steps.upperBound
      blocks[target].tensors += blocks[origin].tensors
      blocks[target].steps = joined
      blocks[target].byteCount = max(blocks[target].byteCount, blocks[origin].byteCount)
      for tensor in blocks[origin].tensors { blockOf[tensor] = target }
      blocks[origin].tensors = []
    }
    return blocks.filter { !$0.tensors.isEmpty }
  }

  /// Whether the output may take the memory of `input`, which nobody reads afterwards, and of which
  /// the operator itself has no other view.
  private func canWorkInPlace(_ candidate: DeviceOperator, at index: Int, on input: Int) -> Bool {
    let root = graph.root(input)
    let target = graph.tensors[candidate.output]
    let operands = candidate.inputs.filter { graph.root($0) == root }
    return graph.isActivation(root) && steps[root]?.upperBound == index + 1
      && operands.allSatisfy { operand in
        let source = graph.tensors[operand]
        if case .view(_, let offset) = source.storage, offset != 0 { return false }
        return source.shape == target.shape
          && source.elementType.byteCount == target.elementType.byteCount
      }
  }

  private func plan(_ blocks: [Block]) -> ArenaPlan {
    let bound = lowerBound(blocks)
    // States come first, so that a reset clears one range.
    let states = blocks.indices.filter { graph.isState(blocks[$0].tensors[0]) }
    let others = blocks.indices.filter { !graph.isState(blocks[$0].tensors[0]) }
    var best = place(blocks, in: states + others)
    for order in startingOrders(blocks, others) where best.byteCount > bound {
      let candidate = place(blocks, in: states + order)
      if candidate.byteCount < best.byteCount { best = candidate }
    }
    var random = SplitMix64(state: 0x5377_6966_746C_6574)
    var attempt = 0
    while best.byteCount > bound && attempt < Self.attempts && others.count > 1 {
      attempt += 1
      var order = best.order
      for _ in 0...Int(random.next() % 3) {
        let first = states.count + Int(random.next() % UInt64(others.count))
        let second = states.count + Int(random.next() % UInt64(others.count))
        order.swapAt(first, second)
      }
      let candidate = place(blocks, in: order)
      if candidate.byteCount <= best.byteCount { best = candidate }
    }
    return finished(blocks, best, bound: bound)
  }

  /// Orders that often are good: large first, long-lived first, and by the fullest step.
  private func startingOrders(_ blocks: [Block], _ others: [Int]) -> [[Int]] {
    func duration(_ index: Int) -> Int { blocks[index].steps.count }
    let size: (Int) -> Int = { blocks[$0].byteCount }
    var load: [Int: Int] = [:]
    for index in others {
      for step in blocks[index].steps { load[step, default: 0] += size(index) }
    }
    let fullest = load.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    func isLiveWhenFullest(_ index: Int) -> Bool { blocks[index].steps.contains(fullest) }
    return [
      others.sorted { (size($0), $1) > (size($1), $0) },
      others.sorted { (size($0) * duration($0), $1) > (size($1) * duration($1), $0) },
      others.sorted { (duration($0), $1) > (duration($1), $0) },
      others.sorted {
        isLiveWhenFullest($0) != isLiveWhenFullest($1)
          ? isLiveWhenFullest($0) : (size($0), $1) > (size($1), $0)
      },
    ]
  }

  private struct Placement {
    var order: [Int]
    var offsets: [Int]
    var byteCount: Int
  }

  /// Places blocks in `order`, each at the lowest offset free during its steps.
  private func place(_ blocks: [Block], in order: [Int]) -> Placement {
    var offsets = Array(repeating: 0, count: blocks.count)
    var placed: [Int] = []
    var total = 0
    for index in order {
      let block = blocks[index]
      var offset = 0
      for other in placed where blocks[other].steps.overlaps(block.steps) {
        if offset + block.byteCount <= offsets[other] { break }
        offset = max(offset, offsets[other] + blocks[other].byteCount)
      }
      offsets[index] = offset
      total = max(total, offset + block.byteCount)
      let position = placed.firstIndex { offsets[$0] > offset } ?? placed.count
      placed.insert(index, at: position)
    }
    return Placement(order: order, offsets: offsets, byteCount: total)
  }

  private func lowerBound(_ blocks: [Block]) -> Int {
    var load = Array(repeating: 0, count: graph.operators.count + 2)
    for block in blocks { for step in block.steps { load[step] += block.byteCount } }
    return load.max() ?? 0
  }

  private func finished(_ blocks: [Block], _ placement: Placement, bound: Int) -> ArenaPlan {
    var plan = ArenaPlan(
      offsets: Array(repeating: 0, count: graph.tensors.count), steps: steps,
      byteCount: placement.byteCount, stateByteCount: 0, lowerBound: bound)
    for (index, block) in blocks.enumerated() {
      for tensor in block.tensors { plan.offsets[tensor] = placement.offsets[index] }
      if graph.isState(block.tensors[0]) { plan.stateByteCount += block.byteCount }
    }
    for index in graph.tensors.indices {
      guard case .view(let base, let byteOffset) = graph.tensors[index].storage else { continue }
      plan.offsets[index] = plan.offsets[base] + byteOffset
      plan.steps[index] = steps[base]
    }
    return plan
  }

  private func aligned(_ byteCount: Int) -> Int {
    (byteCount + Layout.arenaAlignment - 1) / Layout.arenaAlignment * Layout.arenaAlignment
  }
}

/// The generator behind the search (Steele, Lea and Flood, 2014): small and the same everywhere.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
