import ModelFormat

/// Which tensor uses which bytes of the arena in which step.
struct ArenaUse {
  /// Step 0: inputs are written; step k + 1: operator k runs; last: outputs are read.
  let stepCount: Int
  private let tensors: [TensorSummary]

  init(_ tensors: [TensorSummary], operatorCount: Int) {
    stepCount = operatorCount + 2
    self.tensors = tensors.filter { [.arena, .state, .band].contains($0.storage) }
  }

  /// The tensors alive in `step`; the later one where two share memory in place.
  func live(in step: Int) -> [TensorSummary] {
    tensors.filter { $0.sharedSteps.contains(step) }
      .sorted { ($0.firstStep, $0.index) < ($1.firstStep, $1.index) }
  }

  /// The tensor that has byte `offset` in `step`; the later one where two share it in place.
  func tensor(at offset: Int, in step: Int) -> TensorSummary? {
    live(in: step).last { $0.offset <= offset && offset < $0.offset + $0.storedByteCount }
  }

  /// Bytes in use in `step`, each tensor rounded up to the alignment; shared ones count once.
  func byteCount(in step: Int) -> Int {
    let alignment = Layout.arenaAlignment
    var (total, end) = (0, 0)
    for tensor in live(in: step).sorted(by: { $0.offset < $1.offset }) {
      let upper = tensor.offset + (tensor.storedByteCount + alignment - 1) / alignment * alignment
      total += max(0, upper - max(end, tensor.offset))
      end = max(end, upper)
    }
    return total
  }

  /// The most bytes in use in one step.
  var peakByteCount: Int { (0..<stepCount).map(byteCount(in:)).max() ?? 0 }
}
