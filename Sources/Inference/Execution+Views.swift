import ModelFormat

extension Execution {
  /// Input `position` of an operator as elements of type `Element`.
  @_lifetime(copy self)
  func view<Element: BitwiseCopyable>(
    _ record: OperatorRecord, _ position: Int, as type: Element.Type
  ) -> TensorView<Element> {
    let tensor = model.tensor(model.input(position, of: record))
    let elements = unsafe UnsafeBufferPointer(
      start: address(of: tensor).assumingMemoryBound(to: Element.self),
      count: tensor.byteCount / MemoryLayout<Element>.stride)
    // The memory is the model's or the arena's, and both outlive this structure.
    let span = unsafe _overrideLifetime(elements.span, copying: self)
    return TensorView(
      elements: span, shape: tensor.shape, zeroPoint: tensor.zeroPoint, scale: tensor.scale)
  }

  /// The output of an operator as elements of type `Element`.
  @_lifetime(copy self)
  func outputView<Element: BitwiseCopyable>(
    _ record: OperatorRecord, as type: Element.Type
  ) -> MutableTensorView<Element> {
    let tensor = model.tensor(record.output)
    let elements = unsafe UnsafeMutableBufferPointer(
      start: (arena + tensor.offset).assumingMemoryBound(to: Element.self),
      count: tensor.byteCount / MemoryLayout<Element>.stride)
    let span = unsafe _overrideLifetime(elements.mutableSpan, copying: self)
    return MutableTensorView(
      elements: span, shape: tensor.shape, zeroPoint: tensor.zeroPoint, scale: tensor.scale)
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
}
