import ModelFormat
import TestSupport
import Testing

@testable import Inference

/// Operators that move elements, tables and conversions of type, against index arithmetic.
@Suite("Kernels: movement and conversion")
struct KernelMovementTests {
  /// A tensor whose elements tell their own place.
  private func counted(_ shape: [Int]) -> TestTensor<Int32> {
    TestTensor(shape: shape, elements: (0..<Int32(shape.reduce(1, *))).map { $0 })
  }

  private func permutations(_ axes: [Int]) -> [[Int]] {
    guard axes.count > 1 else { return [axes] }
    return axes.flatMap { first in
      permutations(axes.filter { $0 != first }).map { [first] + $0 }
    }
  }

  @Test("transposes of every permutation up to rank 5")
  func transposes() {
    for shape in [[], [3], [2, 3], [2, 3, 4], [1, 3, 1, 2], [2, 3, 1, 2, 2]] {
      for permutation in permutations(Array(shape.indices)) {
        let input = counted(shape)
        let outputShape = permutation.map { shape[$0] }
        var parameters = TransposeParameters()
        for (axis, source) in permutation.enumerated() { parameters[source: axis] = source }
        let expected = allPositions(outputShape).map { place -> Int32 in
          var position = place
          for (axis, source) in permutation.enumerated() { position[source] = place[axis] }
          return input[position]
        }
        let output: [Int32] = run(input, to: outputShape) {
          transpose($0, parameters: parameters, into: &$1)
        }
        #expect(output == expected, "\(shape) by \(permutation)")
      }
    }
  }

  @Test("slices with steps of either sign")
  func slices() {
    var generator = SeededGenerator(for: "slices")
    for _ in 0..<200 {
      let rank = Int.random(in: 0...6, using: &generator)
      let shape = (0..<rank).map { _ in Int.random(in: 1...5, using: &generator) }
      let input = counted(shape)
      var parameters = SliceParameters()
      var picks: [[Int]] = []
      for axis in 0..<rank {
        let begin = Int.random(in: 0..<shape[axis], using: &generator)
        let step = [-3, -2, -1, 1, 2, 3].randomElement(using: &generator) ?? 1
        let last = step > 0 ? shape[axis] - 1 - begin : begin
        let size = Int.random(in: 1...last / abs(step) + 1, using: &generator)
        parameters[begin: axis] = begin
        // A step that is never taken may be anything.
        parameters[step: axis] = size == 1 ? Int(Int32.min) : step
        parameters[size: axis] = size
        picks.append((0..<size).map { begin + $0 * step })
      }
      let sizes = picks.map(\.count)
      let expected = allPositions(sizes).map { place in
        input[place.enumerated().map { picks[$0.offset][$0.element] }]
      }
      // Axes of one element may be dropped from the output.
      let output: [Int32] = run(input, to: sizes.filter { $0 > 1 }) {
        slice($0, parameters: parameters, into: &$1)
      }
      #expect(output == expected, "\(shape)")
    }
  }

  @Test("pads put the value around the input")
  func pads() {
    var generator = SeededGenerator(for: "pads")
    for rank in 0...6 {
      for _ in 0..<10 {
        let shape = (0..<rank).map { _ in Int.random(in: 1...3, using: &generator) }
        let before = shape.map { _ in Int.random(in: 0...2, using: &generator) }
        let after = shape.map { _ in Int.random(in: 0...2, using: &generator) }
        let input = TestTensor.random(shape, using: &generator)
        var parameters = PadParameters()
        for axis in 0..<rank { parameters[before: axis] = before[axis] }
        parameters.value = Int32.random(in: -128...127, using: &generator)
        let outputShape = shape.indices.map { before[$0] + shape[$0] + after[$0] }
        let expected = allPositions(outputShape).map { place -> Int8 in
          let position = place.indices.map { place[$0] - before[$0] }
          return position.indices.allSatisfy { (0..<shape[$0]).contains(position[$0]) }
            ? input[position] : Int8(parameters.value)
        }
        let output: [Int8] = run(input, to: outputShape) {
          pad($0, parameters: parameters, into: &$1)
        }
        #expect(output == expected, "\(shape), \(before), \(after)")
      }
    }
  }

  @Test("concatenations along every axis")
  func concatenations() {
    var generator = SeededGenerator(for: "concatenations")
    for shape in [[1], [2, 3], [2, 3, 4], [1, 2, 2, 3]] {
      for axis in shape.indices {
        let parts = [1, 3, 2].map { size -> TestTensor<Int8> in
          var part = shape
          part[axis] = size
          return .random(part, using: &generator)
        }
        var outputShape = shape
        outputShape[axis] = 6
        let expected = allPositions(outputShape).map { place -> Int8 in
          var position = place
          for part in parts {
            if position[axis] < part.shape[axis] { return part[position] }
            position[axis] -= part.shape[axis]
          }
          return 0
        }
        var output = [Int8](repeating: 85, count: outputShape.reduce(1, *))
        var offset = 0
        for part in parts {
          var view = MutableTensorView(elements: output.mutableSpan, shape: Shape(outputShape))
          concatenate(
            TensorView(elements: part.elements.span, shape: Shape(part.shape)), axis: axis,
            at: offset, into: &view)
          offset += part.shape[axis]
        }
        #expect(output == expected, "\(shape) along \(axis)")
      }
    }
  }

  @Test("copies keep elements in order under another shape")
  func copies() {
    let input = counted([2, 3, 4])
    let output: [Int32] = run(input, to: [24]) { copy($0, into: &$1) }
    #expect(output == input.elements)
  }

  @Test("tables are indexed by the bit pattern of the element")
  func lookups() {
    let table = (0..<256).map { UInt8(truncatingIfNeeded: $0 * 7 + 3) }
    let input = TestTensor<UInt8>(shape: [2, 128], elements: (0...255).map { UInt8($0) })
    let output: [UInt8] = run(input, to: [2, 128]) { lookup($0, table: table.span, into: &$1) }
    #expect(output == table)
  }

  @Test("real numbers to bytes and back")
  func conversions() {
    let reals = TestTensor<Float>(
      shape: [9], elements: [-1e9, -1, -0.25, 0, 0.125, 0.375, 1, .infinity, .nan])
    let signed: [Int8] = run(reals, to: [9], zeroPoint: -3, scale: 0.25) { quantize($0, into: &$1) }
    #expect(signed == [-128, -7, -4, -3, -2, -1, 1, 127, -3])
    let unsigned: [UInt8] = run(reals, to: [9], zeroPoint: 10, scale: 0.25) {
      quantize($0, into: &$1)
    }
    #expect(unsigned == [0, 6, 9, 10, 11, 12, 14, 255, 10])
    let back: [Float] = run(
      TestTensor<Int8>(shape: [3], elements: [-128, -3, 127], zeroPoint: -3, scale: 0.25), to: [3]
    ) { dequantize($0, into: &$1) }
    #expect(back == [-31.25, 0, 32.5])
    let fromUnsigned: [Float] = run(
      TestTensor<UInt8>(shape: [2], elements: [0, 255], zeroPoint: 255, scale: 0.5), to: [2]
    ) { dequantize($0, into: &$1) }
    #expect(fromUnsigned == [-127.5, 0])
  }
}
