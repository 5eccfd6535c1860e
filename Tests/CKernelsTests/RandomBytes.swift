import CKernels
import ModelFormat

extension RandomNumberGenerator {
  /// Bytes among which the extremes come up often.
  mutating func bytes(_ count: Int) -> [Int8] {
    (0..<count).map { _ in
      switch Int.random(in: 0..<8, using: &self) {
      case 0: Int8.min
      case 1: Int8.max
      default: Int8.random(in: .min ... .max, using: &self)
      }
    }
  }

  mutating func zeroPoint() -> Int32 {
    switch Int.random(in: 0..<4, using: &self) {
    case 0: -128
    case 1: 127
    default: Int32.random(in: -128...127, using: &self)
    }
  }

  /// A clamp: usually none, otherwise any, now and then a single value.
  mutating func range() -> ActivationRange {
    guard Int.random(in: 0..<3, using: &self) == 0 else {
      return ActivationRange(minimum: -128, maximum: 127)
    }
    let (a, b) = (
      Int32.random(in: -128...127, using: &self), Int32.random(in: -128...127, using: &self)
    )
    return ActivationRange(minimum: min(a, b), maximum: max(a, b))
  }

  mutating func significand() -> Int32 {
    switch Int.random(in: 0..<6, using: &self) {
    case 0: 1 << 30  // powers of two make ties
    case 1: Int32.max
    case 2: 3 << 29
    default: Int32.random(in: 1 << 30 ... .max, using: &self)
    }
  }

  mutating func oneOf<T>(_ values: [T]) -> T {
    values[Int.random(in: values.indices, using: &self)]
  }
}
