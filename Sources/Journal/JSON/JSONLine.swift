import Text

/// Writes one JSON object as one line of text, in caller-chosen fixed storage.
///
///     var line = JSONLine(TextBuffer<512>())
///     line.begin()
///     line.field("sequence", integer: 7)
///     line.key("probabilities")
///     line.beginObject()
///     line.field(label, decimal: 0.9961, fractionDigits: 4)
///     line.endObject()
///     line.end()                      // {"sequence":7,"probabilities":{"walking":0.9961}}⏎
///
/// Commas are put by the encoder; that keys and values alternate and ends match beginnings is the
/// caller's part. A line that does not fit the storage is cut, `overflowed` is true, and the line
/// must not be used.
public struct JSONLine<Storage: TextStorage & ~Copyable>: ~Copyable {
  private var storage: Storage
  /// Whether a value came last, so that another one needs a comma before it.
  private var needsComma = false

  /// - Parameter storage: Where the text goes; what it holds is replaced by `begin()`.
  public init(_ storage: consuming Storage) {
    self.storage = storage
  }

  /// The line so far; after `end()`, the whole with its line feed.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get { storage.bytes }
  }

  /// Whether the line did not fit.
  public var overflowed: Bool { storage.overflowed }

  /// Starts a new line and its object.
  public mutating func begin() {
    storage.removeAll()
    needsComma = false
    beginObject()
  }

  /// Ends the object and the line.
  public mutating func end() {
    endObject()
    storage.append(byte: UInt8(ascii: "\n"))
  }

  // MARK: Structure

  /// Starts an object as the next value.
  public mutating func beginObject() { open(UInt8(ascii: "{")) }

  /// Ends the innermost object.
  public mutating func endObject() { close(UInt8(ascii: "}")) }

  /// Starts an array as the next value.
  public mutating func beginArray() { open(UInt8(ascii: "[")) }

  /// Ends the innermost array.
  public mutating func endArray() { close(UInt8(ascii: "]")) }

  /// The name of the next value.
  public mutating func key(_ name: StaticString) {
    name.withUTF8Span { key($0) }
  }

  /// The name of the next value, any bytes.
  public mutating func key(_ name: borrowing Span<UInt8>) {
    string(name)
    storage.append(byte: UInt8(ascii: ":"))
    needsComma = false
  }

  // MARK: Values

  /// A string of any bytes; what is not UTF-8 becomes U+FFFD.
  public mutating func string(_ utf8: borrowing Span<UInt8>) {
    separate()
    storage.append(byte: UInt8(ascii: "\""))
    storage.append(escapedForJSON: utf8)
    storage.append(byte: UInt8(ascii: "\""))
  }

  /// A string literal.
  public mutating func string(_ text: StaticString) {
    text.withUTF8Span { string($0) }
  }

  /// An integer.
  public mutating func integer(_ value: Int64) {
    separate()
    storage.append(value)
  }

  /// An integer.
  public mutating func integer(_ value: UInt64) {
    separate()
    storage.append(value)
  }

  /// A number with a fixed count of decimals, 0 through 9; `null` for NaN, infinities and
  /// magnitudes from 2⁶⁴, which JSON or the format cannot write.
  public mutating func decimal(_ value: Double, fractionDigits: Int) {
    separate()
    if !storage.append(value, fractionDigits: fractionDigits) { storage.append("null") }
  }

  /// `true` or `false`.
  public mutating func boolean(_ value: Bool) {
    separate()
    storage.append(value ? "true" : "false")
  }

  /// `null`.
  public mutating func null() {
    separate()
    storage.append("null")
  }

  /// A moment as an RFC 3339 string.
  public mutating func timestamp(_ value: Timestamp) {
    separate()
    storage.append(byte: UInt8(ascii: "\""))
    value.append(to: &storage)
    storage.append(byte: UInt8(ascii: "\""))
  }

  // MARK: Punctuation

  private mutating func separate() {
    if needsComma { storage.append(byte: UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func open(_ bracket: UInt8) {
    separate()
    storage.append(byte: bracket)
    needsComma = false
  }

  private mutating func close(_ bracket: UInt8) {
    storage.append(byte: bracket)
    needsComma = true
  }
}
