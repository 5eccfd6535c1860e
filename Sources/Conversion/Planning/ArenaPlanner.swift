import ModelFormat

/// Places the tensors of a graph in the arena.
///
/// Tensors that share memory form one block: each has its steps, its size and its place inside the
/// block. Blocks are placed one after another at the lowest offset where they fit ("first fit"); the
/// order decides the result. Several orders are tried, then random exchanges in the best one, until
/// the lower bound (the largest sum alive in one step) is reached or the attempts are used up. The
/// search is seeded: the same model always gives the same file.
struct ArenaPlanner {
  /// Attempts of the random search; a model of 30 layers needs about a tenth of a second for all.
  static let attempts = 20_000

  private let graph: DeviceGraph
  private let steps: [ClosedRange<Int>?]
  private let sites: [BandSite]
  /// The step each step counts as: operators of a group share one.
  private let sharedStep: [Int]

  /// The best plan found for `graph` where the operators of `sites` run in bands.
  static func plan(_ graph: DeviceGraph, sites: [BandSite] = []) -> ArenaPlan {
    let planner = ArenaPlanner(graph, sites)
    // Sharing ties tensors together, which may make packing worse: take the better.
    let shared = planner.plan(planner.blocks(sharing: true))
    let apart = planner.plan(planner.blocks(sharing: false))
    return apart.byteCount < shared.byteCount ? apart : shared
  }

  private init(_ graph: DeviceGraph, _ sites: [BandSite]) {
    (self.graph, self.sites) = (graph, sites)
    steps = LiveRanges(of: graph).steps
    var sharedStep = Array(0...(graph.operators.count + 1))
    for site in sites {
      for index in site.group.operators { sharedStep[index + 1] = site.group.firstOperator + 1 }
    }
    self.sharedStep = sharedStep
  }

  /// A tensor, or the bands of one, and its place in a block.
  private struct Piece {
    var tensor: Int
    var steps: ClosedRange<Int>
    var start: Int
    var byteCount: Int

    func meets(_ other: Piece) -> Bool {
      steps.lowerBound <= other.steps.upperBound && other.steps.lowerBound <= steps.upperBound
    }
  }

  /// Tensors whose places depend on each other.
  private struct Block {
    var pieces: [Piece]

    var steps: ClosedRange<Int> {
      let first = pieces.map(\.steps.lowerBound).min() ?? 0
      return first...(pieces.map(\.steps.upperBound).max() ?? first)
    }

    var byteCount: Int { pieces.map { $0.start + $0.byteCount }.max() ?? 0 }

    /// Bytes from the first to the last that are alive in `step`.
    func byteCount(in step: Int) -> Int {
      let live = pieces.filter { $0.steps.contains(step) }
      guard let start = live.map(\.start).min() else { return 0 }
      return (live.map { $0.start + $0.byteCount }.max() ?? start) - start
    }

    /// Adds the pieces of `other`, moved by `distance`, and starts at 0 again.
    mutating func join(_ other: Block, at distance: Int) {
      for piece in other.pieces {
        var moved = piece
        moved.start += distance
        pieces.append(moved)
      }
      let first = pieces.map(\.start).min() ?? 0
      for index in pieces.indices { pieces[index].start -= first }
    }
  }

  /// One block a tensor that owns memory, after joining those that can share it.
  private func blocks(sharing: Bool) -> [Block] {
    var bands: [Int: Int] = [:]
    for site in sites { bands.merge(site.bandByteCounts) { first, _ in first } }
    var blockOf: [Int: Int] = [:]
    var blocks: [Block] = []
    for index in graph.tensors.indices where graph.isActivation(index) || graph.isState(index) {
      guard let range = steps[index] else { continue }
      blockOf[index] = blocks.count
      let shared = sharedStep[range.lowerBound]...sharedStep[range.upperBound]
      let byteCount = bands[index] ?? aligned(graph.tensors[index].byteCount)
      blocks.append(
        Block(pieces: [Piece(tensor: index, steps: shared, start: 0, byteCount: byteCount)]))
    }
    guard sharing else { return blocks }
    let siteOf = Dictionary(uniqueKeysWithValues: sites.map { ($0.group.lastOperator, $0) })
    let inGroups = Set(sites.flatMap { $0.group.operators })
    for (index, candidate) in graph.operators.enumerated() {
      let sharing =
        siteOf[index].flatMap { mostShared(by: $0) }
        ?? (inGroups.contains(index) ? nil : inPlace(candidate, at: index))
      guard let sharing, let origin = blockOf[sharing.root], let target = blockOf[candidate.output],
        origin != target
      else { continue }
      let start = blocks[origin].pieces.first { $0.tensor == sharing.root }?.start ?? 0
      for piece in blocks[target].pieces { blockOf[piece.tensor] = origin }
      blocks[origin].join(blocks[target], at: start + sharing.distance)
      blocks[target].pieces = []
    }
    return blocks.filter { !$0.pieces.isEmpty }
  }

