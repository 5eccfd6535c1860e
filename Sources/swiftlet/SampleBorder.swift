import FixedPoint
import Interchange
import ModelFormat
import Text

/// The border between arrays of samples and a graph input or output.
struct SampleBorder {
  private let tensor: TensorSummary
  private let elementType: ElementType
  private let quantization: AffineQuantization

  init(_ tensor: TensorSummary, _ record: TensorRecord) {
    self.tensor = tensor
    elementType = record.elementType
    quantization = AffineQuantization(scale: record.scale, zeroPoint: record.zeroPoint)
  }

  /// The shape of one sample: the tensor's, without a leading 1.
  private var sampleShape: [Int] {
    tensor.shape.first == 1 ? Array(tensor.shape.dropFirst()) : tensor.shape
  }

  private var isQuantized: Bool { tensor.scale > 0 && elementType != .float32 }

  /// Refuses an array whose samples do not fit the tensor.
  func check(_ array: NumpyArray, raw: Bool) throws {
    guard array.sampleShape == sampleShape || array.sampleShape == tensor.shape else {
      throw Failure(
        "\(array.path): the shape of a sample is \(array.sampleShape), but input '\(tensor.name)' "
          + "of the model has \(tensor.shape); the array must be [samples, \(list(sampleShape))]")
    }
    let expected: NumpyElementType = raw || !isQuantized ? numpyType : .float32
    guard array.elementType == expected else {
      let hint =
        array.elementType == numpyType
        ? "these look like the model's own integers: add --raw"
        : "convert the array with .astype('\(name(expected))')"
      throw Failure(
        "\(array.path): the elements are \(name(array.elementType)), but \(name(expected)) is "
          + "needed\(raw ? " with --raw" : ""); \(hint)")
    }
    if expected == .float32 { try checkFinite(array) }
  }

  /// The bytes the model reads for sample `sample`.
  func bytes(of array: NumpyArray, sample: Int, raw: Bool) -> [UInt8] {
    let bytes = array.bytes(ofSample: sample)
    guard !raw && isQuantized else { return Array(bytes) }
    return array.floats(ofSample: sample).map { real in
      elementType == .int8
        ? UInt8(bitPattern: quantization.quantize(real) as Int8) : quantization.quantize(real)
    }
  }

  /// The bytes of an output as they are stored: real numbers, or with `raw` the model's own.
  func exported(_ bytes: [UInt8], raw: Bool) -> [UInt8] {
    guard !raw && isQuantized else { return bytes }
    return bytes.flatMap { byte -> [UInt8] in
      let real =
        elementType == .int8
        ? quantization.dequantize(Int8(bitPattern: byte)) : quantization.dequantize(byte)
      return (0..<4).map { UInt8(truncatingIfNeeded: real.bitPattern >> (8 * $0)) }
    }
  }

  /// The start of the .npy file of `sampleCount` outputs.
  func header(sampleCount: Int, raw: Bool) throws -> [UInt8] {
    var shape = NumpyShape()
    _ = shape.append(sampleCount)
    for dimension in sampleShape { _ = shape.append(dimension) }
    var text = TextBuffer<512>()
    try NumpyHeader(elementType: raw || !isQuantized ? numpyType : .float32, shape: shape)
      .append(to: &text)
    return text.bytes.withUnsafeBufferPointer { Array($0) }
  }

  private var numpyType: NumpyElementType {
    switch elementType {
    case .int8: .int8
    case .uint8: .uint8
    case .int32: .int32
    case .int64: .int64
    case .float32: .float32
    }
  }

  private func checkFinite(_ array: NumpyArray) throws {
    for sample in 0..<array.sampleCount {
      if let index = array.floats(ofSample: sample).firstIndex(where: { !$0.isFinite }) {
        throw Failure(
          "\(array.path): sample \(sample), element \(index): "
            + "\(array.floats(ofSample: sample)[index]) is not a number a model can use; "
            + "remove or repair the sample")
      }
    }
  }

  private func name(_ type: NumpyElementType) -> String { String { $0.append(type.name) } }

  private func list(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: ", ") }
}
