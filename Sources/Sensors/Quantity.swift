import Text

/// A physical quantity and the unit drivers give it in.
///
/// Name and unit are stored in place: those of a described sensor come from the configuration.
public struct Quantity: Equatable, Sendable {
  /// The name a configuration calls it by, such as `temperature` or `acceleration_x`.
  public let name: TextBuffer<32>

  /// The unit as model contracts write it, such as `°C` or `m/s²`.
  public let unit: TextBuffer<16>

  /// A quantity a driver knows.
  public init(_ name: StaticString, unit: StaticString) {
    self.name = name.withUTF8Span { TextBuffer($0) }
    self.unit = unit.withUTF8Span { TextBuffer($0) }
  }

  /// A quantity named by a configuration.
  ///
  /// - Returns: `nil` when the name is empty, or one of them is too long to be stored.
  public init?(name: borrowing Span<UInt8>, unit: borrowing Span<UInt8>) {
    guard name.count > 0 else { return nil }
    self.name = TextBuffer(name)
    self.unit = TextBuffer(unit)
    guard !self.name.overflowed, !self.unit.overflowed else { return nil }
  }
}

/// The quantities of a reading, in order; the last of them may be repeated (`pixel_0` …).
///
/// Large for a value (about 700 bytes): taken once when channels are bound, not in the loop.
public struct Quantities: Sendable {
  private var items: InlineArray<8, Quantity>

  /// How many different ones there are.
  private let namedCount: Int

  /// How many numbers a reading has.
  public let count: Int

  /// Up to eight quantities; the last one `repeats` times.
  public init(_ items: InlineArray<8, Quantity>, count: Int, repeats: Int = 1) {
    precondition((1...8).contains(count), "between one and eight quantities")
    precondition(repeats >= 1 && count - 1 + repeats <= Reading.maximumCount)
    self.items = items
    namedCount = count
    self.count = count - 1 + repeats
  }

  /// One quantity, `repeats` times.
  public init(_ only: Quantity, repeats: Int = 1) {
    self.init(InlineArray(repeating: only), count: 1, repeats: repeats)
  }

  /// Two quantities.
  public init(_ first: Quantity, _ second: Quantity) {
    var items = InlineArray<8, Quantity>(repeating: second)
    items[0] = first
    self.init(items, count: 2)
  }

  /// Three quantities.
  public init(_ first: Quantity, _ second: Quantity, _ third: Quantity) {
    var items = InlineArray<8, Quantity>(repeating: third)
    items[0] = first
    items[1] = second
    self.init(items, count: 3)
  }

  /// The quantity of a number of the reading; repeated ones share name and unit.
  public subscript(index: Int) -> Quantity { items[min(index, namedCount - 1)] }

  /// The number a repeated quantity's name ends in; `nil` for one that is not repeated.
  public func repetition(_ index: Int) -> Int? {
    count > namedCount && index >= namedCount - 1 ? index - (namedCount - 1) : nil
  }

  /// Appends the whole name of a number of the reading, such as `humidity` or `pixel_12`.
  public func appendName(_ index: Int, to sink: inout some TextSink & ~Copyable) {
    let quantity = self[index]
    sink.append(quantity.name.bytes)
    if let repetition = repetition(index) {
      sink.append(byte: UInt8(ascii: "_"))
      sink.append(repetition)
    }
  }

  /// Which number of the reading a channel's `quantity = …` means; `nil` for a name that is none.
  public func index(named name: borrowing Span<UInt8>) -> Int? {
    for index in 0..<count {
      var candidate = TextBuffer<40>()
      appendName(index, to: &candidate)
      if candidate.bytes.equals(name) { return index }
    }
    return nil
  }
}
