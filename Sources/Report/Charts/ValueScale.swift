import Foundation

/// A vertical axis: values to heights from 0 at the bottom to 1 at the top, with round ticks.
struct ValueScale {
  struct Tick {
    let value: Double
    let label: String
  }

  let lower: Double
  let upper: Double
  let isLogarithmic: Bool
  let ticks: [Tick]

  /// A linear axis around `values`, wide enough to end at round numbers.
  ///
  /// - Parameter label: How a value is written; the shortest digits that tell the ticks apart
  ///   without it.
  static func linear(
    _ values: ClosedRange<Double>, includesZero: Bool = false, label: ((Double) -> String)? = nil
  ) -> ValueScale {
    var low = values.lowerBound
    var high = values.upperBound
    if includesZero {
      low = min(low, 0)
      high = max(high, 0)
    }
    if high - low <= abs(high) * 1e-9 {
      let room = max(abs(high) * 0.1, 1e-9)
      low -= room
      high += room
    }
    let step = niceStep((high - low) / 4)
    let first = (low / step).rounded(.down)
    let last = (high / step).rounded(.up)
    let decimals = max(0, Int(-log10(step).rounded(.down)) + (isFractional(step) ? 1 : 0))
    var ticks: [Tick] = []
    var number = first
    while number <= last, ticks.count < 12 {
      let value = number * step
      ticks.append(
        Tick(value: value, label: label?(value) ?? plain(value, decimals)))
      number += 1
    }
    return ValueScale(
      lower: first * step, upper: last * step, isLogarithmic: false, ticks: ticks)
  }

  /// A logarithmic axis around positive `values`, from one power of ten to another.
  static func logarithmic(
    _ values: ClosedRange<Double>, label: (Double) -> String
  ) -> ValueScale {
    let low = log10(max(values.lowerBound, 1e-9)).rounded(.down)
    let high = max(log10(max(values.upperBound, 1e-9)).rounded(.up), low + 1)
    let step = max(1, ((high - low) / 5).rounded(.up))
    let ticks = stride(from: low, through: high, by: step).map {
      Tick(value: pow(10, $0), label: label(pow(10, $0)))
    }
    return ValueScale(
      lower: pow(10, low), upper: pow(10, high), isLogarithmic: true, ticks: ticks)
  }

  /// The height of a value, kept on the chart.
  func fraction(_ value: Double) -> Double {
    let part =
      isLogarithmic
      ? log(max(value, lower) / lower) / log(upper / lower)
      : (value - lower) / (upper - lower)
    return min(max(part, 0), 1)
  }

  /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `step`.
  static func niceStep(_ step: Double) -> Double {
    guard step > 0, step.isFinite else { return 1 }
    let power = pow(10, log10(step).rounded(.down))
    let factor = [1, 2, 2.5, 5].first { $0 * power >= step * 0.999_999 } ?? 10
    return factor * power
  }

  private static func isFractional(_ step: Double) -> Bool {
    let scaled = step / pow(10, log10(step).rounded(.down))
    return abs(scaled - 2.5) < 0.01
  }

  private static func plain(_ value: Double, _ decimals: Int) -> String {
    if abs(value) >= 1e6 || decimals > 6 { return Wording.value(value) }
    return Wording.fixed(value == 0 ? 0 : value, decimals)
  }
}
