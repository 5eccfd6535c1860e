import CKernels
import ModelFormat
import TestSupport
import Testing

@testable import Inference

/// Requantization in single precision, where a check of all channels allows it.
@Suite("C kernels: requantization in single precision")
struct FusedRequantizationTests {
  /// 65,280 accumulators in a row, every one: a pixel of two inputs with the weights 127 and 1.
  @Test(
    "every accumulator gives the same byte",
    arguments: ListedKernel.of(SWL_OPERATION_convolution), [false, true])
  func everyAccumulatorGivesTheSameByte(kernel: ListedKernel, isRectified: Bool) {
    guard kernel.isRunnable else { return }
    let (channels, height, width) = (16, 256, 256)
    var input: [Int8] = []
    for first in Int8.min ... .max {
      for second in Int8.min ... .max { input += [first, second] }
    }
    let layout = ChannelTableLayout(channels: channels)
    var weights = [Int8](repeating: 0, count: 64)
    var table = [Int32](repeating: 0, count: layout.elementCount)
    var generator = SeededGenerator(for: "fused requantization")
    for channel in 0..<channels {
      (weights[4 * channel], weights[4 * channel + 1]) = (127, 1)
      table[layout.index(.foldedBias, channel: channel)] =
        Int32.random(in: -4_000...4_000, using: &generator)
      table[layout.index(.weightSum, channel: channel)] = 128
      // Some multipliers have ties: powers of two and few bits.
      table[layout.index(.significand, channel: channel)] =
        channel % 4 == 0 ? 1 << 30 + 1 << Int32(16 + channel) : generator.significand()
      table[layout.index(.shift, channel: channel)] = Int32(-8 - channel % 3)
    }
    let zeroPoint: Int32 = isRectified ? -128 : 7
    let shape = Shape([1, height, width, 2]), outputShape = Shape([1, height, width, channels])
    let parameters = WindowCase(height: height, width: width, depth: 2, channels: channels)
      .parameters(ActivationRange(minimum: -128, maximum: 127))
    var output = [Int8](repeating: 0, count: outputShape.elementCount)
    let isFused = output.withUnsafeMutableBufferPointer { output in
      var call = swl_convolution()
      call.window = WindowCase(height: height, width: width, depth: 2, channels: channels).window
      call.activation = swl_activation(
        input_zero_point: 0, output_zero_point: zeroPoint, minimum: -128, maximum: 127)
      call.output = output.baseAddress
      return input.withUnsafeBufferPointer { input in
        weights.withUnsafeBufferPointer { weights in
          table.withUnsafeBufferPointer { table in
            (call.input, call.weights, call.channels) =
              (input.baseAddress, weights.baseAddress, table.baseAddress)
            #expect(swl_prepare_convolution(&call, kernel.kernel.isa))
            kernel.refine(&call)
            kernel.run(&call)
            return call.derived.is_fused
          }
        }
      }
    }
    #expect(isFused == (kernel.kernel.variant == SWL_VARIANT_avx512vnni))

    var expected = [Int8](repeating: 0, count: outputShape.elementCount)
    var view = MutableTensorView(
      elements: expected.mutableSpan, shape: outputShape, zeroPoint: zeroPoint)
    convolution2D(
      TensorView(elements: input.span, shape: shape, zeroPoint: 0), weights: weights.span,
      channels: table.span, parameters: parameters, into: &view)
    expectEqual(output, expected, "rectified: \(isRectified)")
  }
}
