import ModelFormat
import TestSupport
import Testing

@testable import Inference

/// Element-wise operators of two tensors against exact arithmetic on explicitly broadcast indices.
@Suite("Kernels: element-wise")
struct KernelElementwiseTests {
  /// First, second and output shape.
  static let shapes: [([Int], [Int], [Int])] = [
    ([], [], []),
    ([1], [], [1]),
    ([17], [17], [17]),
    ([2, 3, 5], [2, 3, 5], [2, 3, 5]),
    ([2, 3, 5], [5], [2, 3, 5]),
    ([5], [2, 3, 5], [2, 3, 5]),
    ([2, 3, 5], [3, 1], [2, 3, 5]),
    ([2, 1, 5], [3, 1], [2, 3, 5]),
    ([1, 4, 4, 8], [1, 1, 1, 8], [1, 4, 4, 8]),
    ([1, 4, 4, 8], [1, 4, 4, 1], [1, 4, 4, 8]),
    ([2, 1, 3, 1, 2, 1], [1, 2, 1, 2, 1, 3], [2, 2, 3, 2, 2, 3]),
    ([], [2, 2], [2, 2]),
    ([1, 1, 1], [4], [1, 1, 4]),
  ]

  private func value(
    _ tensor: TestTensor<Int8>, broadcastTo place: [Int]
  ) -> Int8 {
    let aligned = place.suffix(tensor.shape.count)
    return tensor[zip(aligned, tensor.shape).map { $1 == 1 ? 0 : $0 }]
  }

  private func check(
    _ name: String,
    exact: (Int8, Int8, TestTensor<Int8>, TestTensor<Int8>, ElementwiseParameters, Int32) -> Int8,
    kernel: (
      borrowing TensorView<Int8>, borrowing TensorView<Int8>, ElementwiseParameters,
      inout MutableTensorView<Int8>
    ) -> Void
  ) {
    var generator = SeededGenerator(for: name)
    for (firstShape, secondShape, outputShape) in Self.shapes {
      let first = TestTensor.random(firstShape, using: &generator)
      let second = TestTensor.random(secondShape, using: &generator)
      var parameters = ElementwiseParameters()
      parameters.first = .random(-4, -2, using: &generator)
      parameters.second = .random(-4, -2, using: &generator)
      parameters.output =
        name == "multiply"
        ? .random(-16, 2, using: &generator) : .random(-22, -16, using: &generator)
      parameters.leftShift = 20
      parameters.activation = .random(using: &generator)
      let zeroPoint = Int32.random(in: -128...127, using: &generator)
      let expected = allPositions(outputShape).map { place in
        exact(
          value(first, broadcastTo: place), value(second, broadcastTo: place), first, second,
          parameters, zeroPoint)
      }
      let output = run(first, second, to: outputShape, zeroPoint: zeroPoint) {
        kernel($0, $1, parameters, &$2)
      }
      #expect(output == expected, "\(name): \(firstShape), \(secondShape)")
    }
  }

  private func scaled(
    _ value: Int8, _ tensor: TestTensor<Int8>, _ multiplier: MultiplierWords
  ) -> Int64 {
    exactlyRescaled((Int64(value) - Int64(tensor.zeroPoint)) * 1_048_576, multiplier)
  }

  @Test("sums match exact arithmetic, with broadcasting")
  func sums() {
    check(
      "add",
      exact: { left, right, first, second, parameters, zeroPoint in
        let sum =
          scaled(left, first, parameters.first) + scaled(right, second, parameters.second)
        return parameters.activation.clamped(
          exactlyRescaled(sum, parameters.output) + Int64(zeroPoint))
      },
      kernel: { add($0, $1, parameters: $2, into: &$3) })
  }

  @Test("differences match exact arithmetic, with broadcasting")
  func differences() {
    check(
      "subtract",
      exact: { left, right, first, second, parameters, zeroPoint in
        let difference =
          scaled(left, first, parameters.first) - scaled(right, second, parameters.second)
        return parameters.activation.clamped(
          exactlyRescaled(difference, parameters.output) + Int64(zeroPoint))
      },
      kernel: { subtract($0, $1, parameters: $2, into: &$3) })
  }

  @Test("products match exact arithmetic, with broadcasting")
  func products() {
    check(
      "multiply",
      exact: { left, right, first, second, parameters, zeroPoint in
        let product =
          (Int64(left) - Int64(first.zeroPoint)) * (Int64(right) - Int64(second.zeroPoint))
        return parameters.activation.clamped(
          exactlyRescaled(product, parameters.output) + Int64(zeroPoint))
      },
      kernel: { multiply($0, $1, parameters: $2, into: &$3) })
  }

  @Test("maxima and minima compare the stored numbers, whatever their zero points")
  func extrema() {
    check(
      "maximum", exact: { left, right, _, _, _, _ in max(left, right) },
      kernel: { maximum($0, $1, parameters: $2, into: &$3) })
    check(
      "minimum", exact: { left, right, _, _, _, _ in min(left, right) },
      kernel: { minimum($0, $1, parameters: $2, into: &$3) })
  }

  @Test("words out of any sane model wrap and do not trap")
  func hostileWords() {
    var generator = SeededGenerator(for: "hostile element-wise parameters")
    for _ in 0..<200 {
      let first = TestTensor.random([3, 4], using: &generator)
      let second = TestTensor.random([4], using: &generator)
      var parameters = ElementwiseParameters()
      for index in 0..<6 { parameters.words[index] = Int32(truncatingIfNeeded: generator.next()) }
      parameters.leftShift = Int.random(in: 0...31, using: &generator)
      parameters.activation = .int8
      _ = run(first, second, to: [3, 4], zeroPoint: -128) {
        add($0, $1, parameters: parameters, into: &$2)
        subtract($0, $1, parameters: parameters, into: &$2)
        multiply($0, $1, parameters: parameters, into: &$2)
      }
    }
  }
}
