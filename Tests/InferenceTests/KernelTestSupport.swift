import ModelFormat

@testable import Inference

/// A tensor as the kernel tests hold it.
struct TestTensor<Element: BitwiseCopyable> {
  var shape: [Int]
  var elements: [Element]
  var zeroPoint: Int32 = 0
  var scale: Float = 1

  /// The element at a position, one index an axis.
  subscript(position: [Int]) -> Element {
    elements[zip(position, shape).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// All positions, row-major.
  var positions: [[Int]] { allPositions(shape) }
}

/// All positions of a tensor of the given shape, row-major.
func allPositions(_ shape: [Int]) -> [[Int]] {
  shape.reduce([[]]) { prefixes, size in
    prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } }
  }
}

extension Shape {
  init(_ dimensions: [Int]) {
    self.init()
    for dimension in dimensions { append(dimension) }
  }
}

extension TestTensor where Element == Int8 {
  /// Random bytes with a random zero point; the extremes come up often.
  static func random(
    _ shape: [Int], using generator: inout some RandomNumberGenerator
  ) -> TestTensor {
    let extremes: [Int32] = [-128, 127, 0]
    return TestTensor(
      shape: shape,
      elements: (0..<shape.reduce(1, *)).map { _ in
        Bool.random(using: &generator)
          ? Int8.random(in: .min ... .max, using: &generator)
          : [Int8.min, .max].randomElement(using: &generator) ?? 0
      },
      zeroPoint: Bool.random(using: &generator)
        ? Int32.random(in: -128...127, using: &generator)
        : extremes.randomElement(using: &generator) ?? 0)
  }
}

/// Runs a kernel of one input.
func run<Input: BitwiseCopyable, Output: BitwiseCopyable & ExpressibleByIntegerLiteral>(
  _ input: TestTensor<Input>, to shape: [Int], zeroPoint: Int32 = 0, scale: Float = 1,
  _ kernel: (borrowing TensorView<Input>, inout MutableTensorView<Output>) -> Void
) -> [Output] {
  // Filled with something that a kernel must overwrite.
  var output = [Output](repeating: 85, count: shape.reduce(1, *))
  var view = MutableTensorView(
    elements: output.mutableSpan, shape: Shape(shape), zeroPoint: zeroPoint, scale: scale)
  kernel(
    TensorView(
      elements: input.elements.span, shape: Shape(input.shape), zeroPoint: input.zeroPoint,
      scale: input.scale),
    &view)
  return output
}

/// Runs a kernel of two int8 inputs.
func run(
  _ first: TestTensor<Int8>, _ second: TestTensor<Int8>, to shape: [Int], zeroPoint: Int32 = 0,
  _ kernel: (
    borrowing TensorView<Int8>, borrowing TensorView<Int8>, inout MutableTensorView<Int8>
  ) -> Void
) -> [Int8] {
  run(first, to: shape, zeroPoint: zeroPoint) { view, output in
    kernel(
      view,
      TensorView(
        elements: second.elements.span, shape: Shape(second.shape), zeroPoint: second.zeroPoint),
      &output)
  }
}

/// `value × significand × 2^(shift − 31)` with its two roundings in exact arithmetic: first to the
/// nearest integer with ties upward, then, for a right shift, with ties away from zero.
func exactlyRescaled(_ value: Int64, _ multiplier: MultiplierWords) -> Int64 {
  let raised = Int128(value) << Int128(max(multiplier.shift, 0))
  let product = 2 * raised * Int128(multiplier.significand) + (1 << 31)
  let remainder = ((product % (1 << 32)) + (1 << 32)) % (1 << 32)
  let high = (product - remainder) / (1 << 32)
  let divisor = Int128(1) << Int128(max(-multiplier.shift, 0))
  let magnitude = (2 * Int128(high.magnitude) + divisor) / (2 * divisor)
  return Int64(high < 0 ? -magnitude : magnitude)
}

extension ActivationRange {
  static let int8 = ActivationRange(minimum: -128, maximum: 127)

  static func random(using generator: inout some RandomNumberGenerator) -> ActivationRange {
    guard Bool.random(using: &generator) else { return .int8 }
    let ends = [0, 1].map { _ in Int32.random(in: -128...127, using: &generator) }
    return ActivationRange(minimum: ends.min() ?? 0, maximum: ends.max() ?? 0)
  }

  func clamped(_ value: Int64) -> Int8 {
    Int8(min(max(value, Int64(minimum)), Int64(maximum)))
  }
}

extension MultiplierWords {
  /// A multiplier between 2^`lowest` and 2^(`highest` + 1).
  static func random(
    _ lowest: Int32, _ highest: Int32, using generator: inout some RandomNumberGenerator
  ) -> MultiplierWords {
    MultiplierWords(
      significand: Int32.random(in: 1 << 30 ... .max, using: &generator),
      shift: Int32.random(in: lowest + 1...highest + 1, using: &generator))
  }
}
