import CKernels
import FixedPoint
import ModelFormat
import TestSupport
import Testing

@testable import Inference

/// The two roundings, around every kind of tie: with weights of zero the accumulator of a channel is
/// its bias, so that one call rescales thousands of chosen numbers.
@Suite("C kernels: requantization")
struct RequantizationTests {
  static let kernels =
    ListedKernel.of(SWL_OPERATION_convolution) + ListedKernel.of(SWL_OPERATION_depthwise)
    + ListedKernel.of(SWL_OPERATION_fully_connected)

  @Test("ties and their neighbours, for every shift", arguments: kernels)
  func ties(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "ties")
    for shift: Int32 in -21...8 {
      for zeroPoint: Int32 in [-128, -1, 0, 127] {
        let numbers = (0..<1024).map { _ in
          Self.nearTie(shift: shift, zeroPoint: zeroPoint, using: &generator)
        }
        check(numbers, zeroPoint: zeroPoint, kernel, expectNarrow: true)
      }
    }
  }

  @Test("any number, significand and shift", arguments: kernels)
  func anything(kernel: ListedKernel) {
    guard kernel.isRunnable else { return }
    var generator = SeededGenerator(for: "any multiplier")
    for _ in 0..<20 {
      let numbers = (0..<1024).map { _ in
        Number(
          value: Int32.random(in: .min ... .max, using: &generator)
            >> Int32.random(in: 0...31, using: &generator),
          significand: generator.oneOf([
            Int32.random(in: .min ... .max, using: &generator), generator.significand(), .min, 0,
          ]),
          shift: Int32.random(in: -31...30, using: &generator))
      }
      check(numbers, zeroPoint: generator.zeroPoint(), kernel, expectNarrow: false)
    }
  }

  /// What is rescaled, and by what.
  struct Number {
    var value: Int32
    var significand: Int32
    var shift: Int32
  }

  /// A number whose result is next to a tie, between two int8 values or at an end of their range.
  static func nearTie(
    shift: Int32, zeroPoint: Int32, using generator: inout some RandomNumberGenerator
  ) -> Number {
    let significand = generator.significand()
    let target = Double(Int32.random(in: -129...128, using: &generator) - zeroPoint) + 0.5
    var factor = Double(significand)
    for _ in shift..<31 { factor /= 2 }
    let value = (target / factor).rounded() + Double(Int.random(in: -2...2, using: &generator))
    let limit = Double((1 << (29 - max(shift, 0))) - 20_000)
    return Number(
      value: Int32(min(max(value, -limit), limit)), significand: significand, shift: shift)
  }

  private func check(
    _ numbers: [Number], zeroPoint: Int32, _ kernel: ListedKernel, expectNarrow: Bool
  ) {
    let channels = numbers.count
    let layout = ChannelTableLayout(channels: channels)
    var words = [Int32](repeating: 0, count: layout.elementCount)
    for (channel, number) in numbers.enumerated() {
      words[layout.index(.foldedBias, channel: channel)] = number.value
      words[layout.index(.significand, channel: channel)] = number.significand
      words[layout.index(.shift, channel: channel)] = number.shift
    }
    let isDepthwise = kernel.kernel.operation == SWL_OPERATION_depthwise
    let depth = isDepthwise ? channels : 1
    let input = FencedElements([Int8](repeating: 77, count: depth))
    let weights = FencedElements([Int8](repeating: 0, count: channels * 4))
    let table = FencedElements(words)
    let output = FencedElements([Int8](repeating: 85, count: channels))
    let activation = swl_activation(
      input_zero_point: 0, output_zero_point: zeroPoint, minimum: -128, maximum: 127)
    let item = WindowCase(depth: depth, channels: channels)
    let isNarrow: Bool
    if kernel.kernel.operation == SWL_OPERATION_fully_connected {
      var call = swl_fully_connected(
        header: swl_call(), rows: 1, depth: 1, output_depth: Int32(channels),
        activation: activation, input: input.pointer, weights: weights.pointer,
        channels: table.pointer, output: output.pointer, derived: swl_derived())
      #expect(swl_prepare_fully_connected(&call, kernel.kernel.isa))
      isNarrow = call.derived.is_narrow
      kernel.run(&call)
    } else {
      var call = swl_convolution(
        header: swl_call(), window: item.window, activation: activation, input: input.pointer,
        weights: weights.pointer, channels: table.pointer, output: output.pointer,
        derived: swl_derived())
      #expect(
        isDepthwise
          ? swl_prepare_depthwise(&call, kernel.kernel.isa)
          : swl_prepare_convolution(&call, kernel.kernel.isa))
      isNarrow = call.derived.is_narrow
      kernel.run(&call)
    }
    #expect(isNarrow == expectNarrow)
    let range = ActivationRange(minimum: -128, maximum: 127)
    let expected = numbers.map { number in
      let multiplier = QuantizedMultiplier(significand: number.significand, shift: number.shift)
      return range.clamp(multiplier.applied(to: number.value) &+ zeroPoint)
    }
    let found = output.contents
    for (index, number) in numbers.enumerated() where found[index] != expected[index] {
      Issue.record("\(number), zero point \(zeroPoint): \(found[index]), not \(expected[index])")
      return
    }
  }
}
