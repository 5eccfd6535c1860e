import ModelFormat

/// Index of the largest element along an axis, the first of equals.
///
/// Relies on: 0 ≤ `axis` < rank; the output has the input's other axes, in their order.
package func argMax<Index: FixedWidthInteger & BitwiseCopyable>(
  _ input: borrowing TensorView<Int8>, axis: Int, into output: inout MutableTensorView<Index>
) {
  var (outer, inner) = (1, 1)
  for before in 0..<axis { outer *= input.shape[before] }
  for behind in axis + 1..<max(axis + 1, input.shape.rank) { inner *= input.shape[behind] }
  let count = input.shape[axis]
  let elements = input.elements
  for chunk in 0..<outer {
    for lane in 0..<inner {
      var largest = Int8.min
      var winner = 0
      for index in 0..<count {
        let value = elements[(chunk * count + index) * inner + lane]
        if value > largest { (largest, winner) = (value, index) }
      }
      output.elements[chunk * inner + lane] = Index(truncatingIfNeeded: winner)
    }
  }
}
