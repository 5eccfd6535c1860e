/// Any function from one byte to one byte: output element = `table[input element]`.
///
/// Signed elements are taken by their bit pattern: the table holds the results for 0 … 127, then
/// −128 … −1. May work in place.
///
/// Relies on: as many input as output elements; a table of 256 bytes.
package func lookup(
  _ input: borrowing TensorView<UInt8>, table: Span<UInt8>,
  into output: inout MutableTensorView<UInt8>
) {
  let elements = input.elements
  for index in elements.indices { output.elements[index] = table[Int(elements[index])] }
}
