import ModelFormat

/// Checks the arena plan of a model: that no operator can overwrite what a later one reads.
///
/// The converter computes every offset; here they are only verified, once, before the first
/// inference. Time is quadratic in the number of tensors, which the format limits to 4,096.
struct ArenaVerifier: ~Escapable {
  let model: Model

  @_lifetime(copy model)
  init(_ model: Model) { self.model = model }

  /// Throws the first rule that the plan breaks.
  func verify() throws(ModelError) {
    for index in 0..<model.tensorCount { try checkReference(of: index) }
    try checkGraphTensors()
    for index in 0..<model.tensorCount { try checkWriter(of: index) }
    try checkNoOverlap()
    for index in 0..<model.operatorCount { try checkUses(of: index) }
    for index in 0..<model.bandGroupCount { try checkBands(of: index) }
  }

  /// The tensor whose memory `index` uses: itself, or the base of a view.
  private func root(_ index: Int) -> Int {
    let tensor = model.tensor(index)
    guard tensor.storage == .view, let base = tensor.reference else { return index }
    return base
  }

  /// Views lie inside a base that lives at least as long; states start with a constant of their
  /// size or with their zero point.
  private func checkReference(of index: Int) throws(ModelError) {
    let tensor = model.tensor(index)
    guard let reference = tensor.reference else { return }
    let other = model.tensor(reference)
    switch tensor.storage {
    case .view:
      guard other.storage == .arena || other.storage == .state else {
        throw fail(.badReference, tensor: index, Layout.Tensor.reference)
      }
      // An element must not straddle alignment: pointers to elements are made from the offset.
      // The base lies inside the arena, so that its end fits in an Int of 32 bits; the view's may
      // not.
      guard tensor.offset % tensor.elementType.byteCount == 0, tensor.offset >= other.offset,
        tensor.byteCount <= other.offset + other.byteCount - tensor.offset
      else { throw fail(.viewOutsideBase, tensor: index, Layout.Tensor.offset) }
      guard
        other.storage == .state
          || (tensor.firstStep >= other.firstStep && tensor.lastStep <= other.lastStep)
      else { throw fail(.badLiveRange, tensor: index, Layout.Tensor.firstStep) }
    case .state:
      guard other.storage == .constant, other.packing == .rowMajor,
        other.byteCount == tensor.byteCount
      else { throw fail(.badReference, tensor: index, Layout.Tensor.reference) }
    case .arena, .constant, .band:
      throw fail(.badReference, tensor: index, Layout.Tensor.reference)
    }
  }

  /// The caller writes inputs before the first operator and reads outputs after the last.
  private func checkGraphTensors() throws(ModelError) {
    for position in 0..<model.inputCount {
      let index = model.input(position)
      let tensor = model.tensor(index)
      guard tensor.storage == .arena else {
        throw fail(.notWritable, tensor: index, Layout.Tensor.storage)
      }
      guard tensor.firstStep == 0 else {
        throw fail(.usedOutsideLiveRange, tensor: index, Layout.Tensor.firstStep)
      }
    }
    for position in 0..<model.outputCount {
      let index = model.output(position)
      let tensor = model.tensor(index)
      guard tensor.packing == .rowMajor else {
        throw fail(.unknownPacking, tensor: index, Layout.Tensor.packing)
      }
      guard tensor.storage == .constant || isLive(index, at: model.operatorCount + 1) else {
        throw fail(.usedOutsideLiveRange, tensor: index, Layout.Tensor.lastStep)
      }
    }
  }

  /// A tensor's first step is the one that writes it: step 0 for a graph input, otherwise the step
  /// of an operator that writes it or a view of it.
  private func checkWriter(of index: Int) throws(ModelError) {
    let tensor = model.tensor(index)
    guard tensor.storage == .arena || tensor.storage == .band else { return }
    let isWritten: Bool
    if tensor.firstStep == 0 {
      isWritten = tensor.storage == .arena && isGraphInput(index)
    } else {
      isWritten =
        tensor.firstStep <= model.operatorCount
        && root(model.operator(tensor.firstStep - 1).output) == index
    }
    guard isWritten else {
      throw fail(.usedBeforeWritten, tensor: index, Layout.Tensor.firstStep)
    }
  }

  private func isGraphInput(_ index: Int) -> Bool {
    for position in 0..<model.inputCount where model.input(position) == index { return true }
    return false
  }

