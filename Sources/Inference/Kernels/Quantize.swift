import FixedPoint

/// Real numbers to int8 or uint8 (numerics, equation 2).
///
/// Relies on: as many input as output elements; the output's scale finite and above 0, its zero
/// point within the element type.
package func quantize<Element: FixedWidthInteger & BitwiseCopyable>(
  _ input: borrowing TensorView<Float>, into output: inout MutableTensorView<Element>
) {
  let quantization = AffineQuantization(scale: output.scale, zeroPoint: output.zeroPoint)
  let elements = input.elements
  for index in elements.indices { output.elements[index] = quantization.quantize(elements[index]) }
}

/// int8 or uint8 to real numbers (numerics, equation 1).
///
/// Relies on: as many input as output elements; the input's scale finite.
package func dequantize<Element: FixedWidthInteger & BitwiseCopyable>(
  _ input: borrowing TensorView<Element>, into output: inout MutableTensorView<Float>
) {
  let quantization = AffineQuantization(scale: input.scale, zeroPoint: input.zeroPoint)
  let elements = input.elements
  for index in elements.indices {
    output.elements[index] = quantization.dequantize(elements[index])
  }
}
