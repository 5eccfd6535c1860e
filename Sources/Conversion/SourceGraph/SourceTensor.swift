/// A value flowing between operators, or a constant.
public struct SourceTensor: Equatable, Sendable {
  /// The tensor's position in the file it came from, for messages only.
  public var fileIndex: Int
  /// The name the training framework gave it; need not be unique.
  public var name: String
  /// The type of its elements.
  public var type: SourceElementType
  /// Extents, outermost first, row-major; empty for a scalar. Every extent is at least 1.
  public var shape: [Int]
  /// How integers map to real numbers, or nil for a tensor of plain numbers.
  public var quantization: SourceQuantization?
  /// Little-endian elements in row-major order, or nil where the value is computed at run time.
  public var constant: [UInt8]?

  /// Number of elements. `SourceGraph.validate()` proves that this product does not overflow.
  public var elementCount: Int { shape.reduce(1, *) }

  /// Bytes the tensor takes, without padding.
  public var byteCount: Int { elementCount * type.byteCount }
}

/// The affine map `real = scale × (quantized − zeroPoint)`, per tensor or per slice along `axis`.
public struct SourceQuantization: Equatable, Sendable {
  /// One positive finite scale, or one per slice along `axis`.
  public var scales: [Float]
  /// As many as there are scales.
  public var zeroPoints: [Int32]
  /// The dimension the scales run along; meaningful only with more than one scale.
  public var axis: Int = 0

  /// True where each slice along `axis` has its own scale.
  public var isPerAxis: Bool { scales.count > 1 }

  /// The scale of a tensor that has one scale only.
  public var scale: Float { scales[0] }

  /// The zero point of a tensor that has one scale only.
  public var zeroPoint: Int32 { zeroPoints[0] }
}
