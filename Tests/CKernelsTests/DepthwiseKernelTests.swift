import CKernels
import ModelFormat
import TestSupport
import Testing

@testable import Inference

@Suite("C kernels: depthwise convolution")
struct DepthwiseKernelTests {
  @Test("every number of channels", arguments: ListedKernel.of(SWL_OPERATION_depthwise))
  func channels(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "depthwise channels")
    for depth in Array(1...68) + [96, 127, 128, 129, 144] {
      var item = WindowCase(height: 3, width: 4, depth: depth, channels: depth)
      (item.kernelHeight, item.kernelWidth) = (3, 3)
      (item.paddingTop, item.paddingLeft, item.paddingRight, item.paddingBottom) = (1, 1, 1, 1)
      check(item, kernel, .usual, using: &generator)
    }
  }

  @Test(
    "several pixels in a vector, every remainder",
    arguments: ListedKernel.of(SWL_OPERATION_depthwise))
  func flat(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "depthwise flat")
    for depth in [1, 2, 4, 8, 16, 32] {
      for width in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 65, 130] where width * depth < 300 {
        for stride in 1...3 {
          var item = WindowCase(height: 5, width: width * stride, depth: depth, channels: depth)
          (item.kernelHeight, item.kernelWidth) = (3, 3)
          (item.strideHeight, item.strideWidth) = (stride, stride)
          (item.paddingTop, item.paddingLeft, item.paddingRight) = (1, 1, 1)
          check(item, kernel, .usual, using: &generator)
        }
      }
    }
  }

  @Test(
    "random windows, multipliers of every kind", arguments: ListedKernel.of(SWL_OPERATION_depthwise)
  )
  func windows(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "depthwise windows")
    for round in 0..<400 {
      let kind = MultiplierKind.allCases[round % 4]
      check(.random(depthwise: true, using: &generator), kernel, kind, using: &generator)
    }
  }

  @Test(
    "tall and wide kernels, rows wider than scratch memory",
    arguments: ListedKernel.of(SWL_OPERATION_depthwise))
  func large(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "depthwise large")
    for (height, width) in [(15, 1), (10, 1), (1, 31), (7, 7), (8, 3), (30, 3)] {
      var item = WindowCase(height: 33, width: 33, depth: 20, channels: 20)
      (item.kernelHeight, item.kernelWidth) = (height, width)
      check(item, kernel, .usual, using: &generator)
    }
    for stride in [1, 2] {
      var item = WindowCase(height: 5, width: 150, depth: 70, channels: 70)
      (item.kernelHeight, item.kernelWidth) = (3, 3)
      (item.strideHeight, item.strideWidth) = (stride, stride)
      (item.paddingTop, item.paddingLeft, item.paddingRight) = (1, 1, 1)
      check(item, kernel, .usual, using: &generator)
    }
  }

  private func check(
    _ item: WindowCase, _ kernel: ListedKernel, _ kind: MultiplierKind,
    using generator: inout some RandomNumberGenerator
  ) {
    var item = item
    item.fit()
    let range = generator.range()
    let (inputZeroPoint, outputZeroPoint) = (generator.zeroPoint(), generator.zeroPoint())
    let parameters = item.parameters(range)
    let taps = item.kernelHeight * item.kernelWidth
    let layout = DepthwiseWeightLayout(channels: item.channels, tapCount: taps)
    let problem = WeightedProblem(
      channels: item.channels, perChannel: taps, byteCount: layout.byteCount,
      inputZeroPoint: inputZeroPoint, kind: kind, using: &generator
    ) { channel, tap in layout.offset(channel: channel, tap: tap) }
    let startsAtPage = Bool.random(using: &generator)
    let input = FencedElements(
      generator.bytes(item.inputShape.elementCount), startsAtPage: startsAtPage)
    let weights = FencedElements(problem.weights)
    let table = FencedElements(problem.table)
    let output = FencedElements(
      [Int8](repeating: 85, count: item.outputShape.elementCount), startsAtPage: startsAtPage)
    var call = swl_depthwise(
      header: swl_call(), window: item.window,
      activation: swl_activation(
        input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
        minimum: range.minimum, maximum: range.maximum),
      input: input.pointer, weights: weights.pointer, channels: table.pointer,
      output: output.pointer, derived: swl_derived())
    #expect(swl_prepare_depthwise(&call, kernel.kernel.isa), "\(item)")
    if Bool.random(using: &generator) { kernel.refine(&call) }
    kernel.run(&call)

    var expected = [Int8](repeating: 0, count: item.outputShape.elementCount)
    let elements = input.contents
    var view = MutableTensorView(
      elements: expected.mutableSpan, shape: item.outputShape, zeroPoint: outputZeroPoint)
    depthwiseConvolution2D(
      TensorView(elements: elements.span, shape: item.inputShape, zeroPoint: inputZeroPoint),
      weights: problem.weights.span, channels: problem.table.span, parameters: parameters,
      into: &view)
    expectEqual(output.contents, expected, "\(item), \(kind), narrow: \(call.derived.is_narrow)")
  }
}
