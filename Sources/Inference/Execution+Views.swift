import ModelFormat

extension Execution {
  /// Input `position` of an operator as elements of type `Element`.
  @_lifetime(copy self)
  func view<Element: BitwiseCopyable>(
    _ record: OperatorRecord, _ position: Int, as type: Element.Type
  ) -> TensorView<Element> {
    let tensor = model.tensor(model.input(position, of: record))
    let extent = extent(of: tensor, input: position, of: record)
    let elements = unsafe UnsafeBufferPointer(
      start: extent.address.assumingMemoryBound(to: Element.self),
      count: extent.byteCount / MemoryLayout<Element>.stride)
    // The memory is the model's or the arena's, and both outlive this structure.
    let span = unsafe _overrideLifetime(elements.span, copying: self)
    return TensorView(
      elements: span, shape: extent.shape, zeroPoint: tensor.zeroPoint, scale: tensor.scale)
  }

  /// The output of an operator as elements of type `Element`.
  @_lifetime(copy self)
  func outputView<Element: BitwiseCopyable>(
    _ record: OperatorRecord, as type: Element.Type
  ) -> MutableTensorView<Element> {
    let tensor = model.tensor(record.output)
    let extent = extent(ofOutput: tensor)
    let elements = unsafe UnsafeMutableBufferPointer(
      start: extent.address.assumingMemoryBound(to: Element.self),
      count: extent.byteCount / MemoryLayout<Element>.stride)
    let span = unsafe _overrideLifetime(elements.mutableSpan, copying: self)
    return MutableTensorView(
      elements: span, shape: extent.shape, zeroPoint: tensor.zeroPoint, scale: tensor.scale)
  }

  /// All bytes of tensor `index`, as a flat tensor.
  @_lifetime(copy self)
  func bytes(_ index: Int) -> TensorView<UInt8> {
    let tensor = model.tensor(index)
    let elements = unsafe UnsafeBufferPointer(
      start: address(of: tensor).assumingMemoryBound(to: UInt8.self), count: tensor.byteCount)
    var shape = Shape()
    shape.append(tensor.byteCount)
    return TensorView(
      elements: unsafe _overrideLifetime(elements.span, copying: self), shape: shape)
  }

  /// All bytes of tensor `index`, which is in the arena, as a flat tensor.
  @_lifetime(copy self)
  func mutableBytes(_ index: Int) -> MutableTensorView<UInt8> {
    let tensor = model.tensor(index)
    let elements = unsafe UnsafeMutableBufferPointer(
      start: (arena + tensor.offset).assumingMemoryBound(to: UInt8.self), count: tensor.byteCount)
    var shape = Shape()
    shape.append(tensor.byteCount)
    return MutableTensorView(
      elements: unsafe _overrideLifetime(elements.mutableSpan, copying: self), shape: shape)
  }

  func address(of tensor: TensorRecord) -> UnsafeRawPointer {
    guard tensor.storage == .constant else { return unsafe UnsafeRawPointer(arena + tensor.offset) }
    let start = unsafe model.constant(tensor).withUnsafeBytes { $0.baseAddress }
    guard let start = unsafe start else {
      preconditionFailure("a constant has at least one byte and lies inside the file")
    }
    return unsafe start
  }

  /// What a kernel sees of a tensor: all of it, or what the part needs.
  @safe
  private struct Extent {
    let address: UnsafeMutableRawPointer
    let byteCount: Int
    let shape: Shape
  }

  private func extent(
    of tensor: TensorRecord, input position: Int, of record: OperatorRecord
  ) -> Extent {
    guard let part else { return whole(tensor) }
    if part.unit == .block {
      // Sixteen channels' weights, or their columns of the table.
      return position > 0
        ? units(part.range, of: part.count, tensor, part.unit, nil) : whole(tensor)
    }
    guard let range = units(of: position, record, for: part) else { return whole(tensor) }
    let count = part.unit == .row ? tensor.shape.rowCount : tensor.shape.pixelCount
    return units(range, of: count, tensor, part.unit, position == 0 ? part.first : part.second)
  }

  private func extent(ofOutput tensor: TensorRecord) -> Extent {
    guard let part else { return whole(tensor) }
    guard part.unit == .block else {
      return units(part.range, of: part.count, tensor, part.unit, part.output)
    }
    // The last block may have fewer channels.
    let first = 16 * part.range.lowerBound
    let channels = min(16 * part.range.upperBound, tensor.byteCount) - first
    let address = unsafe OperatorPart.address(
      of: part.range.lowerBound, unitByteCount: 16, planned: address(of: tensor), part.output)
    return unsafe Extent(
      address: address, byteCount: channels, shape: tensor.shape.restricted(to: channels, .block))
  }

  private func units(
    _ range: Range<Int>, of count: Int, _ tensor: TensorRecord, _ unit: OperatorPart.Unit,
    _ place: OperatorPart.Place?
  ) -> Extent {
    let unitByteCount = tensor.byteCount / count
    let address = unsafe OperatorPart.address(
      of: range.lowerBound, unitByteCount: unitByteCount, planned: address(of: tensor), place)
    return unsafe Extent(
      address: address, byteCount: range.count * unitByteCount,
      shape: tensor.shape.restricted(to: range.count, unit))
  }

  private func whole(_ tensor: TensorRecord) -> Extent {
    unsafe Extent(
      address: UnsafeMutableRawPointer(mutating: address(of: tensor)),
      byteCount: tensor.byteCount, shape: tensor.shape)
  }
}
