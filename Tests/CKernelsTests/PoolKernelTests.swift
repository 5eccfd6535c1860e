import CKernels
import ModelFormat
import TestSupport
import Testing

@testable import Inference

@Suite("C kernels: pools and means")
struct PoolKernelTests {
  @Test("average pools", arguments: ListedKernel.of(SWL_OPERATION_average_pool))
  func averagePools(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "average pools")
    for item in WindowCase.pools(using: &generator) {
      check(item, kernel, prepare: swl_prepare_average_pool, using: &generator) {
        averagePool2D($0, parameters: $1, into: &$2)
      }
    }
  }

  @Test("maximum pools", arguments: ListedKernel.of(SWL_OPERATION_max_pool))
  func maxPools(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "maximum pools")
    for item in WindowCase.pools(using: &generator) {
      check(item, kernel, prepare: swl_prepare_max_pool, using: &generator) {
        maxPool2D($0, parameters: $1, into: &$2)
      }
    }
  }

  @Test(
    "averages of every count, extremes included",
    arguments: ListedKernel.of(SWL_OPERATION_average_pool))
  func divisions(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "divisions")
    for count in 1...360 {
      let item = WindowCase(width: count, depth: 16, channels: 16, kernelWidth: count)
      check(item, kernel, prepare: swl_prepare_average_pool, using: &generator) {
        averagePool2D($0, parameters: $1, into: &$2)
      }
    }
  }

  @Test("means", arguments: ListedKernel.of(SWL_OPERATION_mean))
  func means(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "means")
    for inner in [1, 2, 15, 16, 17, 31, 32, 33, 64, 65] {
      for count in [1, 2, 3, 9, 49, 64, 100] {
        for outer in 1...2 {
          let input = FencedElements(generator.bytes(outer * count * inner))
          let output = FencedElements([Int8](repeating: 85, count: outer * inner))
          let (inputZeroPoint, outputZeroPoint) = (generator.zeroPoint(), generator.zeroPoint())
          var parameters = MeanParameters()
          parameters.multiplier = MultiplierWords(
            significand: generator.significand(),
            shift: Int32.random(in: -12...0, using: &generator))
          parameters.axes = 0b010
          var call = swl_mean(
            header: swl_call(), outer: Int32(outer), count: Int32(count), inner: Int32(inner),
            input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
            multiplier: swl_multiplier(
              significand: parameters.multiplier.significand, shift: parameters.multiplier.shift),
            input: input.pointer, output: output.pointer)
          #expect(swl_prepare_mean(&call, kernel.kernel.isa))
          kernel.run(&call)

          var expected = [Int8](repeating: 0, count: outer * inner)
          let elements = input.contents
          var view = MutableTensorView(
            elements: expected.mutableSpan, shape: Shape([outer, inner]),
            zeroPoint: outputZeroPoint)
          mean(
            TensorView(
              elements: elements.span, shape: Shape([outer, count, inner]),
              zeroPoint: inputZeroPoint),
            parameters: parameters, into: &view)
          expectEqual(output.contents, expected, "\(outer) × \(count) × \(inner)")
        }
      }
    }
  }

  private func check(
    _ item: WindowCase, _ kernel: ListedKernel,
    prepare: (UnsafeMutablePointer<swl_pool>, swl_isa) -> Bool,
    using generator: inout some RandomNumberGenerator,
    reference: (
      borrowing TensorView<Int8>, WindowParameters, inout MutableTensorView<Int8>
    ) -> Void
  ) {
    let range = generator.range()
    let input = FencedElements(generator.bytes(item.inputShape.elementCount))
    let output = FencedElements([Int8](repeating: 85, count: item.outputShape.elementCount))
    var call = swl_pool(
      header: swl_call(), window: item.window,
      activation: swl_activation(
        input_zero_point: 0, output_zero_point: 0, minimum: range.minimum, maximum: range.maximum),
      input: input.pointer, output: output.pointer)
    #expect(prepare(&call, kernel.kernel.isa))
    kernel.run(&call)

    var expected = [Int8](repeating: 0, count: item.outputShape.elementCount)
    let elements = input.contents
    var view = MutableTensorView(elements: expected.mutableSpan, shape: item.outputShape)
    reference(
      TensorView(elements: elements.span, shape: item.inputShape), item.parameters(range), &view)
    expectEqual(output.contents, expected, "\(item)")
  }
}

extension WindowCase {
  /// Pools over images with every remainder of channels.
  static func pools(using generator: inout some RandomNumberGenerator) -> [WindowCase] {
    (0..<150).map { _ in
      var item = WindowCase.random(depthwise: false, using: &generator)
      (item.dilationHeight, item.dilationWidth) = (1, 1)
      item.depth = generator.oneOf([1, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 128, 130])
      item.channels = item.depth
      item.fit()
      return item
    }
  }
}
