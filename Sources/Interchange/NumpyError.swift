import Text

/// Why bytes are not a `.npy` file this project reads, and where.
public struct NumpyError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Kind: Equatable, Sendable {
    /// The file ends inside the header; `needed` bytes of it are announced or the least possible.
    case truncated(needed: Int)
    /// The first six bytes are not `\x93NUMPY`.
    case notNumpy
    case unsupportedVersion(major: UInt8, minor: UInt8)
    /// The header is longer than `NumpyHeader.maximumByteCount`.
    case headerTooLong(byteCount: UInt32)
    /// The header is no Python dictionary of the three known keys.
    case expected(Expectation)
    /// A key other than `descr`, `fortran_order` and `shape`, or one of them a second time.
    case unexpectedKey(TextBuffer<24>)
    case missingKey(Key)
    case unsupportedElementType(TextBuffer<24>)
    case fortranOrder
    case tooManyDimensions
    /// The elements would take more bytes than can be addressed.
    case tooLarge
    /// The file ends before its last element.
    case missingData(needed: Int, available: Int)
    /// Bytes follow the last element.
    case trailingData
  }

  /// The three keys of a header.
  public enum Key: Equatable, Sendable {
    case descr
    case fortranOrder
    case shape

    var name: StaticString {
      switch self {
      case .descr: "descr"
      case .fortranOrder: "fortran_order"
      case .shape: "shape"
      }
    }
  }

  /// What a header should have had at a place.
  public enum Expectation: Equatable, Sendable {
    case openingBrace
    case keyOrClosingBrace
    case colon
    case commaOrClosingBrace
    case elementType
    case boolean
    case tuple
    case dimension
    case commaOrClosingParenthesis
    case endOfHeader

    var phrase: StaticString {
      switch self {
      case .openingBrace: "'{'"
      case .keyOrClosingBrace: "a quoted key or '}'"
      case .colon: "':'"
      case .commaOrClosingBrace: "',' or '}'"
      case .elementType: "a quoted element type"
      case .boolean: "True or False"
      case .tuple: "'('"
      case .dimension: "a dimension"
      case .commaOrClosingParenthesis: "',' or ')'"
      case .endOfHeader: "only spaces and a line feed"
      }
    }
  }

  /// What is wrong.
  public let kind: Kind

  /// Where, in bytes from the start of the file.
  public let byteOffset: Int

  /// An error about the data after the header is made by whoever reads it.
  public init(_ kind: Kind, at byteOffset: Int) {
    self.kind = kind
    self.byteOffset = byteOffset
  }
}

extension NumpyError {
  /// Appends place, what is wrong and what to try:
  /// `byte 10: the header lacks the key 'shape'; write the file with numpy.save`.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("byte ")
    sink.append(byteOffset)
    sink.append(": ")
    describeKind(into: &sink)
    sink.append("; ")
    sink.append(advice)
  }

  private func describeKind(into sink: inout some TextSink & ~Copyable) {
    switch kind {
    case .truncated(let needed):
      sink.append("the file ends inside the header, which takes at least ")
      sink.append(needed)
      sink.append(" bytes")
    case .notNumpy:
      sink.append("not a NumPy file, it does not begin with \\x93NUMPY")
    case .unsupportedVersion(let major, let minor):
      sink.append(".npy version ")
      sink.append(Int(major))
      sink.append(".")
      sink.append(Int(minor))
      sink.append(" is not known, only 1.0, 2.0 and 3.0 are")
    case .headerTooLong(let byteCount):
      sink.append("a header of ")
      sink.append(UInt64(byteCount))
      sink.append(" bytes is longer than the limit of ")
      sink.append(NumpyHeader.maximumByteCount)
    case .expected(let expectation):
      sink.append("expected ")
      sink.append(expectation.phrase)
      sink.append(" in the header")
    case .unexpectedKey(let key):
      sink.append("unknown or repeated key '")
      sink.append(visible: key.bytes)
      sink.append("' in the header")
    case .missingKey(let key):
      sink.append("the header lacks the key '")
      sink.append(key.name)
      sink.append("'")
    case .unsupportedElementType(let descriptor):
      sink.append("elements of type '")
      sink.append(visible: descriptor.bytes)
      sink.append("' are not supported")
    case .fortranOrder:
      sink.append("elements are in Fortran order")
    case .tooManyDimensions:
      sink.append("more than ")
      sink.append(NumpyShape.maximumDimensionCount)
      sink.append(" dimensions")
    case .tooLarge:
      sink.append("the array is too large")
    case .missingData(let needed, let available):
      sink.append("the header announces ")
      sink.append(needed)
      sink.append(" bytes of elements, the file has ")
      sink.append(available)
    case .trailingData:
      sink.append("bytes follow the last element")
    }
  }

  private var advice: StaticString {
    switch kind {
    case .unsupportedElementType:
      "convert with .astype('<f4') (or '|i1', '|u1', '<i4', '<i8') and save again"
    case .fortranOrder: "save numpy.ascontiguousarray(array)"
    case .truncated, .missingData, .trailingData: "make or copy the file again"
    case .tooLarge: "save fewer samples in a file"
    default: "write the file with numpy.save"
    }
  }
}

#if !hasFeature(Embedded)
  extension NumpyError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
