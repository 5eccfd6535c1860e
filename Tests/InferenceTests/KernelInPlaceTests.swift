import ModelFormat
import TestSupport
import Testing

@testable import Inference

/// Operators whose output takes the place of an input give the bytes they give elsewhere.
@Suite("Kernels: in place")
struct KernelInPlaceTests {
  /// Runs a kernel into a fresh output and over its own input; both must agree.
  private func check<Element: FixedWidthInteger & BitwiseCopyable>(
    _ input: TestTensor<Element>,
    _ kernel: (borrowing TensorView<Element>, inout MutableTensorView<Element>) -> Void
  ) {
    let apart: [Element] = run(input, to: input.shape, zeroPoint: 3, kernel)
    var shared = input.elements
    shared.withUnsafeMutableBufferPointer { buffer in
      // Both views are of this buffer, as the engine's are of the arena; they end with the closure.
      let elements = Span(_unsafeElements: UnsafeBufferPointer(buffer))
      var view = MutableTensorView(
        elements: MutableSpan(_unsafeElements: buffer), shape: Shape(input.shape), zeroPoint: 3)
      kernel(
        TensorView(elements: elements, shape: Shape(input.shape), zeroPoint: input.zeroPoint), &view
      )
    }
    #expect(shared == apart)
  }

  @Test("tables, copies and softmax")
  func unary() {
    var generator = SeededGenerator(for: "in place, one input")
    let table = (0..<256).map { UInt8(truncatingIfNeeded: 255 - $0) }
    check(TestTensor<UInt8>(shape: [4, 64], elements: (0...255).map { UInt8($0) })) {
      lookup($0, table: table.span, into: &$1)
    }
    check(TestTensor.random([5, 5], using: &generator)) { copy($0, into: &$1) }
    var parameters = SoftmaxParameters()
    parameters.multiplier = MultiplierWords(significand: 1 << 30, shift: 22)
    parameters.smallestDifference = -400
    check(TestTensor.random([7, 9], using: &generator)) {
      softmax($0, parameters: parameters, into: &$1)
    }
  }

  @Test("element-wise operators over either input, the other broadcast or of the same shape")
  func binary() {
    var generator = SeededGenerator(for: "in place, two inputs")
    var parameters = ElementwiseParameters()
    parameters.first = MultiplierWords(significand: 1 << 30, shift: 0)
    parameters.second = MultiplierWords(significand: 3 << 29, shift: -1)
    parameters.output = MultiplierWords(significand: 5 << 28, shift: -17)
    parameters.leftShift = 20
    parameters.activation = .int8
    for shape in [[4, 6], [6], [1], [4, 1]] {
      let other = TestTensor.random(shape, using: &generator)
      let input = TestTensor.random([4, 6], using: &generator)
      check(input) {
        let second = TensorView(
          elements: other.elements.span, shape: Shape(shape), zeroPoint: other.zeroPoint)
        add($0, second, parameters: parameters, into: &$1)
      }
      check(input) {
        let first = TensorView(
          elements: other.elements.span, shape: Shape(shape), zeroPoint: other.zeroPoint)
        subtract(first, $0, parameters: parameters, into: &$1)
      }
      check(input) {
        let second = TensorView(
          elements: other.elements.span, shape: Shape(shape), zeroPoint: other.zeroPoint)
        maximum($0, second, parameters: parameters, into: &$1)
      }
    }
    // Both inputs are the same tensor.
    check(TestTensor.random([4, 6], using: &generator)) {
      add($0, $0, parameters: parameters, into: &$1)
    }
  }
}
