import CKernels
import FixedPoint
import ModelFormat
import TestSupport
import Testing

@testable import Inference

@Suite("C kernels: element by element")
struct ElementwiseKernelTests {
  /// Where the output of a call goes.
  enum Target: CaseIterable {
    case apart, first, second
  }

  @Test("sums and differences", arguments: ListedKernel.of(SWL_OPERATION_sum), Target.allCases)
  func sums(kernel: ListedKernel, target: Target) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "sums \(target)")
    for count in Array(1...20) + [31, 32, 33, 63, 64, 65, 127, 128, 129, 1000] {
      for isDifference in [false, true] {
        for single in 0..<3 {
          let scaling = SumScaling.random(using: &generator)
          check(
            count: count, single: single, target: target, kernel, prepare: swl_prepare_sum,
            using: &generator
          ) { parameters, pairing in
            parameters.first = MultiplierWords(scaling.first)
            parameters.second = MultiplierWords(scaling.second)
            parameters.output = MultiplierWords(scaling.output)
            parameters.leftShift = Int(SumScaling.leftShift)
            pairing.is_difference = isDifference
          } reference: { first, second, parameters, output in
            if isDifference {
              subtract(first, second, parameters: parameters, into: &output)
            } else {
              add(first, second, parameters: parameters, into: &output)
            }
          }
        }
      }
    }
  }

  @Test(
    "linear sums are the sums of all pairs", arguments: ListedKernel.of(SWL_OPERATION_sum),
    [false, true])
  func linearSums(kernel: ListedKernel, isDifference: Bool) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "linear sums")
    let all = (0..<65536).map { UInt16($0) }
    let first = all.map { Int8(bitPattern: UInt8($0 >> 8)) }
    let second = all.map { Int8(bitPattern: UInt8($0 & 255)) }
    var found = 0
    for _ in 0..<12 {
      let scaling = SumScaling.random(using: &generator)
      var parameters = ElementwiseParameters()
      parameters.first = MultiplierWords(scaling.first)
      parameters.second = MultiplierWords(scaling.second)
      parameters.output = MultiplierWords(scaling.output)
      parameters.leftShift = Int(SumScaling.leftShift)
      parameters.activation = generator.range()
      var pairing = swl_pairing(parameters, count: 65536)
      pairing.is_difference = isDifference
      pairing.first_zero_point = generator.zeroPoint()
      pairing.second_zero_point = generator.zeroPoint()
      pairing.output_zero_point = generator.zeroPoint()
      let (a, b) = (FencedElements(first), FencedElements(second))
      let output = FencedElements([Int8](repeating: 85, count: 65536))
      var call = swl_elementwise(
        header: swl_call(), pairing: pairing, first: a.pointer, second: b.pointer,
        output: output.pointer)
      guard swl_prepare_sum(&call, kernel.kernel.isa) else { continue }
      kernel.refine(&call)
      guard call.pairing.linear.shift > 0 else { continue }
      found += 1
      kernel.run(&call)

      var expected = [Int8](repeating: 0, count: 65536)
      var view = MutableTensorView(
        elements: expected.mutableSpan, shape: Shape([65536]),
        zeroPoint: pairing.output_zero_point)
      let x = TensorView(
        elements: first.span, shape: Shape([65536]), zeroPoint: pairing.first_zero_point)
      let y = TensorView(
        elements: second.span, shape: Shape([65536]), zeroPoint: pairing.second_zero_point)
      if isDifference {
        subtract(x, y, parameters: parameters, into: &view)
      } else {
        add(x, y, parameters: parameters, into: &view)
      }
      expectEqual(output.contents, expected, "\(call.pairing.linear)")
    }
    #expect(found > 0, "a linear form of at least one sum")
  }

  @Test("products", arguments: ListedKernel.of(SWL_OPERATION_product), Target.allCases)
  func products(kernel: ListedKernel, target: Target) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "products \(target)")
    for count in Array(1...20) + [31, 32, 33, 63, 64, 65, 127, 128, 129, 1000] {
      for single in 0..<3 {
        for shift: Int32 in [-21, -9, -8, -7, -1, 0, 1, 5] {
          let multiplier = MultiplierWords(significand: generator.significand(), shift: shift)
          check(
            count: count, single: single, target: target, kernel, prepare: swl_prepare_product,
            using: &generator
          ) { parameters, _ in
            parameters.output = multiplier
          } reference: { first, second, parameters, output in
            multiply(first, second, parameters: parameters, into: &output)
          }
        }
      }
    }
  }

  @Test("look-ups", arguments: ListedKernel.of(SWL_OPERATION_lookup), [false, true])
  func lookups(kernel: ListedKernel, inPlace: Bool) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "look-ups")
    for count in Array(1...20) + [63, 64, 65, 127, 128, 129, 1000] {
      let table = FencedElements(generator.bytes(256).map { UInt8(bitPattern: $0) })
      let elements = generator.bytes(count).map { UInt8(bitPattern: $0) }
      let input = FencedElements(elements)
      let output = inPlace ? input : FencedElements([UInt8](repeating: 85, count: count))
      var call = swl_lookup(
        header: swl_call(), count: Int32(count), input: input.pointer, table: table.pointer,
        output: output.pointer)
      #expect(swl_prepare_lookup(&call, kernel.kernel.isa))
      kernel.run(&call)
      let expected = elements.map { table.elements[Int($0)] }
      #expect(output.contents == expected, "\(count) elements")
    }
  }

  /// `single` 1 or 2: that operand is one element.
  private func check(
    count: Int, single: Int, target: Target, _ kernel: ListedKernel,
    prepare: (UnsafeMutablePointer<swl_elementwise>, swl_isa) -> Bool,
    using generator: inout some RandomNumberGenerator,
    configure: (inout ElementwiseParameters, inout swl_pairing) -> Void,
    reference: (
      borrowing TensorView<Int8>, borrowing TensorView<Int8>, ElementwiseParameters,
      inout MutableTensorView<Int8>
    ) -> Void
  ) {
    let (firstCount, secondCount) = (single == 1 ? 1 : count, single == 2 ? 1 : count)
    if target == .first && firstCount != count || target == .second && secondCount != count {
      return
    }
    let range = generator.range()
    var parameters = ElementwiseParameters()
    parameters.activation = range
    var pairing = swl_pairing()
    pairing.first_is_single = firstCount != count
    pairing.second_is_single = secondCount != count
    pairing.first_zero_point = generator.zeroPoint()
    pairing.second_zero_point = generator.zeroPoint()
    pairing.output_zero_point = generator.zeroPoint()
    configure(&parameters, &pairing)
    pairing.take(parameters, count: count)

    let (firstElements, secondElements) = (
      generator.bytes(firstCount), generator.bytes(secondCount)
    )
    let (first, second) = (FencedElements(firstElements), FencedElements(secondElements))
    let output =
      switch target {
      case .apart: FencedElements([Int8](repeating: 85, count: count))
      case .first: first
      case .second: second
      }
    var call = swl_elementwise(
      header: swl_call(), pairing: pairing, first: first.pointer, second: second.pointer,
      output: output.pointer)
    guard prepare(&call, kernel.kernel.isa) else {
      #expect(pairing.result.shift < -21, "a kernel for usual multipliers")
      return
    }
    kernel.run(&call)

    var expected = [Int8](repeating: 0, count: count)
    var view = MutableTensorView(
      elements: expected.mutableSpan, shape: Shape([count]), zeroPoint: pairing.output_zero_point)
    reference(
      TensorView(
        elements: firstElements.span, shape: Shape([firstCount]),
        zeroPoint: pairing.first_zero_point),
      TensorView(
        elements: secondElements.span, shape: Shape([secondCount]),
        zeroPoint: pairing.second_zero_point),
      parameters, &view)
    expectEqual(output.contents, expected, "\(count) elements, single \(single), \(target)")
  }
}

