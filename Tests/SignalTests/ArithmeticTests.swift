import Foundation
import TestSupport
import Testing

@testable import Signal

@Suite("Arithmetic that is the same everywhere")
struct ArithmeticTests {
  @Test("Logarithms agree with the C library's to two units in the last place")
  func logarithm() {
    var random = SeededGenerator(seed: 7)
    var worst = 0.0
    for round in 0..<20_000 {
      let exponent = Double.random(in: round % 2 == 0 ? -300...300 : -1...1, using: &random)
      let x = pow(10, exponent)
      let expected = log(x)
      let error = abs(Logarithm.natural(x) - expected)
      worst = max(worst, error / max(abs(expected).ulp, 2.2e-16))
    }
    #expect(worst <= 2, "worst error \(worst) units in the last place, seed 7")
  }

  @Test("Logarithms of powers of two, of one and of the smallest numbers")
  func logarithmEdges() {
    #expect(Logarithm.natural(1) == 0)
    #expect(abs(Logarithm.natural(2) - 0.693147180559945309) < 1e-16)
    #expect(Logarithm.natural(.leastNonzeroMagnitude) == log(Double.leastNonzeroMagnitude))
    #expect(
      Logarithm.natural(.greatestFiniteMagnitude) == log(Double.greatestFiniteMagnitude))
  }

  @Test("The bits of some logarithms, which no target may change")
  func logarithmBits() {
    #expect(Logarithm.natural(10).bitPattern == 0x4002_6BB1_BBB5_5516)
    #expect(Logarithm.natural(0.001).bitPattern == 0xC01B_A18A_998F_FFA0)
  }

  @Test("Points of the circle agree with sine and cosine", arguments: [1, 3, 8, 16, 50, 4096])
  func circle(denominator: Int) {
    for numerator in 0...denominator {
      // The angle itself is rounded: near a whole turn by 9·10⁻¹⁶.
      let angle = 2 * Double.pi * Double(numerator) / Double(denominator)
      let point = UnitCircle.point(numerator, of: denominator)
      #expect(abs(point.cosine - cos(angle)) < 1e-15, "\(numerator)/\(denominator)")
      #expect(abs(point.sine - sin(angle)) < 1e-15, "\(numerator)/\(denominator)")
    }
  }

  @Test("Quarters of the circle are exact")
  func quarters() {
    #expect(UnitCircle.point(1, of: 4) == (0, 1))
    #expect(UnitCircle.point(2, of: 4) == (-1, 0))
    #expect(UnitCircle.point(3, of: 4) == (0, -1))
    #expect(UnitCircle.point(0, of: 4) == (1, 0))
  }
}
