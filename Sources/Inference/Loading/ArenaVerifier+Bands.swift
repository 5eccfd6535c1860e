import ModelFormat

// Groups of operators that run in bands.
extension ArenaVerifier {
  /// A group is a chain, its bands lie in the arena apart from everything that lives, and its
  /// output overwrites no row that is still read.
  func checkBands(of index: Int) throws(ModelError) {
    let group = model.bandGroup(index)
    func fail(_ reason: ModelError.Reason, _ field: Int, found: Int? = nil) -> ModelError {
      ModelError(
        reason, section: .bands, record: index, offset: model.bandGroupOffset(index) + field,
        found: found)
    }
    guard let chain = model.bandChain(of: group) else {
      throw fail(.brokenChain, Layout.BandGroup.firstOperator)
    }
    guard chain.bandCount <= BandChain.maximumBandCount else {
      throw fail(.badBands, Layout.BandGroup.rowsPerBand, found: chain.bandCount)
    }
    for stage in 0..<(chain.stageCount - 1) { try checkStoredRows(of: stage, in: group, chain) }
    for stage in 0..<chain.stageCount {
      let record = model.operator(group.firstOperator + stage)
      for position in 0..<record.inputCount {
        let operand = model.input(position, of: record)
        guard overwritesTooEarly(record, position, stage: stage, of: group, chain) else { continue }
        throw ModelError(
          .overwrittenTooEarly, section: .operators, record: group.firstOperator + stage,
          offset: model.operatorOffset(group.firstOperator + stage), found: operand)
      }
    }
  }

  /// The bytes of the rows that are stored of what operator `stage` of a group writes.
  private func storedBytes(of stage: Int, in group: BandGroup, _ chain: BandChain) -> Range<Int> {
    let tensor = model.tensor(model.operator(group.firstOperator + stage).output)
    // The chain has an output of rank 4. Offset and size are at most 2^30 and 2^27.
    let rowByteCount = tensor.byteCount / tensor.shape[1]
    return tensor.offset..<(tensor.offset + chain.storedRowCount(of: stage) * rowByteCount)
  }

  private func checkStoredRows(
    of stage: Int, in group: BandGroup, _ chain: BandChain
  ) throws(ModelError) {
    let tensor = model.operator(group.firstOperator + stage).output
    let bytes = storedBytes(of: stage, in: group, chain)
    guard bytes.upperBound <= model.arenaByteCount else {
      throw fail(.arenaOutOfBounds, tensor: tensor, Layout.Tensor.offset)
    }
    for earlier in 0..<stage {
      guard !storedBytes(of: earlier, in: group, chain).overlaps(bytes) else {
        throw fail(.tensorsOverlap, tensor: tensor, Layout.Tensor.offset)
      }
    }
    for index in 0..<model.tensorCount {
      let other = model.tensor(index)
      guard other.storage == .arena || other.storage == .state,
        bytes.overlaps(other.offset..<(other.offset + other.byteCount)),
        sharedSteps(of: other).contains(group.firstOperator + 1)
      else { continue }
      throw fail(.tensorsOverlap, tensor: tensor, Layout.Tensor.offset, found: index)
    }
  }

  /// Whether a band of the group's output is written over rows of an input that its operator
  /// `stage` reads afterwards or, in the last operator, at that time.
  private func overwritesTooEarly(
    _ record: OperatorRecord, _ position: Int, stage: Int, of group: BandGroup, _ chain: BandChain
  ) -> Bool {
    let last = chain.stageCount - 1
    let input = model.tensor(model.input(position, of: record))
    let output = model.tensor(model.operator(group.lastOperator).output)
    guard input.storage != .constant, input.storage != .band, Self.sharesMemory(input, output)
    else { return false }
    let isInPlace =
      stage == last && record.kind.worksInPlace && input.offset == output.offset
      && input.shape == output.shape
    if isInPlace { return false }
    let isReadInRows = model.isReadInRows(position, of: record)
    let inputRow = isReadInRows ? input.byteCount / chain[stage].inputHeight : 0
    let outputRow = output.byteCount / chain.height
    for band in 0..<chain.bandCount {
      let rows = chain.rows(inBand: band)
      let written = rows[last]
      // The last operator reads the rows of this band while it writes.
      let next = stage == last ? written.lowerBound : rows[stage].upperBound
      guard next < chain[stage].outputHeight else { continue }
      let firstByte = input.offset + chain[stage].firstInputRow(from: next) * inputRow
      let end = output.offset + written.upperBound * outputRow
      let start = output.offset + written.lowerBound * outputRow
      if end > firstByte && start < input.offset + input.byteCount { return true }
    }
    return false
  }
}
