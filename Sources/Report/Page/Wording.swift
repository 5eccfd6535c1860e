import Foundation
import Journal
import Text

/// Numbers, times and durations as people read them.
enum Wording {
  /// 12,345,678
  static func number(_ value: UInt64) -> String {
    var digits = String(value)
    var position = digits.count - 3
    while position > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
      position -= 3
    }
    return digits
  }

  /// `1 record`, `12 records`
  static func count(_ value: UInt64, _ noun: String, _ plural: String? = nil) -> String {
    "\(number(value)) \(value == 1 ? noun : plural ?? noun + "s")"
  }

  /// A measured value to so many significant digits, without an exponent in the usual range.
  static func value(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite else { return value.isNaN ? "–" : value < 0 ? "−∞" : "∞" }
    guard value != 0 else { return "0" }
    let magnitude = Int(log10(abs(value)).rounded(.down))
    guard magnitude > -6, magnitude < 9 else {
      return minus(String(format: "%.\(digits - 1)e", value))
    }
    let decimals = min(max(digits - 1 - magnitude, 0), 6)
    var text = String(format: "%.\(decimals)f", value)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return minus(text == "-0" ? "0" : text)
  }

  /// A value with a fixed number of decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    minus(String(format: "%.\(decimals)f", value))
  }

  private static func minus(_ text: String) -> String {
    text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }

  /// A part of a whole, such as 12.3 %; never 0 % or 100 % of what is not none or all.
  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    guard whole > 0 else { return "–" }
    if part == 0 { return "0\u{A0}%" }
    if part == whole { return "100\u{A0}%" }
    let share = Double(part) / Double(whole) * 100
    if share < 0.01 { return "<\u{A0}0.01\u{A0}%" }
    if share > 99.9 { return ">\u{A0}99.9\u{A0}%" }
    return share < 1 ? "\(fixed(share, 2))\u{A0}%" : "\(fixed(share, 1))\u{A0}%"
  }

  /// 3 days 4 h, 12 min 5 s, 250 ms
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e13 else { return "–" }
    if seconds < 0.0005 { return "\(value(seconds * 1e6)) µs" }
    if seconds < 1 { return "\(value(seconds * 1000)) ms" }
    if seconds < 60 { return "\(value(seconds)) s" }
    let whole = Int64(seconds.rounded())
    func two(_ large: Int64, _ unit: String, _ small: Int64, _ smallUnit: String) -> String {
      "\(large) \(unit)" + (small > 0 ? " \(small) \(smallUnit)" : "")
    }
    if whole < 3600 { return two(whole / 60, "min", whole % 60, "s") }
    if whole < 172_800 { return two(whole / 3600, "h", whole % 3600 / 60, "min") }
    return two(whole / 86_400, "days", whole % 86_400 / 3600, "h")
  }

  /// A time in microseconds with the unit that suits it.
  static func microseconds(_ value: Double) -> String {
    if value < 1000 { return "\(self.value(value)) µs" }
    return value < 1e6 ? "\(self.value(value / 1000)) ms" : "\(self.value(value / 1e6)) s"
  }

  /// 1.2 MB
  static func bytes(_ count: UInt64) -> String {
    let value = Double(count)
    if value < 1000 { return self.count(count, "byte") }
    if value < 1e6 { return "\(self.value(value / 1e3)) kB" }
    return value < 1e9 ? "\(self.value(value / 1e6)) MB" : "\(self.value(value / 1e9)) GB"
  }

  /// 2026-11-23 17:00:05, UTC
  static func time(_ nanoseconds: Int64) -> String {
    let stamp = String { Timestamp(nanosecondsSinceEpoch: nanoseconds).append(to: &$0) }
    return String(stamp.prefix(10) + " " + stamp.dropFirst(11).prefix(8))
  }

  /// 0a1b2c3d
  static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// Text in which nothing hides: control characters as pictures of themselves, marks that turn the
  /// direction of text as U+FFFD.
  static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isInvisible) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if !isInvisible(scalar) {
        result.append(scalar)
      } else if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) {
        result.append(picture)
      } else {
        result.append(scalar == "\u{7F}" ? "\u{2421}" : "\u{FFFD}")
      }
    }
    return String(result)
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
      0xFFF9...0xFFFB, 0xFDD0...0xFDEF:
      true
    default: scalar.value & 0xFFFE == 0xFFFE
    }
  }
}
