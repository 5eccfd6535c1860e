/// The element type of a tensor, as stored in the tensor record.
public enum ElementType: UInt8, Sendable {
  case int8 = 1
  case uint8 = 2
  case int32 = 3
  case int64 = 4
  case float32 = 5

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8: 1
    case .int32, .float32: 4
    case .int64: 8
    }
  }

  /// The name used in documentation, messages and JSON.
  public var name: StaticString {
    switch self {
    case .int8: "int8"
    case .uint8: "uint8"
    case .int32: "int32"
    case .int64: "int64"
    case .float32: "float32"
    }
  }
}

#if !hasFeature(Embedded)
  // The list of cases is an array, which a board without a heap cannot have.
  extension ElementType: CaseIterable {}
#endif
