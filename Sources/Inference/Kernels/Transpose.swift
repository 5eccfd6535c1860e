import ModelFormat

/// Axes in another order: output axis `a` is input axis `parameters[source: a]`.
///
/// Relies on: equal ranks, `source` a permutation of them, and output sizes permuted accordingly.
package func transpose<Element: BitwiseCopyable>(
  _ input: borrowing TensorView<Element>, parameters: TransposeParameters,
  into output: inout MutableTensorView<Element>
) {
  let inputStrides = input.shape.extendedStrides
  var strides = InlineArray<6, Int>(repeating: 0)
  let leading = Shape.maximumRank - output.shape.rank
  for axis in 0..<output.shape.rank {
    strides[leading + axis] = inputStrides[leading + parameters[source: axis]]
  }
  output.elements.fill(
    from: StridedRows(sizes: output.shape.extendedSizes, strides: strides), of: input.elements)
}

extension MutableSpan where Element: BitwiseCopyable {
  /// Writes the elements that `rows` visits of `source`, one after another.
  @inline(__always)
  mutating func fill(from rows: StridedRows, of source: Span<Element>) {
    var rows = rows
    var place = 0
    for _ in 0..<rows.rowCount {
      var next = rows.offset
      for _ in 0..<rows.rowLength {
        self[place] = source[next]
        place += 1
        next += rows.rowStride
      }
      rows.advance()
    }
  }
}
