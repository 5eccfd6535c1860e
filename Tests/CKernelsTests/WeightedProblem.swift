import CKernels
import ModelFormat
import Testing

@testable import Inference

/// How the multipliers of a random problem are made.
enum MultiplierKind: CaseIterable {
  /// As in trained models: outputs spread over the int8 range.
  case usual
  /// Factors of 1 and more: shifts to the left.
  case large
  /// Shifts too far to the right for the short requantization.
  case tiny
  /// Anything the verifier lets pass.
  case wild
}

/// Random weights and constants of a convolution, a depthwise convolution or a fully connected
/// operator, packed as in a file.
struct WeightedProblem {
  var weights: [Int8]
  var table: [Int32]

  /// `target(channel, element)` is the place of a weight among `byteCount` packed bytes.
  init(
    channels: Int, perChannel: Int, byteCount: Int, inputZeroPoint: Int32, kind: MultiplierKind,
    using generator: inout some RandomNumberGenerator, target: (Int, Int) -> Int
  ) {
    weights = [Int8](repeating: 0, count: byteCount)
    let layout = ChannelTableLayout(channels: channels)
    table = [Int32](repeating: 0, count: layout.elementCount)
    for channel in 0..<channels {
      var sum: Int32 = 0
      for (element, weight) in generator.bytes(perChannel).enumerated() {
        weights[target(channel, element)] = weight
        sum += Int32(weight)
      }
      let bias = Int32.random(in: -20_000...20_000, using: &generator)
      table[layout.index(.foldedBias, channel: channel)] = bias &- inputZeroPoint &* sum
      table[layout.index(.weightSum, channel: channel)] = sum
      var (significand, shift) = (generator.significand(), Int32(0))
      // The sum of n products is about 64 × 64 × √n.
      let size = Int32(12 + (Int.bitWidth - perChannel.leadingZeroBitCount) / 2 - 7)
      switch kind {
      case .usual: shift = Int32.random(in: -size - 2 ... -size + 3, using: &generator)
      case .large: shift = Int32.random(in: -2...3, using: &generator)
      case .tiny: shift = Int32.random(in: -31 ... -20, using: &generator)
      case .wild:
        significand = Int32.random(in: .min + 1 ... .max, using: &generator)
        shift = Int32.random(in: -31...30, using: &generator)
        table[layout.index(.foldedBias, channel: channel)] =
          Int32.random(in: .min ... .max, using: &generator)
      }
      table[layout.index(.significand, channel: channel)] = significand
      table[layout.index(.shift, channel: channel)] = shift
    }
  }
}

/// Compares what a kernel wrote with what the reference kernel writes.
func expectEqual(
  _ found: [Int8], _ expected: [Int8], _ what: @autoclosure () -> String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found != expected else { return }
  let place = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }
  let differing = zip(found, expected).count { $0 != $1 }
  Issue.record(
    """
    \(what()): \(differing) of \(found.count) bytes differ, the first at \
    \(place?.offset ?? -1): \(place?.element.0 ?? 0) instead of \(place?.element.1 ?? 0)
    """, sourceLocation: sourceLocation)
}
