import CKernels
import ModelFormat
import TestSupport
import Testing

@testable import Inference

@Suite("C kernels: convolution")
struct ConvolutionKernelTests {
  @Test(
    "pixel counts below, at and above each tile",
    arguments: ListedKernel.of(SWL_OPERATION_convolution))
  func tiles(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "convolution tiles")
    for pixels in Array(1...27) + [36, 49] {
      for channels in [8, 16, 17, 32, 33, 48] {
        var item = WindowCase(width: pixels, depth: 9, channels: channels)
        check(item, kernel, .usual, using: &generator)
        (item.kernelWidth, item.paddingLeft, item.paddingRight) = (3, 1, 1)
        check(item, kernel, .usual, using: &generator)
      }
    }
  }

  @Test("every remainder of channels", arguments: ListedKernel.of(SWL_OPERATION_convolution))
  func channels(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "convolution channels")
    for depth in Array(1...17) + [31, 64, 65] {
      let item = WindowCase(height: 2, width: 5, depth: depth, channels: depth + 3)
      check(item, kernel, .usual, using: &generator)
    }
    for channels in 1...70 {
      let item = WindowCase(width: 3, depth: 5, channels: channels)
      check(item, kernel, .usual, using: &generator)
    }
  }

  @Test(
    "random windows, multipliers of every kind",
    arguments: ListedKernel.of(SWL_OPERATION_convolution))
  func windows(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "convolution windows")
    for round in 0..<240 {
      let kind = MultiplierKind.allCases[round % 4]
      check(.random(depthwise: false, using: &generator), kernel, kind, using: &generator)
    }
  }

  @Test("rows wider than scratch memory", arguments: ListedKernel.of(SWL_OPERATION_convolution))
  func strips(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "convolution strips")
    var item = WindowCase(height: 4, width: 90, depth: 64, channels: 4)
    (item.kernelHeight, item.kernelWidth) = (3, 3)
    (item.paddingTop, item.paddingLeft, item.paddingRight, item.paddingBottom) = (1, 1, 1, 1)
    check(item, kernel, .usual, using: &generator)
    (item.strideHeight, item.strideWidth) = (2, 2)
    check(item, kernel, .usual, using: &generator)
    item = WindowCase(height: 9, width: 40, depth: 130, channels: 3)
    check(item, kernel, .usual, using: &generator)
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
    let layout = ConvolutionWeightLayout(
      channels: item.channels, window: parameters, inputDepth: item.depth)
    let problem = WeightedProblem(
      channels: item.channels, perChannel: item.kernelHeight * item.kernelWidth * item.depth,
      byteCount: layout.byteCount, inputZeroPoint: inputZeroPoint, kind: kind, using: &generator
    ) { channel, element in
      let (run, index) = element.quotientAndRemainder(dividingBy: layout.runLength)
      return layout.offset(channel: channel, run: run, index: index)
    }
    let startsAtPage = Bool.random(using: &generator)
    let input = FencedElements(
      generator.bytes(item.inputShape.elementCount), startsAtPage: startsAtPage)
    let weights = FencedElements(problem.weights)
    let table = FencedElements(problem.table)
    let output = FencedElements(
      [Int8](repeating: 85, count: item.outputShape.elementCount), startsAtPage: startsAtPage)
    var call = swl_convolution(
      header: swl_call(), window: item.window,
      activation: swl_activation(
        input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
        minimum: range.minimum, maximum: range.maximum),
      input: input.pointer, weights: weights.pointer, channels: table.pointer,
      output: output.pointer, derived: swl_derived())
    #expect(swl_prepare_convolution(&call, kernel.kernel.isa), "\(item)")
    if Bool.random(using: &generator) { kernel.refine(&call) }
    kernel.run(&call)

    var expected = [Int8](repeating: 0, count: item.outputShape.elementCount)
    let elements = input.contents
    var view = MutableTensorView(
      elements: expected.mutableSpan, shape: item.outputShape, zeroPoint: outputZeroPoint)
    convolution2D(
      TensorView(elements: elements.span, shape: item.inputShape, zeroPoint: inputZeroPoint),
      weights: problem.weights.span, channels: problem.table.span, parameters: parameters,
      into: &view)
    expectEqual(output.contents, expected, "\(item), \(kind), narrow: \(call.derived.is_narrow)")
  }
}

extension WindowCase {
  /// Any small window over any small image.
  static func random(
    depthwise: Bool, using generator: inout some RandomNumberGenerator
  ) -> WindowCase {
    var item = WindowCase()
    item.batches = generator.oneOf([1, 1, 2])
    item.height = Int.random(in: 1...12, using: &generator)
    item.width = Int.random(in: 1...20, using: &generator)
    item.kernelHeight = Int.random(in: 1...5, using: &generator)
    item.kernelWidth = Int.random(in: 1...5, using: &generator)
    item.strideHeight = generator.oneOf([1, 1, 2, 3])
    item.strideWidth = generator.oneOf([1, 1, 2, 3])
    item.dilationHeight = generator.oneOf([1, 1, 1, 2, 3])
    item.dilationWidth = generator.oneOf([1, 1, 1, 2, 3])
    item.paddingTop = Int.random(in: 0..<item.kernelHeight, using: &generator)
    item.paddingBottom = Int.random(in: 0..<item.kernelHeight, using: &generator)
    item.paddingLeft = Int.random(in: 0..<item.kernelWidth, using: &generator)
    item.paddingRight = Int.random(in: 0..<item.kernelWidth, using: &generator)
    item.depth = generator.oneOf([1, 2, 3, 4, 5, 8, 12, 16, 20, 32, 33, 64, 80])
    item.channels = Int.random(in: 1...40, using: &generator)
    if depthwise {
      item.depthMultiplier = generator.oneOf([1, 1, 1, 2, 3, 8])
      item.channels = item.depth * item.depthMultiplier
    }
    return item
  }
}
