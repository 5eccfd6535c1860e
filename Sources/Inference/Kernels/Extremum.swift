import ModelFormat

/// Element-wise larger of two tensors, with broadcasting.
///
/// Compares the stored bytes: all three tensors have the same quantization. Reads no parameters.
/// Relies on: both shapes broadcast to the output's.
package func maximum(
  _ first: borrowing TensorView<Int8>, _ second: borrowing TensorView<Int8>,
  parameters: ElementwiseParameters, into output: inout MutableTensorView<Int8>
) {
  combineElementwise(first, second, into: &output) { left, right in max(left, right) }
}

/// Element-wise smaller of two tensors, with broadcasting.
///
/// Compares the stored bytes: all three tensors have the same quantization. Reads no parameters.
/// Relies on: both shapes broadcast to the output's.
package func minimum(
  _ first: borrowing TensorView<Int8>, _ second: borrowing TensorView<Int8>,
  parameters: ElementwiseParameters, into output: inout MutableTensorView<Int8>
) {
  combineElementwise(first, second, into: &output) { left, right in min(left, right) }
}
