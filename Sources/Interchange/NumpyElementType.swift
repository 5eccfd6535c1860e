import Text

/// The element types of the `.npy` files read and written here.
public enum NumpyElementType: UInt8, Sendable {
  case int8
  case uint8
  case int32
  case int64
  case float32
  case float64

  /// How NumPy writes the type: byte order, kind and size.
  public var descriptor: StaticString {
    switch self {
    case .int8: "|i1"
    case .uint8: "|u1"
    case .int32: "<i4"
    case .int64: "<i8"
    case .float32: "<f4"
    case .float64: "<f8"
    }
  }

  /// How NumPy calls the type.
  public var name: StaticString {
    switch self {
    case .int8: "int8"
    case .uint8: "uint8"
    case .int32: "int32"
    case .int64: "int64"
    case .float32: "float32"
    case .float64: "float64"
    }
  }

  /// Bytes an element takes.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8: 1
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether elements are real numbers, not integers.
  public var isFloatingPoint: Bool { self == .float32 || self == .float64 }

  /// The type with a descriptor.
  init?(descriptor: borrowing Span<UInt8>) {
    for rawValue in Self.int8.rawValue...Self.float64.rawValue {
      if let type = Self(rawValue: rawValue), descriptor.equals(type.descriptor) {
        self = type
        return
      }
    }
    return nil
  }
}
