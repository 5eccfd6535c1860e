import Text

/// Why a text is not the JSON that was expected, and where.
public struct JSONError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Kind: Equatable, Sendable {
    case cutOff, trailing, tooDeep, controlCharacter, badEscape, numberOutOfRange
    case expectedObject, expectedArray, expectedKey, expectedColon, expectedComma
    case expectedString, expectedInteger, expectedBoolean, expectedValue
  }

  /// What is wrong.
  public let kind: Kind

  /// The byte it is at, from 0.
  public let offset: Int

  init(_ kind: Kind, offset: Int) {
    self.kind = kind
    self.offset = offset
  }

  /// Appends `byte 17: a comma is missing`.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("byte ")
    sink.append(offset)
    sink.append(": ")
    sink.append(kind.phrase)
  }
}

extension JSONError.Kind {
  fileprivate var phrase: StaticString {
    switch self {
    case .cutOff: "the text ends too early"
    case .trailing: "something comes after the end of the value"
    case .tooDeep: "objects and arrays are nested too deeply"
    case .controlCharacter: "a control character in a string; escape it"
    case .badEscape: "an unknown escape in a string"
    case .numberOutOfRange: "a number beyond the largest double, or of too many digits"
    case .expectedObject: "an object should come here, {"
    case .expectedArray: "a list should come here, ["
    case .expectedKey: "a key in quotation marks should come here"
    case .expectedColon: "a colon should come here"
    case .expectedComma: "a comma is missing"
    case .expectedString: "a text in quotation marks should come here"
    case .expectedInteger: "a whole number should come here"
    case .expectedBoolean: "true or false should come here"
    case .expectedValue: "this is not a JSON value"
    }
  }
}

#if !hasFeature(Embedded)
  extension JSONError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
