import ModelFormat

/// One of several tensors side by side: copies `input` to where its first element along `axis` is
/// element `offset` of the output. Called once an input.
///
/// Relies on: equal ranks above `axis`; sizes equal along all other axes; 0 ≤ `offset` and
/// `offset` + input size ≤ output size along `axis`.
package func concatenate<Element: BitwiseCopyable>(
  _ input: borrowing TensorView<Element>, axis: Int, at offset: Int,
  into output: inout MutableTensorView<Element>
) {
  var (outer, inner) = (1, 1)
  for before in 0..<axis { outer *= input.shape[before] }
  for behind in axis + 1..<max(axis + 1, input.shape.rank) { inner *= input.shape[behind] }
  let length = input.shape[axis] * inner
  let outputLength = output.shape[axis] * inner
  let elements = input.elements
  for chunk in 0..<outer {
    let place = chunk * outputLength + offset * inner
    for index in 0..<length { output.elements[place + index] = elements[chunk * length + index] }
  }
}
