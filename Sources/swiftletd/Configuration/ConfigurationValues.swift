import Interchange
import LinuxPlatform
import ModelCommands
import Text

// Values of keys, each with its refusal: `FILE: line 7: rate is "x"; …`.
extension ConfigurationFile {
  /// A refusal about a place in the file.
  func failure(
    line: Int32, _ describe: (inout CommandFailure.Message) -> Void
  ) -> CommandFailure {
    CommandFailure(exitCode: CommandFailure.badData, file: path) {
      $0.append("line ")
      $0.append(Int64(line))
      $0.append(": ")
      describe(&$0)
    }
  }

  /// `line 7: rate is "x"; known: …` with the sentence that `advise` appends.
  func refusal(
    of entry: Entry, _ advise: (inout CommandFailure.Message) -> Void
  ) -> CommandFailure {
    failure(line: entry.line) {
      $0.append(name(of: entry))
      if value(of: entry).isEmpty {
        $0.append(" has no value; ")
      } else {
        $0.append(" is \"")
        $0.append(visible: value(of: entry))
        $0.append("\"; ")
      }
      advise(&$0)
    }
  }

  /// A section's title as it is written.
  func appendTitle(ofSection index: Int, to sink: inout some TextSink & ~Copyable) {
    sink.append("[")
    appendWords(ofSection: index, to: &sink)
    sink.append("]")
  }

  /// A section's title without its brackets.
  func appendWords(ofSection index: Int, to sink: inout some TextSink & ~Copyable) {
    sink.append(section(index).kind.name)
    let name = name(ofSection: index)
    if name.count > 0 {
      sink.append(" ")
      sink.append(visible: name)
    }
  }

  /// The section of a kind that must be there.
  func required(_ kind: SectionKind, example: StaticString) throws(CommandFailure) -> Int {
    if let index = index(kind) { return index }
    throw CommandFailure(exitCode: CommandFailure.badData, file: path) {
      $0.append("[")
      $0.append(kind.name)
      $0.append(kind.isNamed ? " NAME] is missing; add it with `" : "] is missing; add it with `")
      $0.append(example)
      $0.append("`")
    }
  }

  /// A key that must be there and have a value.
  func required(
    _ key: StaticString, inSection section: Int, example: StaticString
  ) throws(CommandFailure) -> Entry {
    let found = entry(key, inSection: section)
    if let found, !value(of: found).isEmpty { return found }
    throw failure(line: found?.line ?? self.section(section).line) {
      appendTitle(ofSection: section, to: &$0)
      $0.append(" ")
      $0.append(key)
      $0.append(found == nil ? " is missing; add `" : " has no value; write `")
      $0.append(key)
      $0.append(" = ")
      $0.append(example)
      $0.append("`")
    }
  }

  /// A path; a relative one counts from the folder of the file.
  func path(_ entry: Entry) throws(CommandFailure) -> FilePath {
    do throws(PlatformError) {
      return try path.sibling(value(of: entry))
    } catch {
      throw refusal(of: entry) { error.describe(into: &$0) }
    }
  }

  /// A real number.
  func number(
    _ key: StaticString, inSection section: Int?, from minimum: Double = -1e30,
    to maximum: Double = 1e30
  ) throws(CommandFailure) -> Double? {
    guard let entry = entry(key, inSection: section) else { return nil }
    if case .finite(let number) = DecimalNumber(parsing: value(of: entry)), number >= minimum,
      number <= maximum
    {
      return number
    }
    throw refusal(of: entry) { Self.appendRange("a number", minimum, maximum, to: &$0) }
  }

  /// A whole number, in decimal or as `0x48`.
  func integer(
    _ key: StaticString, inSection section: Int?, in range: ClosedRange<Int>
  ) throws(CommandFailure) -> Int? {
    guard let entry = entry(key, inSection: section) else { return nil }
    if let number = WholeNumber.parse(value(of: entry)), range.contains(number) { return number }
    throw refusal(of: entry) {
      Self.appendRange(
        "a whole number", Double(range.lowerBound), Double(range.upperBound), to: &$0)
    }
  }

  /// `yes` or `no`.
  func flag(_ key: StaticString, inSection section: Int?) throws(CommandFailure) -> Bool? {
    guard let entry = entry(key, inSection: section) else { return nil }
    let value = value(of: entry)
    if value.equals("yes") || value.equals("true") || value.equals("on") { return true }
    if value.equals("no") || value.equals("false") || value.equals("off") { return false }
    throw refusal(of: entry) { $0.append("known: yes, no") }
  }

  /// A time such as `250ms`, `2s`, `10min`, `1h` or `7d`, in nanoseconds.
  func duration(
    _ key: StaticString, inSection section: Int?, from minimum: UInt64 = 0,
    to maximum: UInt64 = 366 * 86_400_000_000_000
  ) throws(CommandFailure) -> UInt64? {
    guard let entry = entry(key, inSection: section) else { return nil }
    if let nanoseconds = Self.scaled(value(of: entry), Self.timeUnit),
      nanoseconds >= Double(minimum), nanoseconds <= Double(maximum)
    {
      return UInt64(nanoseconds + 0.5)
    }
    throw refusal(of: entry) {
      $0.append("write a time from ")
      Self.append(nanoseconds: minimum, to: &$0)
      $0.append(" to ")
      Self.append(nanoseconds: maximum, to: &$0)
      $0.append(", such as 250ms, 2s, 10min, 1h or 7d")
    }
  }

