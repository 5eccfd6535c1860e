import ModelFormat

@testable import Conversion

/// Checks arena plans with nothing but the graph: who writes and who reads which bytes when.
enum ArenaPlanCheck {
  /// A tensor with memory of its own, and the steps in which that memory matters.
  private struct Use {
    var tensor: Int
    var bytes: Range<Int>
    var steps: ClosedRange<Int>
  }

  /// What is wrong with the plan, or nothing.
  static func problems(of plan: ArenaPlan, for graph: DeviceGraph) -> [String] {
    let uses = uses(of: plan, in: graph)
    var problems: [String] = []
    for use in uses {
      if use.bytes.lowerBound % Layout.arenaAlignment != 0 {
        problems.append("tensor \(use.tensor) is at offset \(use.bytes.lowerBound)")
      }
      if use.bytes.lowerBound < 0 || use.bytes.upperBound > plan.byteCount {
        problems.append("tensor \(use.tensor) takes \(use.bytes) of \(plan.byteCount) bytes")
      }
      if graph.isState(use.tensor), use.bytes.upperBound > plan.stateByteCount {
        problems.append("state \(use.tensor) is not among the first \(plan.stateByteCount) bytes")
      }
    }
    for (index, first) in uses.enumerated() {
      for second in uses[(index + 1)...]
      where first.bytes.overlaps(second.bytes) && first.steps.overlaps(second.steps)
        && !isInPlace(first, second, graph) && !isInPlace(second, first, graph)
      {
        problems.append(
          "tensors \(first.tensor) (\(first.bytes) in steps \(first.steps)) and \(second.tensor) "
            + "(\(second.bytes) in steps \(second.steps)) overlap")
      }
    }
    for index in graph.tensors.indices {
      guard case .view(let base, let offset) = graph.tensors[index].storage else { continue }
      if plan.offsets[index] != plan.offsets[base] + offset {
        problems.append("view \(index) is not \(offset) bytes inside \(base)")
      }
    }
    return problems
  }

  /// Bytes that no plan can do without: the most that one operator, the inputs or the outputs keep
  /// alive, where an operator that can work in place needs its input and its output once.
  static func leastByteCount(of graph: DeviceGraph) -> Int {
    let empty = ArenaPlan(
      offsets: Array(repeating: 0, count: graph.tensors.count), steps: [], byteCount: 0,
      stateByteCount: 0, lowerBound: 0)
    let uses = uses(of: empty, in: graph)
    return (0...graph.operators.count + 1).map { step in
      let live = uses.filter { $0.steps.contains(step) }
      let total = live.reduce(0) { $0 + aligned($1.bytes.count) }
      let shared = live.flatMap { first in
        live.filter { second in isJoinable(first, second, at: step, graph) }
          .map { min(aligned(first.bytes.count), aligned($0.bytes.count)) }
      }
      return total - (shared.max() ?? 0)
    }.max() ?? 0
  }

  /// Whether `first` may be overwritten by the operator that makes `second` of it.
  private static func isInPlace(_ first: Use, _ second: Use, _ graph: DeviceGraph) -> Bool {
    first.bytes.lowerBound == second.bytes.lowerBound
      && isJoinable(first, second, at: second.steps.lowerBound, graph)
  }

  private static func isJoinable(
    _ first: Use, _ second: Use, at step: Int, _ graph: DeviceGraph
  ) -> Bool {
    guard step >= 1, step <= graph.operators.count else { return false }
    let candidate = graph.operators[step - 1]
    return candidate.kind.worksInPlace && root(candidate.output, graph) == second.tensor
      && candidate.inputs.contains { root($0, graph) == first.tensor }
      && first.steps.upperBound == step && second.steps.lowerBound == step
      && !graph.isState(first.tensor) && !graph.isState(second.tensor)
  }

  private static func uses(of plan: ArenaPlan, in graph: DeviceGraph) -> [Use] {
    var steps: [Int: [Int]] = [:]
    for tensor in graph.inputs { steps[root(tensor, graph), default: []].append(0) }
    for (index, candidate) in graph.operators.enumerated() {
      for tensor in candidate.inputs + [candidate.output] {
        steps[root(tensor, graph), default: []].append(index + 1)
      }
    }
    let last = graph.operators.count + 1
    for tensor in graph.outputs { steps[root(tensor, graph), default: []].append(last) }
    for tensor in graph.tensors.indices where graph.isState(tensor) { steps[tensor] = [0, last] }
    return steps.compactMap { tensor, touched in
      if case .constant = graph.tensors[tensor].storage { return nil }
      guard let first = touched.min(), let last = touched.max() else { return nil }
      let offset = plan.offsets[tensor]
      return Use(
        tensor: tensor, bytes: offset..<(offset + graph.tensors[tensor].byteCount),
        steps: first...last)
    }.sorted { $0.tensor < $1.tensor }
  }

  private static func root(_ tensor: Int, _ graph: DeviceGraph) -> Int {
    if case .view(let base, _) = graph.tensors[tensor].storage { return base }
    return tensor
  }

  private static func aligned(_ byteCount: Int) -> Int {
    (byteCount + Layout.arenaAlignment - 1) / Layout.arenaAlignment * Layout.arenaAlignment
  }
}
