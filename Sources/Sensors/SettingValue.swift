import Interchange
import Text

// How drivers read the values of their settings.
extension Span where Element == UInt8 {
  /// `yes`, `no` and their usual synonyms; `nil` for anything else.
  var settingFlag: Bool? {
    if equals("yes") || equals("true") || equals("on") || equals("1") { return true }
    if equals("no") || equals("false") || equals("off") || equals("0") { return false }
    return nil
  }

  /// A finite decimal number; `nil` for anything else.
  var settingNumber: Double? {
    if case .finite(let value) = DecimalNumber(parsing: self) { return value }
    return nil
  }

  /// An integer, decimal or hexadecimal after `0x`; `nil` for anything else or out of `range`.
  func settingInteger(in range: ClosedRange<Int64>) -> Int64? {
    guard let value = settingInteger, range.contains(value) else { return nil }
    return value
  }

  private var settingInteger: Int64? {
    let isNegative = starts(with: "-")
    let digits = isNegative ? extracting(1..<count) : extracting(0..<count)
    let isHexadecimal = digits.starts(with: "0x") || digits.starts(with: "0X")
    let radix: Int64 = isHexadecimal ? 16 : 10
    let start = isHexadecimal ? 2 : 0
    // Ten digits stay far below the 63 bits of the result.
    guard digits.count > start, digits.count - start <= 10 else { return nil }
    var value: Int64 = 0
    for index in start..<digits.count {
      guard let digit = digits[index].hexadecimalValue, Int64(digit) < radix else { return nil }
      value = value * radix + Int64(digit)
    }
    return isNegative ? -value : value
  }
}

extension UInt8 {
  /// What the character stands for as a hexadecimal digit; `nil` for other characters.
  var hexadecimalValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
