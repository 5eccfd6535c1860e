import ModelFormat

/// A tensor as a kernel reads it: elements in row-major order, shape and quantization.
///
/// The engine makes views only of verified tensors: `elements.count == shape.elementCount`.
package struct TensorView<Element: BitwiseCopyable>: ~Escapable {
  /// The elements, row-major.
  package let elements: Span<Element>
  /// The dimensions.
  package let shape: Shape
  /// The quantized value of real zero; 0 where the element type is not quantized.
  package let zeroPoint: Int32
  /// The real value of one quantization step; 0 where the element type is not quantized.
  package let scale: Float

  /// A view of `elements`.
  @_lifetime(copy elements)
  package init(elements: Span<Element>, shape: Shape, zeroPoint: Int32 = 0, scale: Float = 0) {
    self.elements = elements
    self.shape = shape
    self.zeroPoint = zeroPoint
    self.scale = scale
  }
}

/// A tensor as a kernel writes it. The elements are undefined before the kernel runs, except where
/// an operator works in place (`OperatorKind.worksInPlace`).
package struct MutableTensorView<Element: BitwiseCopyable>: ~Copyable, ~Escapable {
  /// The elements, row-major.
  package var elements: MutableSpan<Element>
  /// The dimensions.
  package let shape: Shape
  /// The quantized value of real zero; 0 where the element type is not quantized.
  package let zeroPoint: Int32
  /// The real value of one quantization step; 0 where the element type is not quantized.
  package let scale: Float

  /// A view of `elements`.
  @_lifetime(copy elements)
  package init(
    elements: consuming MutableSpan<Element>, shape: Shape, zeroPoint: Int32 = 0, scale: Float = 0
  ) {
    self.elements = elements
    self.shape = shape
    self.zeroPoint = zeroPoint
    self.scale = scale
  }
}
