import Text

// Name and value in one call.
extension JSONLine where Storage: ~Copyable {
  /// A named string of any bytes.
  public mutating func field(_ name: StaticString, string utf8: borrowing Span<UInt8>) {
    key(name)
    string(utf8)
  }

  /// A named string literal.
  public mutating func field(_ name: StaticString, string text: StaticString) {
    key(name)
    string(text)
  }

  /// A named integer.
  public mutating func field(_ name: StaticString, integer value: Int64) {
    key(name)
    integer(value)
  }

  /// A named integer.
  public mutating func field(_ name: StaticString, integer value: UInt64) {
    key(name)
    integer(value)
  }

  /// A named integer.
  public mutating func field(_ name: StaticString, integer value: Int) {
    key(name)
    integer(Int64(value))
  }

  /// A named number with a fixed count of decimals; see `decimal(_:fractionDigits:)`.
  public mutating func field(_ name: StaticString, decimal value: Double, fractionDigits: Int) {
    key(name)
    decimal(value, fractionDigits: fractionDigits)
  }

  /// A number with a fixed count of decimals under a name known at run time, such as a label.
  public mutating func field(
    _ name: borrowing Span<UInt8>, decimal value: Double, fractionDigits: Int
  ) {
    key(name)
    decimal(value, fractionDigits: fractionDigits)
  }

  /// A named `true` or `false`.
  public mutating func field(_ name: StaticString, boolean value: Bool) {
    key(name)
    boolean(value)
  }

  /// A named moment.
  public mutating func field(_ name: StaticString, timestamp value: Timestamp) {
    key(name)
    timestamp(value)
  }
}
