extension Model {
  /// Group `index`, in the order of their operators. Traps past the last.
  public func bandGroup(_ index: Int) -> BandGroup {
    precondition(index >= 0 && index < bandGroupCount, "the model has no such group")
    let start = bandGroupOffset(index)
    return BandGroup(
      firstOperator: Int(bytes.uint32(at: start + Layout.BandGroup.firstOperator)),
      operatorCount: Int(bytes.uint32(at: start + Layout.BandGroup.operatorCount)),
      rowsPerBand: Int(bytes.uint32(at: start + Layout.BandGroup.rowsPerBand)))
  }

  /// The group that operator `index` belongs to; nil where it runs alone.
  public func bandGroup(containing index: Int) -> BandGroup? {
    guard let group = indexOfBandGroup(containing: index) else { return nil }
    return bandGroup(group)
  }

  /// The index of the group that operator `index` belongs to; nil where it runs alone.
  public func indexOfBandGroup(containing index: Int) -> Int? {
    // The last group that does not start behind the operator.
    var (low, high) = (0, bandGroupCount)
    while low < high {
      let middle = (low + high) / 2
      if bandGroup(middle).firstOperator <= index { low = middle + 1 } else { high = middle }
    }
    guard low > 0, bandGroup(low - 1).operators.contains(index) else { return nil }
    return low - 1
  }

  /// Where the record of group `index` is in the file.
  public func bandGroupOffset(_ index: Int) -> Int {
    sections[.bands].lowerBound + index * Layout.BandGroup.stride
  }

  /// Checks that groups are made of operators there are, in order and apart; returns their number.
  func readBandGroupCount() throws(ModelError) -> Int {
    let count = try Self.recordCount(
      of: .bands, in: sections, stride: Layout.BandGroup.stride, limit: Layout.Limits.operators)
    var end: UInt32 = 0
    for index in 0..<count {
      let start = bandGroupOffset(index)
      func fail(_ reason: ModelError.Reason, _ field: Int) -> ModelError {
        ModelError(reason, section: .bands, record: index, offset: start + field)
      }
      let first = bytes.uint32(at: start + Layout.BandGroup.firstOperator)
      let size = bytes.uint32(at: start + Layout.BandGroup.operatorCount)
      let rows = bytes.uint32(at: start + Layout.BandGroup.rowsPerBand)
      guard first >= end, first < UInt32(operatorCount) else {
        throw fail(.badBands, Layout.BandGroup.firstOperator)
      }
      guard size >= 1, size <= UInt32(BandChain.maximumStageCount),
        size <= UInt32(operatorCount) - first
      else { throw fail(.badBands, Layout.BandGroup.operatorCount) }
      guard rows >= 1, rows <= UInt32(Layout.Limits.elements) else {
        throw fail(.badBands, Layout.BandGroup.rowsPerBand)
      }
      guard bytes.uint32(at: start + Layout.BandGroup.reserved) == 0 else {
        throw fail(.reservedNotZero, Layout.BandGroup.reserved)
      }
      end = first + size
    }
    return count
  }

  /// The chain of a group's operators; nil where they are none that can run in bands.
  ///
  /// That tensors lie between them as they should is checked by the engine.
  public func bandChain(of group: BandGroup) -> BandChain? {
    var stages = InlineArray<8, BandStage>(repeating: BandStage(height: 1))
    var height = 0
    for index in 0..<group.operatorCount {
      guard let stage = bandStage(of: `operator`(group.firstOperator + index)),
        index == 0 || stage.inputHeight == height
      else { return nil }
      stages[index] = stage
      height = stage.outputHeight
    }
    return BandChain(stages, count: group.operatorCount, rowsPerBand: group.rowsPerBand)
  }

  /// Whether input `position` of an operator that runs in bands is read row by row, and not whole
  /// in every band.
  public func isReadInRows(_ position: Int, of record: OperatorRecord) -> Bool {
    guard record.kind.isElementwise else { return position == 0 }
    let operand = tensor(input(position, of: record)).shape
    return operand.extended[Shape.maximumRank - 3] == tensor(record.output).shape[1]
  }

  private func bandStage(of record: OperatorRecord) -> BandStage? {
    let output = tensor(record.output)
    guard record.inputCount >= 1, output.shape.rank == 4, output.shape[0] == 1,
      output.elementType.byteCount == 1
    else { return nil }
    let input = tensor(input(0, of: record))
    return BandStage(
      record.kind, words: record.words, inputShape: input.shape, outputShape: output.shape)
  }
}

extension BandStage {
  /// The rows of an operator with an output of one image, by its first input; nil where it does not
  /// work row by row.
  public init?(
    _ kind: OperatorKind, words: OperatorWords, inputShape: Shape, outputShape: Shape
  ) {
    switch kind {
    case .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D:
      guard inputShape.rank == 4, inputShape[0] == 1 else { return nil }
      self.init(
        WindowParameters(words: words), isDilated: !kind.isPool, inputHeight: inputShape[1],
        outputHeight: outputShape[1])
    case .lookup:
      guard inputShape == outputShape else { return nil }
      self.init(height: outputShape[1])
    case .add, .subtract, .multiply, .maximum, .minimum:
      self.init(height: outputShape[1])
    default:
      return nil
    }
  }
}
