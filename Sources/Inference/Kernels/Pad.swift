import ModelFormat

/// A border of one value around a tensor.
///
/// Relies on: equal ranks; for every axis, `before` ≥ 0 and `before` + input size ≤ output size;
/// `value` within the element type (its low byte is used).
package func pad(
  _ input: borrowing TensorView<Int8>, parameters: PadParameters,
  into output: inout MutableTensorView<Int8>
) {
  let value = Int8(truncatingIfNeeded: parameters.value)
  for index in output.elements.indices { output.elements[index] = value }

  let outputStrides = output.shape.extendedStrides
  var start = 0
  let leading = Shape.maximumRank - input.shape.rank
  for axis in 0..<input.shape.rank {
    start += parameters[before: axis] * outputStrides[leading + axis]
  }
  let elements = input.elements
  var rows = StridedRows(
    sizes: input.shape.extendedSizes, strides: outputStrides, start: start)
  var next = 0
  for _ in 0..<rows.rowCount {
    for column in 0..<rows.rowLength {
      output.elements[rows.offset + column] = elements[next]
      next += 1
    }
    rows.advance()
  }
}
