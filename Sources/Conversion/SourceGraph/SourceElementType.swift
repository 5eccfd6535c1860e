/// The type of a tensor's elements.
public enum SourceElementType: String, Equatable, Sendable, CaseIterable {
  case int8, uint8, int16, int32, int64, float32, bool

  /// Bytes one element takes, in memory and in a constant's bytes.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .int16: 2
    case .int32, .float32: 4
    case .int64: 8
    }
  }

  /// The values a quantized tensor of this type can hold, or nil where it is not one of bytes.
  public var quantizedRange: ClosedRange<Int32>? {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    default: nil
    }
  }

  /// Whether a scale gives the elements a meaning; what a file states for other types is ignored.
  public var isQuantizable: Bool {
    switch self {
    case .int8, .uint8, .int16, .int32: true
    case .int64, .float32, .bool: false
    }
  }
}

extension SourceElementType: CustomStringConvertible {
  /// The type as messages write it.
  public var description: String { rawValue }
}
