import Text

extension SensorOptionResult {
  /// Takes one of a few words; `take` gets its place among them.
  static func choosing(
    _ value: borrowing Span<UInt8>, from words: StaticString, _ take: (Int) -> Void
  ) -> SensorOptionResult {
    guard let index = value.index(amongWordsOf: words) else { return .badValue(known: words) }
    take(index)
    return .taken
  }
}

extension Span where Element == UInt8 {
  /// The place of this word in a list of words with single spaces between; `nil` when it is not
  /// there.
  func index(amongWordsOf list: StaticString) -> Int? {
    list.withUTF8Span { list in
      var position = 0
      var start = 0
      for end in 0...list.count where end == list.count || list[end] == UInt8(ascii: " ") {
        if equals(list.extracting(start..<end)) { return position }
        position += 1
        start = end + 1
      }
      return nil
    }
  }

  /// A duration such as `5ms` or `2s`: a whole number and a unit; `nil` for anything else.
  var settingNanoseconds: UInt64? {
    var digitCount = 0
    while digitCount < count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self[digitCount]) {
      digitCount += 1
    }
    guard let number = extracting(first: digitCount).settingInteger(in: 0...99_999_999),
      let unit = extracting(digitCount..<count).index(amongWordsOf: "us ms s min")
    else { return nil }
    let nanoseconds: InlineArray<4, UInt64> = [1_000, 1_000_000, 1_000_000_000, 60_000_000_000]
    return UInt64(number) * nanoseconds[unit]
  }
}