  /// Tensors that live in the same step have different memory, except that one may end where
  /// another begins: whether that operator works in place is checked with its operands.
  private func checkNoOverlap() throws(ModelError) {
    for first in 0..<model.tensorCount {
      let a = model.tensor(first)
      guard a.storage == .arena || a.storage == .state else { continue }
      let aSteps = sharedSteps(of: a)
      for second in 0..<first {
        let b = model.tensor(second)
        guard b.storage == .arena || b.storage == .state else { continue }
        guard Self.sharesMemory(a, b) else { continue }
        let bSteps = sharedSteps(of: b)
        let sharesTime =
          aSteps.lowerBound < bSteps.upperBound && bSteps.lowerBound < aSteps.upperBound
          || aSteps.lowerBound == bSteps.lowerBound
        guard sharesTime else { continue }
        throw fail(.tensorsOverlap, tensor: first, Layout.Tensor.offset, found: second)
      }
    }
  }

  /// An operator reads and writes only what lives in its step, and shares memory between input and
  /// output only where it works in place.
  private func checkUses(of index: Int) throws(ModelError) {
    let record = model.operator(index)
    let step = index + 1
    func fail(_ reason: ModelError.Reason, _ tensor: Int) -> ModelError {
      ModelError(
        reason, section: .operators, record: index, offset: model.operatorOffset(index),
        found: tensor)
    }
    let output = model.tensor(record.output)
    guard output.storage != .constant else { throw fail(.notWritable, record.output) }
    guard isLive(record.output, at: step) else {
      throw fail(.usedOutsideLiveRange, record.output)
    }
    let group = model.bandGroup(containing: index)
    guard (output.storage == .band) == (group != nil && group?.lastOperator != index) else {
      throw fail(.brokenChain, record.output)
    }
    if output.storage == .band {
      guard output.firstStep == step, output.lastStep == step + 1 else {
        throw fail(.brokenChain, record.output)
      }
    }
    var readsPredecessor = group == nil || group?.firstOperator == index
    for position in 0..<record.inputCount {
      let operand = model.input(position, of: record)
      let input = model.tensor(operand)
      guard input.storage != .constant else { continue }
      if input.storage == .band {
        guard let group, index > group.firstOperator,
          operand == model.operator(index - 1).output
        else { throw fail(.brokenChain, operand) }
        readsPredecessor = true
      }
      guard isLive(operand, at: step) else { throw fail(.usedOutsideLiveRange, operand) }
      let origin = model.tensor(root(operand))
      guard origin.storage == .state || origin.firstStep < step else {
        throw fail(.usedBeforeWritten, operand)
      }
      // What a group may share is a matter of rows.
      guard group == nil, Self.sharesMemory(input, output) else { continue }
      guard record.kind.worksInPlace, input.offset == output.offset,
        input.elementType.byteCount == output.elementType.byteCount, input.shape == output.shape
      else { throw fail(.inPlaceNotAllowed, operand) }
    }
    guard readsPredecessor else { throw fail(.brokenChain, record.output) }
  }

  private func isLive(_ index: Int, at step: Int) -> Bool {
    let tensor = model.tensor(root(index))
    return liveSteps(of: tensor).contains(step)
  }

  /// States live always.
  private func liveSteps(of tensor: TensorRecord) -> ClosedRange<Int> {
    tensor.storage == .state
      ? 0...(model.operatorCount + 1) : tensor.firstStep...tensor.lastStep
  }

  /// The live range for everybody but the operators of a group themselves, which all run in the
  /// step of the first.
  func sharedSteps(of tensor: TensorRecord) -> ClosedRange<Int> {
    let steps = liveSteps(of: tensor)
    guard model.bandGroupCount > 0 else { return steps }
    return sharedStep(steps.lowerBound)...sharedStep(steps.upperBound)
  }

  private func sharedStep(_ step: Int) -> Int {
    guard step >= 1, step <= model.operatorCount,
      let group = model.bandGroup(containing: step - 1)
    else { return step }
    return group.firstOperator + 1
  }

  static func sharesMemory(_ a: TensorRecord, _ b: TensorRecord) -> Bool {
    a.offset < b.offset + b.byteCount && b.offset < a.offset + a.byteCount
  }

  func fail(
    _ reason: ModelError.Reason, tensor: Int, _ field: Int, found: Int? = nil
  ) -> ModelError {
    ModelError(
      reason, section: .tensors, record: tensor, offset: model.tensorOffset(tensor) + field,
      found: found)
  }
}
