// The real factor between an operator's accumulator and its output, always in double precision: a
// factor rounded to single precision on the way differs in its last bits, and then outputs differ.

/// The factor of one output channel of a convolution, a depthwise convolution or a fully connected
/// operator: `input × weights ÷ output` (numerics, equation 10).
public func dotProductMultiplier(
  inputScale: Float, weightScale: Float, outputScale: Float
) -> Double {
  Double(inputScale) * Double(weightScale) / Double(outputScale)
}

/// The factor between two quantizations of the same number: `input ÷ output` (numerics,
/// equation 11).
public func requantizationMultiplier(inputScale: Float, outputScale: Float) -> Double {
  Double(inputScale) / Double(outputScale)
}

/// The factor of an element-wise product: `first × second ÷ output` (numerics, equation 14).
public func productMultiplier(
  firstScale: Float, secondScale: Float, outputScale: Float
) -> Double {
  Double(firstScale) * Double(secondScale) / Double(outputScale)
}
