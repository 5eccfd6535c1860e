import FixedPoint
import ModelFormat

/// Element-wise sum of two tensors, with broadcasting (numerics, equation 12).
///
/// Relies on: both shapes broadcast to the output's; `leftShift` in 0 … 31, shifts in −31 … 30;
/// zero points within int8; activation minimum ≤ maximum, both within int8.
package func add(
  _ first: borrowing TensorView<Int8>, _ second: borrowing TensorView<Int8>,
  parameters: ElementwiseParameters, into output: inout MutableTensorView<Int8>
) {
  let scaling = OperandScaling(first, second, parameters)
  let multiplier = parameters.output.multiplier
  let activation = parameters.activation
  let zeroPoint = output.zeroPoint
  combineElementwise(first, second, into: &output) { left, right in
    let sum = scaling.first(left) &+ scaling.second(right)
    return activation.clamp(multiplier.applied(to: sum) &+ zeroPoint)
  }
}

/// Element-wise difference of two tensors, first minus second, with broadcasting (numerics,
/// equation 12).
///
/// Relies on what ``add(_:_:parameters:into:)`` relies on.
package func subtract(
  _ first: borrowing TensorView<Int8>, _ second: borrowing TensorView<Int8>,
  parameters: ElementwiseParameters, into output: inout MutableTensorView<Int8>
) {
  let scaling = OperandScaling(first, second, parameters)
  let multiplier = parameters.output.multiplier
  let activation = parameters.activation
  let zeroPoint = output.zeroPoint
  combineElementwise(first, second, into: &output) { left, right in
    let difference = scaling.first(left) &- scaling.second(right)
    return activation.clamp(multiplier.applied(to: difference) &+ zeroPoint)
  }
}

/// Brings both operands of a sum to their common scale.
///
/// Centred operands have 9 bits, raised by 20 they have 29, and their factors are at most 1/2: the
/// sum has at most 29 bits and cannot overflow. Other parameters wrap.
private struct OperandScaling {
  private let leftShift: Int32
  private let firstZeroPoint: Int32
  private let secondZeroPoint: Int32
  private let firstMultiplier: QuantizedMultiplier
  private let secondMultiplier: QuantizedMultiplier

  init(
    _ first: borrowing TensorView<Int8>, _ second: borrowing TensorView<Int8>,
    _ parameters: ElementwiseParameters
  ) {
    leftShift = Int32(truncatingIfNeeded: parameters.leftShift)
    (firstZeroPoint, secondZeroPoint) = (first.zeroPoint, second.zeroPoint)
    firstMultiplier = parameters.first.multiplier
    secondMultiplier = parameters.second.multiplier
  }

  @inline(__always)
  func first(_ value: Int8) -> Int32 {
    firstMultiplier.applied(to: (Int32(value) &- firstZeroPoint) &<< leftShift)
  }

  @inline(__always)
  func second(_ value: Int8) -> Int32 {
    secondMultiplier.applied(to: (Int32(value) &- secondZeroPoint) &<< leftShift)
  }
}
