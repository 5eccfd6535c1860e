/// Streaming state: bytes that one invocation leaves for the next.
public struct SourceVariable: Equatable, Sendable {
  /// `container/shared_name`, or the shared name alone where the container is empty.
  public var name: String
  /// The type of its elements.
  public var type: SourceElementType
  /// Extents, outermost first; that of every tensor read from or assigned to it.
  public var shape: [Int]
  /// That of every tensor read from or assigned to it.
  public var quantization: SourceQuantization?
  /// The value before the first invocation and after a reset, little-endian, `byteCount` bytes.
  ///
  /// Comes from the model's initialization subgraph; where that says nothing, every byte is the
  /// zero point of the first tensor assigned (0 if it has none), as TensorFlow Lite Micro does.
  public var initialValue: [UInt8]

  /// Number of elements.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Bytes the variable takes, without padding.
  public var byteCount: Int { elementCount * type.byteCount }
}
