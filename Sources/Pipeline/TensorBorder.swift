import FixedPoint
import Interchange
import ModelFormat
import Signal

/// The border between a tensor and the outside: real numbers out there, integers in here.
///
/// `raw` elements pass as they are, in the tensor's own type. Otherwise float32 is quantized on the
/// way in and dequantized on the way out (`AffineQuantization`); integers without a quantization,
/// such as class indices, are converted by value.
public struct TensorBorder: Sendable {
  /// The type of the tensor's elements.
  public let elementType: ElementType

  /// How many elements the tensor has.
  public let elementCount: Int

  private let quantization: AffineQuantization?

  /// The border of one tensor.
  public init(_ tensor: TensorRecord) {
    elementType = tensor.elementType
    elementCount = tensor.shape.elementCount
    quantization =
      tensor.scale > 0
      ? AffineQuantization(scale: tensor.scale, zeroPoint: tensor.zeroPoint) : nil
  }

  /// The type of the elements outside.
  public func outsideType(raw: Bool) -> NumpyElementType {
    guard raw else { return .float32 }
    return switch elementType {
    case .int8: .int8
    case .uint8: .uint8
    case .int32: .int32
    case .int64: .int64
    case .float32: .float32
    }
  }

  /// Writes one real number into the tensor.
  ///
  /// - Parameters:
  ///   - value: Rounded to the nearest step, ties away from zero, and saturated.
  ///   - index: The element, below `elementCount`.
  ///   - tensor: The tensor's bytes, or the piece of them that begins with the element `index`
  ///     counts from.
  @_lifetime(tensor: copy tensor)
  public func store(_ value: Float, at index: Int, of tensor: inout MutableRawSpan) {
    switch elementType {
    case .int8:
      tensor.storeBytes(of: quantized(value), toByteOffset: index, as: Int8.self)
    case .uint8:
      tensor.storeBytes(of: quantized(value), toByteOffset: index, as: UInt8.self)
    case .int32:
      tensor.storeBytes(of: quantized(value), toByteOffset: 4 * index, as: Int32.self)
    case .int64:
      tensor.storeBytes(of: quantized(value), toByteOffset: 8 * index, as: Int64.self)
    case .float32:
      tensor.storeBytes(of: value, toByteOffset: 4 * index, as: Float.self)
    }
  }

  /// Writes features into the tensor, as one by one.
  @_lifetime(tensor: copy tensor)
  public func store(
    _ values: SampleChunk, at places: FeaturePlaces, of tensor: inout MutableRawSpan
  ) {
    if elementType == .float32, places.stride == 1, places.count == values.count {
      tensor.storeBytes(of: values, toByteOffset: 4 * places.first, as: SampleChunk.self)
    } else {
      places.forEach { store(values[$1], at: $0, of: &tensor) }
    }
  }

  /// Reads one element of the tensor as a real number.
  public func real(at index: Int, of tensor: RawSpan) -> Float {
    switch elementType {
    case .int8: dequantized(tensor.element(index, as: Int8.self))
    case .uint8: dequantized(tensor.element(index, as: UInt8.self))
    case .int32: dequantized(tensor.element(index, as: Int32.self))
    case .int64: dequantized(tensor.element(index, as: Int64.self))
    case .float32: tensor.element(index, as: Float.self)
    }
  }

  private func quantized<Element: FixedWidthInteger>(_ value: Float) -> Element {
    (quantization ?? AffineQuantization(scale: 1, zeroPoint: 0)).quantize(value)
  }

  private func dequantized<Element: FixedWidthInteger>(_ element: Element) -> Float {
    (quantization ?? AffineQuantization(scale: 1, zeroPoint: 0)).dequantize(element)
  }
}

extension TensorBorder {
  /// Fills the tensor from one sample of a file.
  ///
  /// - Parameters:
  ///   - outside: `elementCount` elements of type `type`, little-endian, row-major.
  ///   - type: The raw type, float32 or float64 (`checkElementType` in ``SampleFormat``).
  ///   - tensor: All bytes of the tensor.
  @_lifetime(tensor: copy tensor)
  public func load(
    _ outside: RawSpan, of type: NumpyElementType, raw: Bool, into tensor: inout MutableRawSpan
  ) {
    if raw || type == .float32 && elementType == .float32 {
      let byteCount = elementCount * elementType.byteCount
      for offset in 0..<byteCount {
        tensor.storeBytes(
          of: outside.element(offset, as: UInt8.self), toByteOffset: offset, as: UInt8.self)
      }
    } else if type == .float64 {
      for index in 0..<elementCount {
        store(Float(outside.element(index, as: Double.self)), at: index, of: &tensor)
      }
    } else {
      for index in 0..<elementCount {
        store(outside.element(index, as: Float.self), at: index, of: &tensor)
      }
    }
  }

  /// The first element of a sample that is no finite number, and so means nothing to a model.
  ///
  /// - Parameters:
  ///   - outside: `elementCount` elements of type `type`, as for `load`.
  ///   - type: float32 or float64; integers are always finite.
  public func firstNonFinite(in outside: RawSpan, of type: NumpyElementType) -> Int? {
    for index in 0..<elementCount {
      let isFinite =
        switch type {
        case .float32: outside.element(index, as: Float.self).isFinite
        case .float64: outside.element(index, as: Double.self).isFinite
        default: true
        }
      if !isFinite { return index }
    }
    return nil
  }

  /// Writes one sample of a file from the tensor.
  ///
  /// - Parameter outside: Room for `elementCount` elements of `outsideType(raw:)`.
  @_lifetime(outside: copy outside)
  public func unload(_ tensor: RawSpan, raw: Bool, into outside: inout MutableRawSpan) {
    guard !raw else {
      for offset in 0..<elementCount * elementType.byteCount {
        outside.storeBytes(
          of: tensor.element(offset, as: UInt8.self), toByteOffset: offset, as: UInt8.self)
      }
      return
    }
    for index in 0..<elementCount {
      outside.storeBytes(
        of: real(at: index, of: tensor), toByteOffset: 4 * index, as: Float.self)
    }
  }
}

extension RawSpan {
  /// Element `index` of a dense array. Every target is little-endian, as the files are.
  fileprivate func element<Element: BitwiseCopyable>(
    _ index: Int, as type: Element.Type
  ) -> Element {
    // Bounds are checked by the load, and every bit pattern is a value of the types used here.
    unsafe unsafeLoadUnaligned(
      fromByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
  }
}
