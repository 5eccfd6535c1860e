import ModelFormat

/// Every n-th element of a box inside a tensor: along axis `a` the elements
/// `begin, begin + step, …`, `size` of them.
///
/// The output holds them in row-major order under whatever shape; usually axes of size 1 have been
/// dropped from it.
///
/// Relies on: sizes ≥ 1; for every axis, both `begin` and `begin + (size − 1) × step` are in the
/// input; the output has as many elements as the product of the sizes.
package func slice<Element: BitwiseCopyable>(
  _ input: borrowing TensorView<Element>, parameters: SliceParameters,
  into output: inout MutableTensorView<Element>
) {
  let inputStrides = input.shape.extendedStrides
  var sizes = InlineArray<6, Int>(repeating: 1)
  var strides = InlineArray<6, Int>(repeating: 0)
  var start = 0
  let leading = Shape.maximumRank - input.shape.rank
  for axis in 0..<input.shape.rank {
    let stride = inputStrides[leading + axis]
    sizes[leading + axis] = parameters[size: axis]
    // An axis of one element is never stepped along, whatever its step.
    strides[leading + axis] = parameters[size: axis] > 1 ? parameters[step: axis] * stride : 0
    start += parameters[begin: axis] * stride
  }
  output.elements.fill(
    from: StridedRows(sizes: sizes, strides: strides, start: start), of: input.elements)
}
