import FixedPoint
import Foundation
import ModelFormat
import TestSupport
import Testing

@testable import Inference

/// Pools, means, softmax and arg-max against their definitions.
@Suite("Kernels: reductions")
struct KernelReductionTests {
  /// Calls `body` with random windows over random images: the input, the parameters, the output
  /// shape, and for an output position the elements that its window holds.
  private func forEachWindow(
    _ purpose: String,
    _ body: (TestTensor<Int8>, WindowParameters, [Int], ([Int]) -> [Int8]) -> Void
  ) {
    var generator = SeededGenerator(for: purpose)
    for round in 0..<60 {
      let shape = [
        1, Int.random(in: 1...6, using: &generator), Int.random(in: 1...6, using: &generator),
        [1, 3, 16, 17][round % 4],
      ]
      let input = TestTensor.random(shape, using: &generator)
      var window = WindowParameters()
      window.kernelHeight = Int.random(in: 1...8, using: &generator)
      window.kernelWidth = Int.random(in: 1...8, using: &generator)
      window.strideHeight = Int.random(in: 1...4, using: &generator)
      window.strideWidth = Int.random(in: 1...4, using: &generator)
      window.paddingTop = Int.random(in: 0..<window.kernelHeight, using: &generator)
      window.paddingLeft = Int.random(in: 0..<window.kernelWidth, using: &generator)
      window.activation = .random(using: &generator)
      let output = [
        1, (shape[1] + window.strideHeight - 1) / window.strideHeight,
        (shape[2] + window.strideWidth - 1) / window.strideWidth, shape[3],
      ]
      body(input, window, output) { place in
        let top = place[1] * window.strideHeight - window.paddingTop
        let left = place[2] * window.strideWidth - window.paddingLeft
        return input.positions.filter {
          $0[3] == place[3]
            && (top..<top + window.kernelHeight).contains($0[1])
            && (left..<left + window.kernelWidth).contains($0[2])
        }.map { input[$0] }
      }
    }
  }

  @Test("average pools are the real mean of the elements inside, ties away from zero")
  func averagePools() {
    forEachWindow("average pools") { input, window, shape, elements in
      let expected = allPositions(shape).map { place -> Int8 in
        let inside = elements(place)
        let mean = inside.reduce(0.0) { $0 + Double($1) } / Double(max(1, inside.count))
        return window.activation.clamped(Int64(mean.rounded(.toNearestOrAwayFromZero)))
      }
      let output: [Int8] = run(input, to: shape) {
        averagePool2D($0, parameters: window, into: &$1)
      }
      #expect(output == expected)
    }
  }

  @Test("average pool ties go away from zero for either sign")
  func averagePoolTies() {
    var window = WindowParameters()
    (window.kernelHeight, window.kernelWidth) = (1, 2)
    (window.strideHeight, window.strideWidth) = (1, 2)
    window.activation = .int8
    let input = TestTensor<Int8>(shape: [1, 1, 8, 1], elements: [1, 2, -1, -2, 0, -1, 1, 0])
    let output: [Int8] = run(input, to: [1, 1, 4, 1]) {
      averagePool2D($0, parameters: window, into: &$1)
    }
    #expect(output == [2, -2, -1, 1])
  }

  @Test("maximum pools are the largest element inside")
  func maximumPools() {
    forEachWindow("maximum pools") { input, window, shape, elements in
      let expected = allPositions(shape).map {
        window.activation.clamped(Int64(elements($0).max() ?? .min))
      }
      let output: [Int8] = run(input, to: shape) { maxPool2D($0, parameters: window, into: &$1) }
      #expect(output == expected)
    }
  }

  @Test("windows wholly outside the input give a number and do not trap")
  func windowsOutside() {
    var window = WindowParameters()
    (window.kernelHeight, window.kernelWidth) = (2, 2)
    (window.strideHeight, window.strideWidth) = (100, 100)
    (window.paddingTop, window.paddingLeft) = (50, 50)
    window.activation = .int8
    let input = TestTensor<Int8>(shape: [1, 2, 2, 1], elements: [1, 2, 3, 4])
    let averages: [Int8] = run(input, to: [1, 2, 2, 1]) {
      averagePool2D($0, parameters: window, into: &$1)
    }
    #expect(averages == [0, 0, 0, 0])
    let maxima: [Int8] = run(input, to: [1, 2, 2, 1]) {
      maxPool2D($0, parameters: window, into: &$1)
    }
    #expect(maxima == [-128, -128, -128, -128])
  }

