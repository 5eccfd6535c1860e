extension Model {
  /// Tensor `index`. Traps past the last.
  public func tensor(_ index: Int) -> TensorRecord {
    let start = tensorOffset(index)
    var shape = Shape()
    for axis in 0..<Int(bytes.uint8(at: start + Layout.Tensor.rank)) {
      shape.append(Int(bytes.uint32(at: start + Layout.Tensor.dimensions + 4 * axis)))
    }
    let reference = bytes.uint32(at: start + Layout.Tensor.reference)
    guard
      let elementType = ElementType(rawValue: bytes.uint8(at: start + Layout.Tensor.elementType)),
      let storage = TensorStorage(rawValue: bytes.uint8(at: start + Layout.Tensor.storage)),
      let packing = TensorPacking(rawValue: bytes.uint8(at: start + Layout.Tensor.packing))
    else { preconditionFailure("checked when the model was made") }
    return TensorRecord(
      name: TextReference(
        offset: Int(bytes.uint32(at: start + Layout.Tensor.nameOffset)),
        byteCount: Int(bytes.uint16(at: start + Layout.Tensor.nameByteCount))),
      elementType: elementType, storage: storage, packing: packing, shape: shape,
      scale: bytes.float32(at: start + Layout.Tensor.scale),
      zeroPoint: bytes.int32(at: start + Layout.Tensor.zeroPoint),
      offset: Int(bytes.uint32(at: start + Layout.Tensor.offset)),
      byteCount: Int(bytes.uint32(at: start + Layout.Tensor.byteCount)),
      firstStep: Int(bytes.uint32(at: start + Layout.Tensor.firstStep)),
      lastStep: Int(bytes.uint32(at: start + Layout.Tensor.lastStep)),
      reference: reference == Layout.noReference ? nil : Int(reference))
  }

  /// Where the bytes of tensor `index` are: in the arena, or of a constant in the data section.
  /// Traps past the last tensor.
  public func place(ofTensor index: Int) -> Range<Int> {
    let start = tensorOffset(index)
    let offset = Int(bytes.uint32(at: start + Layout.Tensor.offset))
    return offset..<(offset + Int(bytes.uint32(at: start + Layout.Tensor.byteCount)))
  }

  /// The bytes of a constant. Traps for a tensor that is none.
  @_lifetime(copy self)
  public func constant(_ tensor: TensorRecord) -> RawSpan {
    precondition(tensor.storage == .constant, "the tensor is not a constant")
    let start = sections[.data].lowerBound + tensor.offset
    return bytes.extracting(start..<(start + tensor.byteCount))
  }

  /// Where the record of tensor `index` is in the file.
  public func tensorOffset(_ index: Int) -> Int {
    precondition(index >= 0 && index < tensorCount, "the model has no such tensor")
    return sections[.tensors].lowerBound + index * Layout.Tensor.stride
  }

  /// Checks everything about a tensor that does not depend on another section's meaning.
  func checkTensor(_ index: Int) throws(ModelError) {
    let start = tensorOffset(index)
    func fail(_ reason: ModelError.Reason, _ field: Int, found: Int? = nil, expected: Int? = nil)
      -> ModelError
    {
      ModelError(
        reason, section: .tensors, record: index, offset: start + field, found: found,
        expected: expected)
    }
    try checkText(
      start: bytes.uint32(at: start + Layout.Tensor.nameOffset),
      byteCount: UInt32(bytes.uint16(at: start + Layout.Tensor.nameByteCount)),
      at: start, section: .tensors, record: index)
    guard ElementType(rawValue: bytes.uint8(at: start + Layout.Tensor.elementType)) != nil else {
      throw fail(.unknownElementType, Layout.Tensor.elementType)
    }
    guard TensorStorage(rawValue: bytes.uint8(at: start + Layout.Tensor.storage)) != nil else {
      throw fail(.unknownStorage, Layout.Tensor.storage)
    }
    guard TensorPacking(rawValue: bytes.uint8(at: start + Layout.Tensor.packing)) != nil else {
      throw fail(.unknownPacking, Layout.Tensor.packing)
    }
    guard bytes.uint16(at: start + Layout.Tensor.reserved) == 0 else {
      throw fail(.reservedNotZero, Layout.Tensor.reserved)
    }
    try checkDimensions(of: index, at: start)

    // Sizes and indices are compared as UInt32: Int has 32 bits on ARMv7.
    func check(_ field: Int, atMost limit: Int, else reason: ModelError.Reason) throws(ModelError) {
      guard bytes.uint32(at: start + field) <= UInt32(limit) else { throw fail(reason, field) }
    }
    try check(Layout.Tensor.offset, atMost: Layout.Limits.bytes, else: .tooLarge)
    try check(Layout.Tensor.byteCount, atMost: Layout.Limits.bytes, else: .tooLarge)
    try check(Layout.Tensor.firstStep, atMost: Layout.Limits.operators + 1, else: .badLiveRange)
    try check(Layout.Tensor.lastStep, atMost: Layout.Limits.operators + 1, else: .badLiveRange)
    let reference = bytes.uint32(at: start + Layout.Tensor.reference)
    guard reference == Layout.noReference || reference < UInt32(tensorCount) else {
      throw fail(.tensorIndexOutOfBounds, Layout.Tensor.reference)
    }

    let tensor = tensor(index)
    guard tensor.firstStep <= tensor.lastStep, tensor.lastStep <= operatorCount + 1 else {
      throw fail(.badLiveRange, Layout.Tensor.firstStep)
    }
    if tensor.packing == .rowMajor {
      let expected = tensor.shape.elementCount * tensor.elementType.byteCount
      guard tensor.byteCount == expected else {
        throw fail(
          .wrongByteCount, Layout.Tensor.byteCount, found: tensor.byteCount, expected: expected)
      }
    } else if tensor.storage != .constant {
      throw fail(.unknownPacking, Layout.Tensor.packing)
    }
    guard tensor.scale.isFinite, tensor.scale >= 0 else {
      throw fail(.badScale, Layout.Tensor.scale)
    }
    let zeroPoints: ClosedRange<Int32> =
      switch tensor.elementType {
      case .int8: -128...127
      case .uint8: 0...255
      default: 0...0
      }
    guard zeroPoints.contains(tensor.zeroPoint) else {
      throw fail(.badZeroPoint, Layout.Tensor.zeroPoint, found: Int(tensor.zeroPoint))
    }
    try checkStorage(of: tensor, index: index)
  }

  private func checkDimensions(of index: Int, at start: Int) throws(ModelError) {
    let rank = Int(bytes.uint8(at: start + Layout.Tensor.rank))
    guard rank <= Shape.maximumRank else {
      throw ModelError(
        .badRank, section: .tensors, record: index, offset: start + Layout.Tensor.rank,
        found: rank, expected: Shape.maximumRank)
    }
    var count: UInt64 = 1
    for axis in 0..<Shape.maximumRank {
      let offset = start + Layout.Tensor.dimensions + 4 * axis
      let dimension = bytes.uint32(at: offset)
      guard axis < rank else {
        guard dimension == 0 else {
          throw ModelError(.reservedNotZero, section: .tensors, record: index, offset: offset)
        }
        continue
      }
      guard dimension > 0 else {
        throw ModelError(.badDimension, section: .tensors, record: index, offset: offset)
      }
      // Below 2^27 before, so below 2^59 after: no overflow.
      count *= UInt64(dimension)
      guard count <= UInt64(Layout.Limits.elements) else {
        throw ModelError(
          .tooManyElements, section: .tensors, record: index, offset: offset,
          expected: Layout.Limits.elements)
      }
    }
  }

  private func checkStorage(of tensor: TensorRecord, index: Int) throws(ModelError) {
    let start = tensorOffset(index)
    func fail(_ reason: ModelError.Reason, _ field: Int) -> ModelError {
      ModelError(
        reason, section: .tensors, record: index, offset: start + field, found: tensor.offset)
    }
    switch tensor.storage {
    case .constant:
      guard tensor.offset % Layout.alignment == 0 else {
        throw fail(.constantMisaligned, Layout.Tensor.offset)
      }
      // No sums: offset and size may be 2^30 each, and Int has 32 bits on ARMv7.
      guard tensor.byteCount <= sections[.data].count - tensor.offset else {
        throw fail(.constantOutOfBounds, Layout.Tensor.offset)
      }
      guard tensor.reference == nil else { throw fail(.badReference, Layout.Tensor.reference) }
    case .arena, .state:
      guard tensor.offset % Layout.arenaAlignment == 0 else {
        throw fail(.arenaMisaligned, Layout.Tensor.offset)
      }
      guard tensor.byteCount <= arenaByteCount - tensor.offset else {
        throw fail(.arenaOutOfBounds, Layout.Tensor.offset)
      }
      if tensor.storage == .arena && tensor.reference != nil {
        throw fail(.badReference, Layout.Tensor.reference)
      }
    case .band:
      // How many rows are stored follows from the group; that they fit is checked with the plan.
      guard tensor.offset % Layout.arenaAlignment == 0 else {
        throw fail(.arenaMisaligned, Layout.Tensor.offset)
      }
      guard tensor.reference == nil else { throw fail(.badReference, Layout.Tensor.reference) }
    case .view:
      // The base may come later in the list, so the rest is checked with the arena plan.
      guard tensor.reference != nil else { throw fail(.badReference, Layout.Tensor.reference) }
    }
  }
}
