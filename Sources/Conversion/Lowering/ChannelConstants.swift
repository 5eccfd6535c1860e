import FixedPoint
import ModelFormat

/// The constants of one output channel of a convolution or a fully connected operator.
struct ChannelConstants {
  /// The weights, in any order.
  var weights: [Int8]
  /// Bias minus input zero point times the sum of the weights (numerics, equation 7).
  var foldedBias: Int32
  /// Sum of the weights.
  var weightSum: Int32
  /// Factor from the accumulator to the output.
  var multiplier: QuantizedMultiplier

  /// Gives a channel whose output never changes, whatever the input, constants that say so: no
  /// weights, four times the output as bias, a factor of 1/4. (A factor of 1 would need a shift to
  /// the left, which no other channel of a fast kernel has.)
  ///
  /// Training leaves such channels behind. Their scales are tiny and their biases enormous, which
  /// would keep kernels from the short arithmetic that every other channel allows.
  mutating func settle(outputZeroPoint: Int32, activation: ActivationRange) {
    // Rescaling is monotonic as long as nothing is shifted to the left.
    guard multiplier.shift <= 0, multiplier.significand >= 0 else { return }
    var (smallest, largest) = (Int64(foldedBias), Int64(foldedBias))
    for weight in weights {
      smallest += min(Int64(weight) * -128, Int64(weight) * 127)
      largest += max(Int64(weight) * -128, Int64(weight) * 127)
    }
    func output(_ sum: Int64) -> Int32 {
      let rescaled = multiplier.applied(to: Int32(clamping: sum)) &+ outputZeroPoint
      return min(max(rescaled, activation.minimum), activation.maximum)
    }
    let value = output(smallest)
    guard value == output(largest) else { return }
    weights = Array(repeating: 0, count: weights.count)
    foldedBias = 4 * (value - outputZeroPoint)
    weightSum = 0
    multiplier = QuantizedMultiplier(significand: 1 << 30, shift: -1)
  }
}
