import Text

extension Timestamp {
  /// Reads RFC 3339: `2026-11-23`, `2026-11-23T17:00`, `2026-11-23T17:00:05.25Z`, also with a blank
  /// instead of the T and an offset such as `+01:00`. Without `Z` or offset it is UTC.
  ///
  /// - Returns: nil for anything else, days that do not exist and years outside 1678–2261.
  public init?(parsing text: borrowing Span<UInt8>) {
    var digits = DigitReader(text.count)
    guard let year = digits.number(text, 4), digits.take("-", text),
      let month = digits.number(text, 2), digits.take("-", text), let day = digits.number(text, 2),
      (1678...2261).contains(year), (1...12).contains(month), day >= 1,
      let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
    else { return nil }
    var nanoseconds = days * 86_400_000_000_000
    if !digits.isAtEnd {
      guard digits.take("T", text) || digits.take("t", text) || digits.take(" ", text),
        let hour = digits.number(text, 2), hour < 24, digits.take(":", text),
        let minute = digits.number(text, 2), minute < 60
      else { return nil }
      nanoseconds += (hour * 3600 + minute * 60) * 1_000_000_000
      if digits.take(":", text) {
        guard let second = digits.number(text, 2), second <= 60 else { return nil }
        nanoseconds += second * 1_000_000_000
        if digits.take(".", text) {
          guard let fraction = digits.fraction(text) else { return nil }
          nanoseconds += fraction
        }
      }
      if digits.take("Z", text) || digits.take("z", text) {
      } else if !digits.isAtEnd {
        let isWest = digits.take("-", text)
        guard isWest || digits.take("+", text), let hours = digits.number(text, 2), hours < 24,
          digits.take(":", text), let minutes = digits.number(text, 2), minutes < 60
        else { return nil }
        let offset = (hours * 3600 + minutes * 60) * 1_000_000_000
        nanoseconds += isWest ? offset : -offset
      }
      guard digits.isAtEnd else { return nil }
    }
    self.init(nanosecondsSinceEpoch: nanoseconds)
  }
}

extension CivilDate {
  /// The inverse of `init(daysSinceEpoch:)`; nil for days that do not exist.
  static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64? {
    // January and February belong to the year that began the March before.
    let marchYear = month <= 2 ? year - 1 : year
    let monthFromMarch = month <= 2 ? month + 9 : month - 3
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let days =
      365 * marchYear + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - 719_468
    // February the 30th would come out as a day of March.
    let date = CivilDate(daysSinceEpoch: days)
    return date.month == month && date.day == day ? days : nil
  }
}

/// A position in a text of digits and signs.
private struct DigitReader {
  private var index = 0
  private let count: Int

  init(_ count: Int) { self.count = count }

  var isAtEnd: Bool { index == count }

  mutating func take(_ character: Unicode.Scalar, _ text: borrowing Span<UInt8>) -> Bool {
    guard index < count, text[index] == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// A number of exactly so many digits.
  mutating func number(_ text: borrowing Span<UInt8>, _ width: Int) -> Int64? {
    guard count - index >= width,
      let value = text.extracting(index..<index + width).decimalNumber
    else { return nil }
    index += width
    return Int64(value)
  }

  /// Digits behind a point as nanoseconds; those beyond the ninth do not count.
  mutating func fraction(_ text: borrowing Span<UInt8>) -> Int64? {
    var value: Int64 = 0
    var unit: Int64 = 100_000_000
    let start = index
    while index < count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") {
      value += unit * Int64(text[index] - UInt8(ascii: "0"))
      unit /= 10
      index += 1
    }
    return index > start ? value : nil
  }
}