  /// A size such as `4k`, `1M` or `200M` (powers of 1,024), in bytes.
  func size(
    _ key: StaticString, inSection section: Int?, from minimum: Int, to maximum: Int
  ) throws(CommandFailure) -> Int? {
    guard let entry = entry(key, inSection: section) else { return nil }
    if let bytes = Self.scaled(value(of: entry), Self.sizeUnit), bytes >= Double(minimum),
      bytes <= Double(maximum)
    {
      return Int(bytes + 0.5)
    }
    throw refusal(of: entry) {
      $0.append("write a size from ")
      Self.append(bytes: minimum, to: &$0)
      $0.append(" to ")
      Self.append(bytes: maximum, to: &$0)
      $0.append(", such as 64k, 1M or 2G")
    }
  }

  // MARK: Units

  /// The number before a unit, times what the unit stands for.
  private static func scaled(
    _ text: borrowing Span<UInt8>, _ unit: (borrowing Span<UInt8>) -> Double?
  ) -> Double? {
    var digits = 0
    while digits < text.count,
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[digits])
        || text[digits] == UInt8(ascii: ".")
    {
      digits += 1
    }
    var start = digits
    while start < text.count, text[start] == UInt8(ascii: " ") { start += 1 }
    guard case .finite(let number) = DecimalNumber(parsing: text.extracting(first: digits)),
      let factor = unit(text.extracting(start..<text.count))
    else { return nil }
    return number * factor
  }

  private static func timeUnit(_ unit: borrowing Span<UInt8>) -> Double? {
    if unit.equals("s") { return 1e9 }
    if unit.equals("ms") { return 1e6 }
    if unit.equals("us") || unit.equals("µs") { return 1e3 }
    if unit.equals("min") { return 60e9 }
    if unit.equals("h") { return 3600e9 }
    if unit.equals("d") { return 86_400e9 }
    return nil
  }

  private static func sizeUnit(_ unit: borrowing Span<UInt8>) -> Double? {
    if unit.isEmpty || unit.equals("B") { return 1 }
    if unit.equals("k") || unit.equals("K") { return 1024 }
    if unit.equals("M") { return 1_048_576 }
    if unit.equals("G") { return 1_073_741_824 }
    return nil
  }

  private static func appendRange(
    _ what: StaticString, _ minimum: Double, _ maximum: Double,
    to sink: inout some TextSink & ~Copyable
  ) {
    sink.append("write ")
    sink.append(what)
    guard minimum > -1e30 || maximum < 1e30 else { return }
    sink.append(" from ")
    sink.append(minimum, fractionDigits: minimum.rounded() == minimum ? 0 : 3)
    sink.append(" to ")
    sink.append(maximum, fractionDigits: maximum.rounded() == maximum ? 0 : 3)
  }

  private static func append(
    nanoseconds: UInt64, to sink: inout some TextSink & ~Copyable
  ) {
    if nanoseconds % 86_400_000_000_000 == 0, nanoseconds > 0 {
      sink.append(nanoseconds / 86_400_000_000_000)
      sink.append("d")
    } else if nanoseconds % 1_000_000_000 == 0 {
      sink.append(nanoseconds / 1_000_000_000)
      sink.append("s")
    } else {
      sink.append(nanoseconds / 1_000_000)
      sink.append("ms")
    }
  }

  private static func append(bytes: Int, to sink: inout some TextSink & ~Copyable) {
    if bytes % 1_048_576 == 0, bytes > 0 {
      sink.append(bytes / 1_048_576)
      sink.append("M")
    } else if bytes % 1024 == 0 {
      sink.append(bytes / 1024)
      sink.append("k")
    } else {
      sink.append(bytes)
    }
  }
}

/// Whole numbers as people write them in a configuration.
enum WholeNumber {
  /// `12`, `-3`, `0x48`; `nil` for anything else and for numbers of more than nine digits.
  static func parse(_ text: borrowing Span<UInt8>) -> Int? {
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    var position = isNegative ? 1 : 0
    let isHexadecimal =
      text.count > position + 2 && text[position] == UInt8(ascii: "0")
      && (text[position + 1] == UInt8(ascii: "x") || text[position + 1] == UInt8(ascii: "X"))
    if isHexadecimal { position += 2 }
    guard position < text.count, text.count - position <= (isHexadecimal ? 7 : 9) else {
      return nil
    }
    var value = 0
    while position < text.count {
      let digit: Int
      switch text[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = Int(text[position]) - 0x30
      case UInt8(ascii: "a")...UInt8(ascii: "f") where isHexadecimal:
        digit = Int(text[position]) - 0x61 + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F") where isHexadecimal:
        digit = Int(text[position]) - 0x41 + 10
      default: return nil
      }
      value = value * (isHexadecimal ? 16 : 10) + digit
      position += 1
    }
    return isNegative ? -value : value
  }
}
