import ModelFormat

/// Chooses which operators run in bands: groups whose bytes are worth their time.
///
/// The operators are cut into groups and single ones. What a piece keeps alive while it runs does
/// not depend on the other pieces, so that the cheapest cut that stays below a given size is found by
/// going through the operators once (dynamic programming). Of these cuts, one a size, the best is
/// that with the smallest product of arena and time, where time counts with an exponent.
struct BandChoice {
  /// A plan with groups must be smaller by at least this share of the plan without.
  static let leastGain = 1.0 / 16
  /// Output positions (rows times columns) of each window that a band has at least: kernels work in
  /// tiles of several positions.
  static let leastPositions = 32
  /// What a share of the instructions of a model is worth, in shares of the arena. An eighth of a
  /// percent by the estimate of this file takes a percent of the time of the fastest kernels, and ten
  /// percent of the arena are worth that.
  static let priceOfTime = 128.0
  /// Plans that are made, best estimate first.
  static let attempts = 12

  private let graph: DeviceGraph
  private let steps: [ClosedRange<Int>?]
  private let sites: BandSites
  /// Bytes that live in the step of each operator, every tensor for itself.
  private let liveByteCounts: LiveByteCounts
  /// Instructions, roughly, that the model takes.
  private let work: Int
  /// All groups that could be, by first operator.
  private var candidates: [[Candidate]] = []

  private struct Candidate {
    var site: BandSite
    var byteCount: Int
    /// Instructions, roughly, that bands cost in addition; among equals fewer operators are better.
    var cost: Int
  }

  /// Groups, and operators alone between them.
  private struct Cut {
    var sites: [BandSite]
    var cost: Int
    /// That of an arena without a gap.
    var price: Double
  }

  /// The best plan for `graph`, with groups where they make it smaller than `plain`.
  static func plan(_ graph: DeviceGraph, without plain: ArenaPlan) -> ArenaPlan {
    let limit = plain.byteCount - Int(Double(plain.byteCount) * leastGain)
    let choice = BandChoice(graph)
    var best = (plan: plain, price: Double(limit))
    for cut in choice.cuts(to: limit).prefix(attempts) where cut.price < best.price {
      let plan = ArenaPlanner.plan(graph, sites: cut.sites)
      // Blocks may not pack without a gap.
      let price = choice.price(plan.byteCount, cost: cut.cost)
      if plan.byteCount <= limit, price < best.price { best = (plan, price) }
    }
    return best.plan
  }

  /// Bytes, and what is paid for them in time.
  private func price(_ byteCount: Int, cost: Int) -> Double {
    Double(byteCount) * (1 + Self.priceOfTime * Double(cost) / Double(max(1, work)))
  }

  /// The cheapest cuts below the sizes up to `limit`, lowest price first.
  private func cuts(to limit: Int) -> [Cut] {
    var cuts: [Cut] = []
    for size in sizes(to: limit) {
      guard let (sites, cost) = cheapestSites(below: size), cost < cuts.last?.cost ?? .max
      else { continue }
      cuts.append(Cut(sites: sites, cost: cost, price: price(size, cost: cost)))
    }
    return cuts.sorted { ($0.price, $0.cost) < ($1.price, $1.cost) }
  }

  private init(_ graph: DeviceGraph) {
    self.graph = graph
    steps = LiveRanges(of: graph).steps
    sites = BandSites(of: graph)
    liveByteCounts = LiveByteCounts(graph, steps)
    work = graph.operators.reduce(0) { $0 + graph.work(of: $1) }
    candidates = graph.operators.indices.map { candidates(from: $0) }
  }

  private func candidates(from first: Int) -> [Candidate] {
    var result: [Candidate] = []
    for count in 1...BandChain.maximumStageCount {
      guard sites.canBeGroup(first: first, count: count) else { break }
      let height = sites.height(first: first, count: count)
      var bands = 2
      var previous = height
      while previous > 1 && bands <= BandChain.maximumBandCount {
        // Kernels work on two rows at a time.
        let rows = min(previous, ((height - 1) / bands + 2) / 2 * 2)
        bands += max(1, bands / 4)
        guard rows < previous else { continue }
        previous = rows
        guard let site = sites.site(first: first, count: count, rows: rows),
          positions(of: site) >= Self.leastPositions
        else { break }
        result.append(
          Candidate(site: site, byteCount: byteCount(of: site), cost: cost(of: site)))
      }
    }
    return result
  }

  /// The instructions, roughly, that a group costs: each band starts every operator once more.
  private func cost(of site: BandSite) -> Int {
    var perBand = 0
    var once = 100 * site.group.operatorCount
    for index in site.group.operators {
      let candidate = graph.operators[index]
      let output = graph.tensors[candidate.output].shape
      let halo = max(0, site.chain[index - site.group.firstOperator].extent - 1)
      // Rows that two bands share are loaded twice, constants of the channels prepared again.
      perBand += 1200 + halo * output[2] * output[3] / 8
      switch candidate.kind {
      case .depthwiseConvolution2D: perBand += 100 * output[3]
      case .convolution2D:
        perBand += 16 * output[3]
        let window = WindowParameters(words: candidate.words)
        if isTransformed(window, channels: output[3]) {
          // The weights in each band; and rows go in pairs: those of the first band, cut off by a
          // halo, make one more.
          let products = window.groupDepth * output[3]
          perBand += 18 * products
          if index != site.group.lastOperator { once += 2 * output[2] * 9 * products / 8 }
        }
      default: break
      }
    }
    return (site.chain.bandCount - 1) * perBand + once
  }

