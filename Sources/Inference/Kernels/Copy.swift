/// The same elements in another place, under whatever shape.
///
/// Relies on: as many input as output elements. May work in place, where it does nothing.
package func copy<Element: BitwiseCopyable>(
  _ input: borrowing TensorView<Element>, into output: inout MutableTensorView<Element>
) {
  let elements = input.elements
  for index in elements.indices { output.elements[index] = elements[index] }
}
