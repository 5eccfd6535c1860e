extension Model {
  /// Operator `index`, in execution order. Traps past the last.
  public func `operator`(_ index: Int) -> OperatorRecord {
    let start = operatorOffset(index)
    var words = OperatorWords()
    for word in 0..<OperatorWords.count {
      words[word] = bytes.int32(at: start + Layout.Operator.words + 4 * word)
    }
    guard let kind = OperatorKind(rawValue: bytes.uint16(at: start + Layout.Operator.kind)) else {
      preconditionFailure("checked when the model was made")
    }
    return OperatorRecord(
      kind: kind,
      inputCount: Int(bytes.uint16(at: start + Layout.Operator.inputCount)),
      firstOperand: Int(bytes.uint32(at: start + Layout.Operator.firstOperand)),
      output: Int(bytes.uint32(at: start + Layout.Operator.output)),
      sourceIndex: Int(
        truncatingIfNeeded: bytes.uint32(at: start + Layout.Operator.sourceIndex)),
      name: TextReference(
        offset: Int(bytes.uint32(at: start + Layout.Operator.nameOffset)),
        byteCount: Int(bytes.uint16(at: start + Layout.Operator.nameByteCount))),
      words: words)
  }

  /// The tensor that is input `position` of `record`. Traps past the last input.
  public func input(_ position: Int, of record: OperatorRecord) -> Int {
    precondition(position >= 0 && position < record.inputCount, "the operator has no such input")
    return operand(record.firstOperand + position)
  }

  /// Where the record of operator `index` is in the file.
  public func operatorOffset(_ index: Int) -> Int {
    precondition(index >= 0 && index < operatorCount, "the model has no such operator")
    return sections[.operators].lowerBound + index * Layout.Operator.stride
  }

  private func operand(_ position: Int) -> Int {
    Int(bytes.uint32(at: sections[.operands].lowerBound + position * 4))
  }

  /// Checks the kind, the operands and the name of an operator.
  func checkOperator(_ index: Int) throws(ModelError) {
    let start = operatorOffset(index)
    func fail(_ reason: ModelError.Reason, _ field: Int, found: Int? = nil) -> ModelError {
      ModelError(
        reason, section: .operators, record: index, offset: start + field, found: found)
    }
    let rawKind = bytes.uint16(at: start + Layout.Operator.kind)
    guard let kind = OperatorKind(rawValue: rawKind) else {
      throw fail(.unknownOperator, Layout.Operator.kind, found: Int(rawKind))
    }
    let inputCount = bytes.uint16(at: start + Layout.Operator.inputCount)
    guard Int(inputCount) <= Layout.Limits.operandsPerOperator else {
      throw fail(.tooManyOperands, Layout.Operator.inputCount, found: Int(inputCount))
    }
    let operandCount = UInt32(sections[.operands].count / 4)
    let first = bytes.uint32(at: start + Layout.Operator.firstOperand)
    guard first <= operandCount, UInt32(inputCount) <= operandCount - first else {
      throw fail(.operandOutOfBounds, Layout.Operator.firstOperand)
    }
    for position in Int(first)..<(Int(first) + Int(inputCount)) {
      let offset = sections[.operands].lowerBound + position * 4
      guard bytes.uint32(at: offset) < UInt32(tensorCount) else {
        throw ModelError(
          .tensorIndexOutOfBounds, section: .operands, record: position, offset: offset)
      }
    }
    guard bytes.uint32(at: start + Layout.Operator.output) < UInt32(tensorCount) else {
      throw fail(.tensorIndexOutOfBounds, Layout.Operator.output)
    }
    try checkText(
      start: bytes.uint32(at: start + Layout.Operator.nameOffset),
      byteCount: UInt32(bytes.uint16(at: start + Layout.Operator.nameByteCount)),
      at: start + Layout.Operator.nameOffset, section: .operators, record: index)
    let reserved = (start + Layout.Operator.reserved)..<(start + Layout.Operator.words)
    // A parameter that a later version gives to a known operator must not pass unnoticed.
    let firstUnused = start + Layout.Operator.words + 4 * kind.wordCount
    let unused = firstUnused..<(start + Layout.Operator.stride)
    if let offset = bytes.firstNonZero(in: reserved) ?? bytes.firstNonZero(in: unused) {
      throw ModelError(.reservedNotZero, section: .operators, record: index, offset: offset)
    }
  }
}
