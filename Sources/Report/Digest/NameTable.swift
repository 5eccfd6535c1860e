/// Names that records use over and over, such as classes, by number in order of appearance.
struct NameTable {
  /// Beyond so many, names share the last number.
  let limit: Int
  /// As they stand in the records, escapes included: equal bytes, equal names.
  private var keys: [[UInt8]] = []
  private var latest = 0

  init(limit: Int) { self.limit = limit }

  /// How many numbers there are.
  var count: Int { keys.count }

  /// Whether some names share the last number.
  private(set) var overflowed = false

  /// The number of a name, from its place in a line.
  mutating func index(of range: Range<Int>, in line: borrowing Span<UInt8>) -> Int {
    if latest < keys.count, line.matches(range, bytes: keys[latest]) { return latest }
    for index in keys.indices where line.matches(range, bytes: keys[index]) {
      latest = index
      return index
    }
    guard keys.count < limit else {
      overflowed = true
      return limit - 1
    }
    keys.append(line.copy(range))
    latest = keys.count - 1
    return latest
  }

  /// A name for people.
  func name(_ index: Int) -> String {
    if overflowed, index == limit - 1 { return "other names" }
    return JSONEscapes.decoded(keys[index], limit: 200)
  }
}
