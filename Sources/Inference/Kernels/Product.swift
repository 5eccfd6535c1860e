import FixedPoint
import ModelFormat

/// Element-wise product of two tensors, with broadcasting (numerics, equation 14).
///
/// Relies on: both shapes broadcast to the output's; output shift in −31 … 30; zero points within
/// int8, so that the product of two 9-bit differences has 17 bits; activation minimum ≤ maximum,
/// both within int8.
package func multiply(
  _ first: borrowing TensorView<Int8>, _ second: borrowing TensorView<Int8>,
  parameters: ElementwiseParameters, into output: inout MutableTensorView<Int8>
) {
  let multiplier = parameters.output.multiplier
  let activation = parameters.activation
  let (firstZeroPoint, secondZeroPoint) = (first.zeroPoint, second.zeroPoint)
  let zeroPoint = output.zeroPoint
  combineElementwise(first, second, into: &output) { left, right in
    let product = (Int32(left) &- firstZeroPoint) &* (Int32(right) &- secondZeroPoint)
    return activation.clamp(multiplier.applied(to: product) &+ zeroPoint)
  }
}
