// For the workstation, where records are read.
#if !hasFeature(Embedded)
  /// A value in a line of JSON.
  public enum JSONValue: Equatable, Sendable {
    case string(String)
    /// A number as it is written, so that no digit is lost.
    case number(String)
    case boolean(Bool)
    case null
    /// An object or array as it is written.
    case structure(String)

    /// The number, where it is one.
    public var double: Double? {
      if case .number(let text) = self { Double(text) } else { nil }
    }

    /// The number, where it is an integer from 0 to 2⁶⁴ − 1.
    public var unsigned: UInt64? {
      if case .number(let text) = self { UInt64(text) } else { nil }
    }

    /// The string, where it is one.
    public var string: String? {
      if case .string(let text) = self { text } else { nil }
    }

    /// The names of an object's members; empty for anything else.
    public var memberNames: [String] {
      guard case .structure(let text) = self, text.hasPrefix("{") else { return [] }
      var names: [String] = []
      JSONText.forEachMember(of: Array(text.utf8)[...]) { key, _ in
        names.append(JSONText.unescaped(key))
        return true
      }
      return names
    }

    /// The value as text: strings without quotation marks, null as nothing.
    public var text: String {
      switch self {
      case .string(let text), .number(let text), .structure(let text): text
      case .boolean(let value): value ? "true" : "false"
      case .null: ""
      }
    }
  }

  /// Finds values in one line of JSON without building a tree.
  struct JSONText {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
      self.bytes = bytes
      index = bytes.startIndex
    }

    /// The members of the object that the text is, in order; stops where it is no JSON.
    static func forEachMember(
      of bytes: ArraySlice<UInt8>, _ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Bool
    ) {
      var text = JSONText(bytes)
      guard text.take(UInt8(ascii: "{")) else { return }
      while let key = text.value(), text.take(UInt8(ascii: ":")), let value = text.value() {
        guard body(key.dropFirst().dropLast(), value), text.take(UInt8(ascii: ",")) else { return }
      }
    }

    /// The value that a text is.
    static func decode(_ text: ArraySlice<UInt8>) -> JSONValue? {
      switch text.first {
      case nil: nil
      case UInt8(ascii: "\""): .string(unescaped(text.dropFirst().dropLast()))
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        .structure(String(decoding: text, as: UTF8.self))
      case UInt8(ascii: "t"): .boolean(true)
      case UInt8(ascii: "f"): .boolean(false)
      case UInt8(ascii: "n"): .null
      default: .number(String(decoding: text, as: UTF8.self))
      }
    }

    private mutating func skipBlanks() {
      while index < bytes.endIndex, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
      skipBlanks()
      guard index < bytes.endIndex, bytes[index] == byte else { return false }
      index += 1
      return true
    }

    /// The text of the value that comes next.
    private mutating func value() -> ArraySlice<UInt8>? {
      skipBlanks()
      let start = index
      var depth = 0
      while index < bytes.endIndex {
        switch bytes[index] {
        case UInt8(ascii: "\""):
          guard skipString() else { return nil }
          if depth == 0 { return bytes[start..<index] }
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          guard depth > 0 else { return index > start ? bytes[start..<index] : nil }
          depth -= 1
          if depth == 0 {
            index += 1
            return bytes[start..<index]
          }
        case UInt8(ascii: ","), UInt8(ascii: ":"):
          if depth == 0 { return index > start ? bytes[start..<index] : nil }
        default: break
        }
        index += 1
      }
      return depth == 0 && index > start ? bytes[start..<index] : nil
    }

    private mutating func skipString() -> Bool {
      index += 1
      while index < bytes.endIndex {
        let byte = bytes[index]
        index += byte == UInt8(ascii: "\\") ? 2 : 1
        if byte == UInt8(ascii: "\"") { return true }
      }
      return false
    }

    static func unescaped(_ text: ArraySlice<UInt8>) -> String {
      guard text.contains(UInt8(ascii: "\\")) else { return String(decoding: text, as: UTF8.self) }
      var result: [UInt8] = []
      var index = text.startIndex
      while index < text.endIndex {
        guard text[index] == UInt8(ascii: "\\"), index + 1 < text.endIndex else {
          result.append(text[index])
          index += 1
          continue
        }
        let escape = text[index + 1]
        index += 2
        switch escape {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "u"):
          // The journal writes control characters this way and nothing else.
          let digits = String(decoding: text[index..<min(index + 4, text.endIndex)], as: UTF8.self)
          index = min(index + 4, text.endIndex)
          let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init) ?? "\u{FFFD}"
          result += Array(String(Character(scalar)).utf8)
        default: result.append(escape)
        }
      }
      return String(decoding: result, as: UTF8.self)
    }
  }
#endif
