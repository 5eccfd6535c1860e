import Foundation
import TestSupport
import Testing

@testable import FixedPoint

@Suite("Scaling prepared by the converter")
struct ScalingTests {
  @Test("real numbers round to the nearest step, ties away from zero, and saturate")
  func quantization() {
    let unit = AffineQuantization(scale: 1, zeroPoint: 3)
    let reals: [Float] = [-2.5, -1.5, -0.5, -0.4, 0.49999997, 0.5, 1.5, 2.5, 8_388_609]
    let steps = reals.map { real -> Int8 in unit.quantize(real) }
    #expect(steps == [0, 1, 2, 3, 3, 4, 5, 6, 127])
    #expect(unit.quantize(.infinity) as Int8 == 127)
    #expect(unit.quantize(-.infinity) as Int8 == -128)
    #expect(unit.quantize(.greatestFiniteMagnitude) as UInt8 == 255)
    #expect(unit.quantize(-.greatestFiniteMagnitude) as UInt8 == 0)
    #expect(unit.quantize(.nan) as Int8 == 3)
    #expect(unit.quantize(2_147_483_648) as Int8 == 127)
    #expect(unit.quantize(-2_147_483_649) as Int8 == -128)
  }

  @Test("rounding equals the library's wherever that is defined")
  func roundingEqualsLibrary() {
    var generator = SeededGenerator(for: "rounding of reals")
    for _ in 0..<20_000 {
      let bits = UInt32(truncatingIfNeeded: generator.next())
      let value = Float(bitPattern: bits)
      guard value.magnitude < 2_147_483_648 else { continue }
      #expect(roundedToInt32(value) == Int32(value.rounded(.toNearestOrAwayFromZero)), "\(value)")
      let near = Float(Int32.random(in: -300...300, using: &generator)) + 0.5
      for candidate in [near, near.nextUp, near.nextDown] {
        #expect(
          roundedToInt32(candidate) == Int32(candidate.rounded(.toNearestOrAwayFromZero)))
      }
    }
  }

  @Test("quantizing what was dequantized gives the same number back")
  func roundTrip() {
    var generator = SeededGenerator(for: "round trip")
    for _ in 0..<200 {
      let quantization = AffineQuantization(
        scale: Float.random(in: 1e-6...1e3, using: &generator),
        zeroPoint: Int32.random(in: -128...127, using: &generator))
      for value in Int8.min...Int8.max {
        #expect(quantization.quantize(quantization.dequantize(value)) == value)
      }
    }
  }

  @Test("activation ranges are the real bounds in steps, inside int8")
  func activationRanges() {
    let quantization = AffineQuantization(scale: 0.25, zeroPoint: -10)
    #expect(quantization.int8Range(minimum: nil, maximum: nil) == -128...127)
    #expect(quantization.int8Range(minimum: 0, maximum: nil) == -10...127)
    #expect(quantization.int8Range(minimum: 0, maximum: 6) == -10...14)
    #expect(quantization.int8Range(minimum: -1, maximum: 1) == -14 ... -6)
    let fine = AffineQuantization(scale: 1e-30, zeroPoint: 127)
    #expect(fine.int8Range(minimum: -1, maximum: 1) == -128...127)
    #expect(fine.int8Range(minimum: 0, maximum: 6) == 127...127)
    let coarse = AffineQuantization(scale: 100, zeroPoint: -128)
    #expect(coarse.int8Range(minimum: 0, maximum: 6) == -128 ... -128)
    // 6 / 4 is a tie and 1 / 2 is one: both away from zero.
    #expect(AffineQuantization(scale: 4, zeroPoint: 0).int8Range(minimum: 0, maximum: 6) == 0...2)
    #expect(AffineQuantization(scale: 2, zeroPoint: 0).int8Range(minimum: -1, maximum: 1) == -1...1)
  }

  @Test("a sum's factors are halves of the scale ratios, and too small an output is refused")
  func sums() throws {
    let scaling = try #require(SumScaling(firstScale: 0.5, secondScale: 0.25, outputScale: 1))
    #expect(scaling.first == QuantizedMultiplier(real: 0.5))
    #expect(scaling.second == QuantizedMultiplier(real: 0.25))
    #expect(scaling.output == QuantizedMultiplier(real: 1 / 1_048_576))
    #expect(SumScaling(firstScale: 1, secondScale: 0.1, outputScale: 0x1p-19) == nil)
    #expect(SumScaling(firstScale: 0.1, secondScale: 1, outputScale: 0x1p-19) == nil)
    #expect(SumScaling(firstScale: 1, secondScale: 1, outputScale: 0x1.000002p-19) != nil)
  }

  @Test("a mean's factor carries 1 / n with as many bits as n has")
  func means() {
    let three = QuantizedMultiplier(meanOf: 3, inputScale: 1, outputScale: 1)
    #expect(three == QuantizedMultiplier(significand: 715_827_882, shift: 0))
    let one = QuantizedMultiplier(meanOf: 1, inputScale: 1, outputScale: 1)
    #expect(one == QuantizedMultiplier(significand: 1 << 30, shift: 1))
    // The shift bottoms out at −31 and precision is given up.
    let tiny = QuantizedMultiplier(meanOf: 1 << 20, inputScale: 0x1p-20, outputScale: 1)
    #expect(tiny == QuantizedMultiplier(significand: 1 << 22, shift: -31))
    var generator = SeededGenerator(for: "mean factors")
    for _ in 0..<5_000 {
      let count = Int.random(
        in: 1..<(1 << Int.random(in: 1...23, using: &generator)),
        using: &generator)
      let input = Float.random(in: 0.001...1, using: &generator)
      let output = Float.random(in: 0.001...1, using: &generator)
      let factor = QuantizedMultiplier(meanOf: count, inputScale: input, outputScale: output)
      let real = Double(factor.significand) * exp2(Double(factor.shift) - 31)
      let exact = Double(input) / Double(output) / Double(count)
      #expect(abs(real - exact) <= exact * 0x1p-28 + 0x1p-60, "\(count)")
      #expect((-31...30).contains(factor.shift) && factor.significand >= 0)
    }
  }

  @Test("softmax scalings that the reference cannot prepare are refused, and huge ones saturate")
  func softmaxScalings() throws {
    #expect(SoftmaxScaling(inputScale: 0x1p-26, beta: 1) == nil)
    #expect(SoftmaxScaling(inputScale: 1, beta: 0) == nil)
    #expect(SoftmaxScaling(inputScale: 1, beta: -1) == nil)
    #expect(SoftmaxScaling(inputScale: 1, beta: .nan) == nil)
    let unit = try #require(SoftmaxScaling(inputScale: 1, beta: 1))
    #expect(unit.multiplier == QuantizedMultiplier(real: 0x1p26))
    #expect(unit.smallestDifference == -15)
    let steep = try #require(SoftmaxScaling(inputScale: 1e6, beta: 10))
    #expect(steep.smallestDifference == 0)
    #expect(steep.multiplier.shift <= 30)
  }

  @Test("hard swish refuses outputs finer than 1/128 of the input")
  func hardSwishLimits() {
    func exists(_ input: Float, _ output: Float) -> Bool {
      HardSwish(
        input: AffineQuantization(scale: input, zeroPoint: 0),
        output: AffineQuantization(scale: output, zeroPoint: 0)) != nil
    }
    #expect(exists(1, 0.0079))
    #expect(!exists(1, 0x1p-7))
  }

  @Test("functions are total over every scale and zero point")
  func totality() {
    for input in [Float.leastNonzeroMagnitude, 1e-30, 0x1p-29, 1, 1e30, .greatestFiniteMagnitude] {
      for output in [Float.leastNonzeroMagnitude, 1e-30, 1, .greatestFiniteMagnitude] {
        for zeroPoint in [Int32(-128), 0, 127] {
          let from = AffineQuantization(scale: input, zeroPoint: zeroPoint)
          let to = AffineQuantization(scale: output, zeroPoint: -1 - zeroPoint)
          let logistic = Logistic(input: from)
          let tangent = HyperbolicTangent(input: from)
          let relu = RectifiedLinear(input: from, output: to)
          let relu6 = RectifiedLinear6(input: from)
          let leaky = LeakyRectifiedLinear(input: from, output: to, slope: -3)
          let requantization = Requantization(from: from, to: to)
          let swish = HardSwish(input: from, output: to)
          for value in Int8.min...Int8.max {
            _ = logistic(value)
            _ = tangent(value)
            _ = relu(value)
            _ = relu6(value)
            _ = leaky(value)
            _ = requantization(value) as UInt8
            _ = swish.map { $0(value) }
          }
        }
      }
    }
  }
}
