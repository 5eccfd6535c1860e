import CKernels
import ModelFormat
import TestSupport
import Testing

@testable import Inference

@Suite("C kernels: fully connected")
struct FullyConnectedKernelTests {
  @Test(
    "every remainder of depth and channels",
    arguments: ListedKernel.of(SWL_OPERATION_fully_connected))
  func remainders(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "fully connected")
    for channels in [1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 80, 128, 130] {
      for depth in Array(1...18) + [31, 64, 67] {
        check(rows: 1, depth: depth, channels: channels, kernel, .usual, using: &generator)
      }
    }
    for rows in 1...14 {
      check(rows: rows, depth: 21, channels: 19, kernel, .usual, using: &generator)
    }
  }

  @Test(
    "multipliers of every kind", arguments: ListedKernel.of(SWL_OPERATION_fully_connected),
    MultiplierKind.allCases)
  func multipliers(kernel: ListedKernel, kind: MultiplierKind) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "fully connected \(kind)")
    for rows in 1...3 {
      for _ in 0..<20 {
        check(rows: rows, depth: 40, channels: 35, kernel, kind, using: &generator)
      }
    }
  }

  @Test(
    "inputs longer than scratch memory", arguments: ListedKernel.of(SWL_OPERATION_fully_connected))
  func long(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "fully connected, long")
    for rows in 1...2 {
      check(rows: rows, depth: 20_001, channels: 3, kernel, .usual, using: &generator)
    }
  }

  private func check(
    rows: Int, depth: Int, channels: Int, _ kernel: ListedKernel, _ kind: MultiplierKind,
    using generator: inout some RandomNumberGenerator
  ) {
    let range = generator.range()
    let (inputZeroPoint, outputZeroPoint) = (generator.zeroPoint(), generator.zeroPoint())
    let layout = ConvolutionWeightLayout(channels: channels, depth: depth)
    let problem = WeightedProblem(
      channels: channels, perChannel: depth, byteCount: layout.byteCount,
      inputZeroPoint: inputZeroPoint, kind: kind, using: &generator
    ) { channel, index in layout.offset(channel: channel, run: 0, index: index) }
    let input = FencedElements(generator.bytes(rows * depth))
    let weights = FencedElements(problem.weights)
    let table = FencedElements(problem.table)
    let output = FencedElements([Int8](repeating: 85, count: rows * channels))
    var call = swl_fully_connected(
      header: swl_call(), rows: Int32(rows), depth: Int32(depth), output_depth: Int32(channels),
      activation: swl_activation(
        input_zero_point: inputZeroPoint, output_zero_point: outputZeroPoint,
        minimum: range.minimum, maximum: range.maximum),
      input: input.pointer, weights: weights.pointer, channels: table.pointer,
      output: output.pointer, derived: swl_derived())
    #expect(swl_prepare_fully_connected(&call, kernel.kernel.isa))
    kernel.run(&call)

    var expected = [Int8](repeating: 0, count: rows * channels)
    var parameters = FullyConnectedParameters()
    parameters.activation = range
    let elements = input.contents
    var view = MutableTensorView(
      elements: expected.mutableSpan, shape: Shape([rows, channels]), zeroPoint: outputZeroPoint)
    fullyConnected(
      TensorView(elements: elements.span, shape: Shape([rows, depth]), zeroPoint: inputZeroPoint),
      weights: problem.weights.span, channels: problem.table.span, parameters: parameters,
      into: &view)
    expectEqual(
      output.contents, expected,
      "\(rows) × \(depth) → \(channels), \(kind), narrow: \(call.derived.is_narrow)")
  }
}
