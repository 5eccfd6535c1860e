import Text

/// The head of a `.npy` file: what the array holds and where its elements begin.
///
/// The format is NumPy's own (numpy.lib.format): the bytes `\x93NUMPY`, a version, the length of
/// what follows, and a Python dictionary as text,
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (1000, 49, 10), }
///
/// padded with spaces and ended by a line feed so that the elements begin at a multiple of 64.
/// Elements follow in row-major order, little-endian.
public struct NumpyHeader: Equatable, Sendable {
  /// What the elements are.
  public let elementType: NumpyElementType

  /// The dimensions, outermost first.
  public let shape: NumpyShape

  /// Where the elements begin, in bytes from the start of the file.
  public let dataOffset: Int

  /// How many elements there are.
  public let elementCount: Int

  /// How many bytes the elements take.
  public let dataByteCount: Int

  /// Longer headers, which NumPy does not read by default either, are refused.
  public static let maximumByteCount = 10_000

  /// Bytes that tell how long a header is.
  public static let prefixByteCount = 12

  /// - Throws: `NumpyError` when the elements would take more bytes than `Int` counts.
  init(
    elementType: NumpyElementType, shape: NumpyShape, dataOffset: Int
  ) throws(NumpyError) {
    self.elementType = elementType
    self.shape = shape
    self.dataOffset = dataOffset
    guard let elementCount = shape.elementCount else { throw NumpyError(.tooLarge, at: 10) }
    let (byteCount, overflow) = elementCount.multipliedReportingOverflow(by: elementType.byteCount)
    guard !overflow, byteCount <= Int.max - dataOffset else { throw NumpyError(.tooLarge, at: 10) }
    self.elementCount = elementCount
    dataByteCount = byteCount
  }

  /// The header of an array to write.
  ///
  /// - Throws: `NumpyError` when the array is too large.
  public init(elementType: NumpyElementType, shape: NumpyShape) throws(NumpyError) {
    // Eight dimensions of at most 19 digits: the header is never longer than 320 bytes.
    let text = Self.text(elementType: elementType, shape: shape)
    self = try NumpyHeader(
      elementType: elementType, shape: shape,
      dataOffset: Self.dataOffset(textByteCount: text.count))
  }

  /// Appends the header, version 1.0, byte for byte as `numpy.save` writes it.
  public func append(to sink: inout some TextSink & ~Copyable) {
    let text = Self.text(elementType: elementType, shape: shape)
    let end = Self.dataOffset(textByteCount: text.count)
    sink.append(byte: 0x93)
    sink.append("NUMPY")
    sink.append(byte: 1)
    sink.append(byte: 0)
    sink.append(byte: UInt8(truncatingIfNeeded: end - 10))
    sink.append(byte: UInt8(truncatingIfNeeded: (end - 10) >> 8))
    sink.append(text.bytes)
    sink.append(byte: UInt8(ascii: " "), repeated: end - 10 - text.count - 1)
    sink.append(byte: UInt8(ascii: "\n"))
  }

  private static func text(
    elementType: NumpyElementType, shape: NumpyShape
  ) -> TextBuffer<320> {
    var text = TextBuffer<320>()
    text.append("{'descr': '")
    text.append(elementType.descriptor)
    text.append("', 'fortran_order': False, 'shape': ")
    shape.append(to: &text)
    text.append(", }")
    if shape.count > 0 {
      // NumPy leaves room for the outermost dimension to grow to 21 digits in place.
      var digits = TextBuffer<20>()
      digits.append(shape[0])
      text.append(byte: UInt8(ascii: " "), repeated: 21 - digits.count)
    }
    return text
  }

  /// The next multiple of 64 after magic, version, length (10 bytes), text and line feed; a whole
  /// 64 more where they end on one, as NumPy does it.
  private static func dataOffset(textByteCount: Int) -> Int {
    let used = 10 + textByteCount + 1
    return used + 64 - used % 64
  }
}
