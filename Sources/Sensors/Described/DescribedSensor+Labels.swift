import Text

extension DescribedSensor {
  /// The names and the unit of what a described sensor measures, as the configuration has them.
  struct Labels: Sendable {
    /// Names with single spaces between.
    private(set) var names = TextBuffer<128>()
    private(set) var nameCount = 0
    private(set) var unit = TextBuffer<16>()

    /// Takes one to eight names.
    mutating func setNames(_ text: borrowing Span<UInt8>) -> Bool {
      names.removeAll()
      nameCount = 0
      var start = 0
      while start < text.count {
        if text[start].isListSeparator {
          start += 1
          continue
        }
        var end = start
        while end < text.count, !text[end].isListSeparator { end += 1 }
        guard nameCount < 8, text.extracting(start..<end).isName else { return false }
        if nameCount > 0 { names.append(" ") }
        names.append(text.extracting(start..<end))
        nameCount += 1
        start = end
      }
      return nameCount > 0 && !names.overflowed
    }

    /// Takes a unit: a word of at most 16 bytes.
    mutating func setUnit(_ text: borrowing Span<UInt8>) -> Bool {
      unit.removeAll()
      for index in text.indices where text[index] <= UInt8(ascii: " ") { return false }
      unit.append(text)
      return !unit.isEmpty && !unit.overflowed
    }

    /// The quantities of `count` values; the last name is repeated where there are fewer names.
    func quantities(count: Int) -> Quantities {
      var items = InlineArray<8, Quantity>(repeating: Quantity("value", unit: ""))
      var found = 0
      let text = names.bytes
      var start = 0
      for end in 0...text.count where end == text.count || text[end] == UInt8(ascii: " ") {
        if let item = Quantity(name: text.extracting(start..<end), unit: unit.bytes) {
          items[found] = item
          found += 1
        }
        start = end + 1
      }
      let named = max(1, min(found, count))
      return Quantities(items, count: named, repeats: count - named + 1)
    }
  }
}

extension Span where Element == UInt8 {
  /// A name of a quantity: letters, digits and underscores, at most 32.
  fileprivate var isName: Bool {
    guard (1...32).contains(count) else { return false }
    for index in indices {
      switch self[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        continue
      default: return false
      }
    }
    return true
  }
}