  /// Whether ARM without dot products runs a convolution through Winograd's transformation.
  private func isTransformed(_ window: WindowParameters, channels: Int) -> Bool {
    window.kernelHeight == 3 && window.kernelWidth == 3 && window.strideHeight == 1
      && window.groupDepth % 16 == 0 && channels % 16 == 0
  }

  /// The fewest output positions that an operator with a window computes in a band.
  private func positions(of site: BandSite) -> Int {
    var rows = site.group.rowsPerBand
    var fewest = Int.max
    for stage in (0..<site.chain.stageCount).reversed() {
      let candidate = graph.operators[site.group.firstOperator + stage]
      if !candidate.kind.isElementwise && candidate.kind != .lookup {
        fewest = min(fewest, rows * graph.tensors[candidate.output].shape[2])
      }
      rows *= site.chain[stage].stride
    }
    return fewest
  }

  /// Bytes alive while a group runs.
  private func byteCount(of site: BandSite) -> Int {
    let operators = site.group.operators
    var total = liveByteCounts.sum(steps: (operators.lowerBound + 1)...operators.upperBound)
    for (tensor, bands) in site.bandByteCounts {
      total += bands - aligned(graph.tensors[tensor].byteCount)
    }
    return total - (site.mostShared(among: steps)?.savedByteCount ?? 0)
  }

  /// Bytes alive while operator `index` runs alone.
  private func byteCount(of index: Int) -> Int {
    let candidate = graph.operators[index]
    let total = liveByteCounts.sum(steps: (index + 1)...(index + 1))
    guard candidate.kind.worksInPlace, graph.isActivation(candidate.output) else { return total }
    let target = graph.tensors[candidate.output]
    let isInPlace = candidate.inputs.contains { input in
      let root = graph.root(input)
      return graph.isActivation(root) && steps[root]?.upperBound == index + 1
        && graph.tensors[input].shape == target.shape
    }
    return isInPlace ? total - aligned(target.byteCount) : total
  }

  /// The sizes up to `limit` at which the cheapest cut may change, smallest first.
  private func sizes(to limit: Int) -> [Int] {
    let ends = [0, graph.operators.count + 1].map { liveByteCounts.sum(steps: $0...$0) }
    return Set(
      candidates.joined().map(\.byteCount) + graph.operators.indices.map(byteCount(of:)) + ends
    )
    .filter { $0 >= ends.max() ?? 0 && $0 <= limit }.sorted()
  }

  /// The groups of the cheapest cut in which nothing keeps more than `limit` bytes alive, and their
  /// cost; nil where there is none.
  private func cheapestSites(below limit: Int) -> (sites: [BandSite], cost: Int)? {
    let count = graph.operators.count
    var costs = Array(repeating: Int.max, count: count + 1)
    var last: [BandSite?] = Array(repeating: nil, count: count + 1)
    costs[0] = 0
    for index in graph.operators.indices where costs[index] != .max {
      if byteCount(of: index) <= limit, costs[index] < costs[index + 1] {
        (costs[index + 1], last[index + 1]) = (costs[index], nil)
      }
      for candidate in candidates[index] where candidate.byteCount <= limit {
        let end = candidate.site.group.operators.upperBound
        guard costs[index] + candidate.cost < costs[end] else { continue }
        (costs[end], last[end]) = (costs[index] + candidate.cost, candidate.site)
      }
    }
    guard costs[count] < .max else { return nil }
    var result: [BandSite] = []
    var end = count
    while end > 0 {
      if let site = last[end] { result.append(site) }
      end -= last[end]?.group.operatorCount ?? 1
    }
    return (result.reversed(), costs[count])
  }
}

/// Sums of the tensors that live in some step of a range.
private struct LiveByteCounts {
  /// Bytes of the tensors that begin before each step, and of those that end before it.
  private var begun: [Int]
  private var ended: [Int]

  init(_ graph: DeviceGraph, _ steps: [ClosedRange<Int>?]) {
    begun = Array(repeating: 0, count: graph.operators.count + 3)
    ended = begun
    for (index, range) in steps.enumerated() {
      guard let range, graph.isActivation(index) || graph.isState(index) else { continue }
      begun[range.lowerBound + 1] += aligned(graph.tensors[index].byteCount)
      ended[range.upperBound + 1] += aligned(graph.tensors[index].byteCount)
    }
    for step in 1..<begun.count {
      begun[step] += begun[step - 1]
      ended[step] += ended[step - 1]
    }
  }

  func sum(steps: ClosedRange<Int>) -> Int {
    begun[steps.upperBound + 1] - ended[steps.lowerBound]
  }
}

extension DeviceGraph {
  /// The instructions, roughly, that an operator takes in vector kernels: one for two products of a
  /// convolution, two for a product of a depthwise one, four for an element of the others.
  fileprivate func work(of candidate: DeviceOperator) -> Int {
    let window = WindowParameters(words: candidate.words)
    let count = tensors[candidate.output].elementCount
    let taps = window.kernelHeight * window.kernelWidth
    switch candidate.kind {
    case .convolution2D: return count * taps * window.groupDepth / 2
    case .depthwiseConvolution2D: return 2 * count * taps
    case .fullyConnected: return tensors[candidate.inputs[1]].elementCount / 2
    default: return 4 * count
    }
  }
}