  /// The tensor in whose place an operator may work.
  private func inPlace(
    _ candidate: DeviceOperator, at index: Int
  ) -> (root: Int, distance: Int)? {
    // A state keeps its memory for itself.
    guard candidate.kind.worksInPlace, graph.isActivation(candidate.output) else { return nil }
    let source = candidate.inputs.first { canWorkInPlace(candidate, at: index, on: $0) }
    return source.map { (graph.root($0), 0) }
  }

  /// The input of a group of which the output can take most, and how far from its start.
  private func mostShared(by site: BandSite) -> (root: Int, distance: Int)? {
    site.mostShared(among: steps).map { ($0.root, $0.distance) }
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
    let states = blocks.indices.filter { graph.isState(blocks[$0].pieces[0].tensor) }
    let others = blocks.indices.filter { !graph.isState(blocks[$0].pieces[0].tensor) }
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
    let durations = blocks.map(\.steps.count)
    let sizes = blocks.map(\.byteCount)
    func duration(_ index: Int) -> Int { durations[index] }
    func size(_ index: Int) -> Int { sizes[index] }
    var load: [Int: Int] = [:]
    for index in others {
      for step in blocks[index].steps {
        load[step, default: 0] += blocks[index].byteCount(in: step)
      }
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

  /// Places blocks in `order`, each at the lowest offset where all its pieces are free.
  private func place(_ blocks: [Block], in order: [Int]) -> Placement {
    var offsets = Array(repeating: 0, count: blocks.count)
    // Pieces placed before, with their start in the arena, in the order of their starts.
    var placed: [Piece] = []
    var total = 0
    for index in order {
      let pieces = blocks[index].pieces
      var offset = 0
      var isFree = false
      while !isFree {
        isFree = true
        for piece in pieces {
          for other in placed where other.meets(piece) {
            if offset + piece.start + piece.byteCount <= other.start { break }
            let end = other.start + other.byteCount
            if offset + piece.start < end {
              offset = end - piece.start
              isFree = pieces.count == 1
            }
          }
        }
      }
      offsets[index] = offset
      for piece in pieces {
        var fixed = piece
        fixed.start += offset
        total = max(total, fixed.start + fixed.byteCount)
        placed.insert(fixed, at: placed.firstIndex { $0.start > fixed.start } ?? placed.count)
      }
    }
    return Placement(order: order, offsets: offsets, byteCount: total)
  }

  private func lowerBound(_ blocks: [Block]) -> Int {
    var load = Array(repeating: 0, count: graph.operators.count + 2)
    for block in blocks { for step in block.steps { load[step] += block.byteCount(in: step) } }
    return load.max() ?? 0
  }

  private func finished(_ blocks: [Block], _ placement: Placement, bound: Int) -> ArenaPlan {
    var plan = ArenaPlan(
      offsets: Array(repeating: 0, count: graph.tensors.count), steps: steps,
      byteCount: placement.byteCount, stateByteCount: 0, lowerBound: bound)
    for (index, block) in blocks.enumerated() {
      for piece in block.pieces {
        plan.offsets[piece.tensor] = placement.offsets[index] + piece.start
      }
      if graph.isState(block.pieces[0].tensor) { plan.stateByteCount += block.byteCount }
    }
    for index in graph.tensors.indices {
      guard case .view(let base, let byteOffset) = graph.tensors[index].storage else { continue }
      plan.offsets[index] = plan.offsets[base] + byteOffset
      plan.steps[index] = steps[base]
    }
    plan.groups = sites.map(\.group)
    for site in sites { plan.bandByteCounts.merge(site.bandByteCounts) { first, _ in first } }
    return plan
  }
}

extension BandSite {
  /// The input of the group that dies in it and of which the output can take most, how far from its
  /// start, and how many bytes both save together; `steps` are the live ranges of the graph.
  func mostShared(
    among steps: [ClosedRange<Int>?]
  ) -> (root: Int, distance: Int, savedByteCount: Int)? {
    var best: (root: Int, distance: Int, savedByteCount: Int)?
    for root in inputRoots
    where steps[root].map({ $0.upperBound <= group.lastOperator + 1 }) == true {
      guard let distance = largestDistance(from: root) else { continue }
      let saved = apartByteCount(from: root) - byteCount(sharing: root, at: distance)
      if saved > best?.savedByteCount ?? 0 { best = (root, distance, saved) }
    }
    return best
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
