import Text

/// Which line a configuration means.
///
/// Chips are chosen by label, never by number, which may change with each boot.
public struct GPIOLineChoice: Sendable {
  /// A chip's label; empty means any chip.
  let chip: TextBuffer<32>
  /// A line's name.
  let line: TextBuffer<32>
  /// The number of a line on the chip, where `line` is one and a chip is chosen.
  let offset: Int?

  /// - Parameters:
  ///   - chip: A chip's label; empty where the line's name is enough.
  ///   - line: A line's name, or, with a chip, its number there. A name wins over a number.
  public init(
    chip: borrowing Span<UInt8>, line: borrowing Span<UInt8>
  ) throws(GPIOError) {
    self.chip = TextBuffer(chip)
    self.line = TextBuffer(line)
    offset = chip.isEmpty ? nil : Self.number(in: line)
    guard !self.line.isEmpty, !self.chip.overflowed, !self.line.overflowed else {
      throw GPIOError(.badChoice)
    }
  }

  private static func number(in text: borrowing Span<UInt8>) -> Int? {
    guard (1...5).contains(text.count) else { return nil }
    var value = 0
    for index in text.indices {
      guard (0x30...0x39).contains(text[index]) else { return nil }
      value = 10 * value + Int(text[index] - 0x30)
    }
    return value
  }
}

/// A line as it was found on the running system.
public struct GPIOLine: Sendable {
  /// The number of its chip, until the next boot.
  public let chipNumber: Int
  /// Its number on the chip.
  public let offset: Int
  /// The label of its chip.
  public let chipLabel: TextBuffer<32>
  /// Its name; empty where it has none.
  public let name: TextBuffer<32>

  /// Looks for the line on all chips.
  ///
  /// - Throws: `GPIOError`; with several candidates, it names them.
  public static func find(_ choice: GPIOLineChoice) throws(GPIOError) -> GPIOLine {
    var search = Search(choice)
    var number = 0
    while let found = GPIOChip.next(from: number) {
      try search.look(at: found)
      number = found + 1
    }
    return try search.result()
  }

  /// Appends `pinctrl-bcm2835 line 17 (GPIO17)`.
  public func append(to sink: inout some TextSink & ~Copyable) {
    sink.append(visible: chipLabel.bytes)
    sink.append(" line ")
    sink.append(offset)
    guard !name.isEmpty else { return }
    sink.append(" (")
    sink.append(visible: name.bytes)
    sink.append(")")
  }
}

/// What was found so far.
private struct Search {
  let choice: GPIOLineChoice
  var line: GPIOLine?
  /// A line whose number, not its name, was meant; taken when no name fits.
  var numbered: GPIOLine?
  var matches = 0
  var numberedMatches = 0
  var candidates = TextBuffer<256>()
  var numberedCandidates = TextBuffer<256>()
  var labels = TextBuffer<256>()
  var chipMatches = 0
  var refusal: GPIOError?

  init(_ choice: GPIOLineChoice) { self.choice = choice }

  mutating func look(at number: Int) throws(GPIOError) {
    do throws(GPIOError) {
      try look(at: GPIOChip(number: number))
    } catch {
      // One chip that may not be opened is no matter while another has the line.
      refusal = error
    }
  }

  private mutating func look(at chip: borrowing GPIOChip) throws(GPIOError) {
    let label = chip.label
    if !labels.isEmpty { labels.append(", ") }
    labels.append(label.bytes)
    guard choice.chip.isEmpty || choice.chip == label else { return }
    chipMatches += 1
    for offset in 0..<chip.lineCount {
      let info = try chip.line(offset)
      let found = GPIOLine(
        chipNumber: chip.number, offset: offset, chipLabel: label, name: info.name)
      if info.name == choice.line {
        matches += 1
        line = found
        Self.add(found, of: chip.name, to: &candidates)
      } else if choice.offset == offset {
        numberedMatches += 1
        numbered = found
        Self.add(found, of: chip.name, to: &numberedCandidates)
      }
    }
  }

  private static func add(
    _ line: GPIOLine, of chip: TextBuffer<32>, to list: inout TextBuffer<256>
  ) {
    if !list.isEmpty { list.append(", ") }
    line.append(to: &list)
    list.append(" of ")
    list.append(chip.bytes)
  }

  func result() throws(GPIOError) -> GPIOLine {
    if matches > 1 { throw GPIOError(.ambiguous, detail: candidates) }
    if let line { return line }
    if numberedMatches > 1 { throw GPIOError(.ambiguous, detail: numberedCandidates) }
    if let numbered { return numbered }
    if let refusal { throw refusal }
    if chipMatches == 0, !choice.chip.isEmpty || labels.isEmpty {
      throw GPIOError(.missingChip, detail: labels)
    }
    throw GPIOError(.missingLine)
  }
}