  @Test("means over every set of axes match exact arithmetic")
  func means() {
    var generator = SeededGenerator(for: "means")
    for shape in [[5], [4, 3], [1, 7, 1, 5], [2, 3, 4, 5], [2, 1, 3, 2, 2, 3]] {
      for axes in 0..<(1 << shape.count) {
        let input = TestTensor.random(shape, using: &generator)
        let isAveraged = shape.indices.map { axes >> $0 & 1 == 1 }
        let count = zip(shape, isAveraged).reduce(1) { $1.1 ? $0 * $1.0 : $0 }
        let factor = QuantizedMultiplier(
          meanOf: count, inputScale: Float.random(in: 0.1...1, using: &generator),
          outputScale: Float.random(in: 0.1...1, using: &generator))
        var parameters = MeanParameters()
        parameters.multiplier = MultiplierWords(
          significand: factor.significand, shift: factor.shift)
        parameters.axes = UInt32(axes)
        let zeroPoint = Int32.random(in: -128...127, using: &generator)
        let kept = zip(shape, isAveraged).map { $1 ? 1 : $0 }
        let expected = allPositions(kept).map { place -> Int8 in
          let members = input.positions.filter { position in
            shape.indices.allSatisfy { isAveraged[$0] || position[$0] == place[$0] }
          }
          let sum = members.reduce(Int64(0)) { $0 + Int64(input[$1]) - Int64(input.zeroPoint) }
          return ActivationRange.int8.clamped(
            exactlyRescaled(sum, parameters.multiplier) + Int64(zeroPoint))
        }
        let dropped = zip(shape, isAveraged).filter { !$1 }.map(\.0)
        for outputShape in [kept, dropped] {
          let output: [Int8] = run(input, to: outputShape, zeroPoint: zeroPoint) {
            mean($0, parameters: parameters, into: &$1)
          }
          #expect(output == expected, "\(shape), axes \(axes)")
        }
      }
    }
  }

  @Test("softmax rows are within one step of the real ones and independent of each other")
  func softmaxRows() throws {
    var generator = SeededGenerator(for: "softmax")
    for depth in [1, 2, 4, 12, 100] {
      let scale = Float.random(in: 0.01...0.3, using: &generator)
      let input = TestTensor.random([3, depth], using: &generator)
      let scaling = try #require(SoftmaxScaling(inputScale: scale, beta: 1))
      var parameters = SoftmaxParameters()
      parameters.multiplier = MultiplierWords(
        significand: scaling.multiplier.significand, shift: scaling.multiplier.shift)
      parameters.smallestDifference = scaling.smallestDifference
      let output: [Int8] = run(input, to: [3, depth]) {
        softmax($0, parameters: parameters, into: &$1)
      }
      for row in 0..<3 {
        let values = (0..<depth).map { exp(Double(input[[row, $0]]) * Double(scale)) }
        let sum = values.reduce(0, +)
        for column in 0..<depth {
          let exact = min(127, values[column] / sum * 256 - 128)
          #expect(abs(Double(output[row * depth + column]) - exact) <= 1)
        }
        let alone: [Int8] = run(
          TestTensor(shape: [depth], elements: (0..<depth).map { input[[row, $0]] }), to: [depth]
        ) { softmax($0, parameters: parameters, into: &$1) }
        #expect(alone == Array(output[row * depth..<(row + 1) * depth]))
      }
    }
  }

  @Test("softmax of any words and depths does not trap")
  func hostileSoftmax() {
    var generator = SeededGenerator(for: "hostile softmax")
    for depth in [1, 511, 512, 9_000] {
      let input = TestTensor<Int8>(
        shape: [depth],
        elements: (0..<depth).map { _ in Bool.random(using: &generator) ? 127 : 126 })
      for _ in 0..<10 {
        var parameters = SoftmaxParameters()
        parameters.multiplier = MultiplierWords(
          significand: Int32(truncatingIfNeeded: generator.next()),
          shift: Int32.random(in: -31...30, using: &generator))
        parameters.smallestDifference = Int32(truncatingIfNeeded: generator.next())
        _ = run(input, to: [depth]) { softmax($0, parameters: parameters, into: &$1) } as [Int8]
      }
    }
  }

  @Test("arg-max gives the first of equal maxima along any axis")
  func argMaxima() {
    var generator = SeededGenerator(for: "arg-max")
    for shape in [[1], [9], [3, 4], [2, 3, 4], [1, 2, 2, 3]] {
      for axis in shape.indices {
        var input = TestTensor.random(shape, using: &generator)
        for index in input.elements.indices { input.elements[index] >>= 6 }  // Many equals.
        var others = shape
        others.remove(at: axis)
        let expected = allPositions(others).map { place -> Int in
          let line = (0..<shape[axis]).map { index -> Int8 in
            var position = place
            position.insert(index, at: axis)
            return input[position]
          }
          return line.firstIndex(of: line.max() ?? 0) ?? -1
        }
        let narrow: [Int32] = run(input, to: others) { argMax($0, axis: axis, into: &$1) }
        let wide: [Int64] = run(input, to: others) { argMax($0, axis: axis, into: &$1) }
        #expect(narrow.map(Int.init) == expected)
        #expect(wide.map(Int.init) == expected)
      }
    }
    let lowest = TestTensor<Int8>(shape: [3], elements: [-128, -128, -128])
    let first: [Int32] = run(lowest, to: []) { argMax($0, axis: 0, into: &$1) }
    #expect(first == [0])
  }
}