extension SumScaling {
  /// Scales as models have them; equal ones and powers of two come up often.
  static func random(using generator: inout some RandomNumberGenerator) -> SumScaling {
    let scales: [Float] = [0.5, 0.25, 0.1, 0.03, 1.7]
    while true {
      let scaling = SumScaling(
        firstScale: generator.oneOf(scales), secondScale: generator.oneOf(scales),
        outputScale: generator.oneOf(scales) * generator.oneOf([0.5, 1, 2]))
      if let scaling { return scaling }
    }
  }
}

extension swl_pairing {
  init(_ parameters: ElementwiseParameters, count: Int) {
    self.init()
    take(parameters, count: count)
  }

  /// Takes what the words of an operator say.
  mutating func take(_ parameters: ElementwiseParameters, count: Int) {
    self.count = Int32(count)
    left_shift = Int32(parameters.leftShift)
    first = swl_multiplier(
      significand: parameters.first.significand, shift: parameters.first.shift)
    second = swl_multiplier(
      significand: parameters.second.significand, shift: parameters.second.shift)
    result = swl_multiplier(
      significand: parameters.output.significand, shift: parameters.output.shift)
    minimum = parameters.activation.minimum
    maximum = parameters.activation.maximum
  }
}

extension MultiplierWords {
  init(_ multiplier: QuantizedMultiplier) {
    self.init(significand: multiplier.significand, shift: multiplier.shift)
  }
}
