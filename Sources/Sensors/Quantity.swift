/// A physical quantity and the unit drivers give it in.
public struct Quantity: Sendable {
  /// The name a configuration calls it by, such as `temperature` or `acceleration_x`.
  public let name: StaticString

  /// The unit as model contracts write it, such as `°C` or `m/s²`.
  public let unit: StaticString

  /// A quantity.
  public init(_ name: StaticString, unit: StaticString) {
    self.name = name
    self.unit = unit
  }
}

/// The quantities of a reading, in order; `repeated` numbers the last of them (`pixel_0` …).
public struct Quantities: Sendable {
  private var items: InlineArray<8, Quantity>

  /// How many different ones there are.
  private let namedCount: Int

  /// How many numbers a reading has.
  public let count: Int

  /// Up to eight quantities; the last one `repeats` times.
  public init(_ items: InlineArray<8, Quantity>, count: Int, repeats: Int = 1) {
    self.items = items
    namedCount = count
    self.count = count - 1 + repeats
  }

  /// The quantity of a number of the reading; repeated ones share name and unit.
  public subscript(index: Int) -> Quantity { items[min(index, namedCount - 1)] }

  /// The number a repeated quantity's name ends in; `nil` for one that is not repeated.
  public func repetition(_ index: Int) -> Int? {
    count > namedCount && index >= namedCount - 1 ? index - (namedCount - 1) : nil
  }
}
