/// What is kept of the records of one stretch of time.
protocol BinContents {
  /// Nothing yet.
  init()
  /// Takes in what a neighbour holds, which is later.
  mutating func merge(_ later: Self)
}

/// Contents by time, in a bounded number of bins of equal width that covers all that was added.
///
/// Bins begin at multiples of their width, a second at first. When a moment lies so far out that
/// there would be too many, the width doubles and neighbours merge: whatever the span, half the
/// limit or more is in use, and memory stays the same.
struct TimeBins<Contents: BinContents> {
  /// The most bins there are.
  static var limit: Int { 192 }

  /// Width of a bin in nanoseconds.
  private(set) var width: Int64 = 1_000_000_000
  /// Number of the first bin: it begins at `first · width`.
  private var first: Int64 = 0
  private var contents: [Contents] = []

  var isEmpty: Bool { contents.isEmpty }

  /// How many bins there are between the first and the last moment.
  var count: Int { contents.count }

  /// When bin `index` begins, in nanoseconds.
  func start(_ index: Int) -> Int64 { (first + Int64(index)) &* width }

  subscript(index: Int) -> Contents { contents[index] }

  /// Changes what is kept for a moment.
  mutating func update(_ time: Int64, _ change: (inout Contents) -> Void) {
    change(&contents[index(of: time)])
  }

  private mutating func index(of time: Int64) -> Int {
    var number = time.floorDivided(by: width)
    if contents.isEmpty {
      first = number
      contents.append(Contents())
      return 0
    }
    while max(number, first + Int64(contents.count) - 1) - min(number, first) >= Self.limit {
      doubleWidth()
      number = time.floorDivided(by: width)
    }
    if number < first {
      contents.insert(
        contentsOf: (number..<first).map { _ in Contents() }, at: 0)
      first = number
    }
    while Int64(contents.count) <= number - first { contents.append(Contents()) }
    return Int(number - first)
  }

  private mutating func doubleWidth() {
    let newFirst = first >> 1
    var merged: [Contents] = []
    for (offset, bin) in contents.enumerated() {
      if Int64(merged.count) > (first + Int64(offset)) >> 1 - newFirst {
        merged[merged.count - 1].merge(bin)
      } else {
        merged.append(bin)
      }
    }
    contents = merged
    first = newFirst
    width *= 2
  }
}

extension Int64 {
  /// The quotient, rounded down.
  fileprivate func floorDivided(by divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}
