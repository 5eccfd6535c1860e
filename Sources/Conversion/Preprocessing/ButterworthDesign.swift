import Foundation
import ModelFormat

/// Butterworth filters of even order as second-order sections.
///
/// The analog prototype's poles lie on the unit circle, at angles θₖ = π (2k + 1) / 2n from the
/// imaginary axis; each pair becomes one section by the bilinear transform, with the cutoff
/// prewarped: K = tan(π fc / fs), and Q = 1 / (2 sin θₖ) (Oppenheim and Schafer, "Discrete-Time Signal
/// Processing", section 7.3).
enum ButterworthDesign {
  /// The sections of a low-pass or high-pass filter.
  ///
  /// - Parameters:
  ///   - order: Even, at least 2.
  ///   - cutoff: Cutoff over rate, above 0 and below ½.
  static func sections(order: Int, cutoff: Double, isHighPass: Bool) -> [SampleFilter] {
    let k = tan(.pi * cutoff)
    return (0..<order / 2).map { pair in
      let damping = 2 * sin(.pi * Double(2 * pair + 1) / Double(2 * order))
      let scale = 1 / (1 + damping * k + k * k)
      let gain = (isHighPass ? 1 : k * k) * scale
      return .biquad(
        b0: gain, b1: isHighPass ? -2 * gain : 2 * gain, b2: gain,
        a1: 2 * (k * k - 1) * scale, a2: (1 - damping * k + k * k) * scale)
    }
  }
}
