import Interchange
import Pipeline
import Testing

@testable import ModelFormat

@Suite struct TensorBorderTests {
  @Test(
    arguments: [
      // Ties go away from zero, of either sign.
      (0.25, 1), (-0.25, -1), (0.75, 2), (-0.75, -2), (0.2499, 0), (-0.2499, 0),
      (1000, 127), (-1000, -128), (.infinity, 127), (-.infinity, -128), (.nan, 0), (-0.0, 0),
    ] as [(Float, Int8)])
  func realNumbersAreQuantizedToInt8(value: Float, expected: Int8) {
    #expect(stored(value, in: .int8, scale: 0.5, zeroPoint: 0) == [UInt8(bitPattern: expected)])
  }

  @Test func theZeroPointIsAddedAfterRounding() {
    #expect(stored(-0.25, in: .int8, scale: 0.5, zeroPoint: 10) == [9])
    #expect(stored(0.25, in: .uint8, scale: 0.5, zeroPoint: 128) == [129])
    #expect(stored(-1000, in: .uint8, scale: 0.5, zeroPoint: 128) == [0])
  }

  @Test func numbersWithoutQuantizationKeepTheirValue() {
    #expect(stored(3, in: .int32, scale: 0, zeroPoint: 0) == [3, 0, 0, 0])
    #expect(
      stored(-2, in: .int64, scale: 0, zeroPoint: 0) == [0xFE] + Array(repeating: 0xFF, count: 7))
    #expect(stored(1, in: .float32, scale: 0, zeroPoint: 0) == [0, 0, 0x80, 0x3F])
  }

  @Test func outputsAreDequantized() {
    let tensor = record(.int8, count: 3, scale: 0.25, zeroPoint: -128)
    let border = TensorBorder(tensor)
    let bytes: [UInt8] = [0x80, 0, 0x7F]
    let values = bytes.withUnsafeBytes { bytes in
      (0..<3).map { border.real(at: $0, of: bytes.bytes) }
    }
    #expect(values == [0, 32, 63.75])
  }

  @Test func filesOfDoublesAreRoundedToSinglesFirst() {
    let border = TensorBorder(record(.float32, count: 2, scale: 0, zeroPoint: 0))
    let outside: [Double] = [0.1, -1e300]
    var tensor: [Float] = [0, 0]
    outside.withUnsafeBytes { outside in
      tensor.withUnsafeMutableBytes { tensor in
        var bytes = tensor.mutableBytes
        border.load(outside.bytes, of: .float64, raw: false, into: &bytes)
      }
    }
    #expect(tensor == [0.1, -.infinity])
  }

  @Test func rawElementsPassAsTheyAre() {
    let border = TensorBorder(record(.int8, count: 4, scale: 0.25, zeroPoint: 3))
    let outside: [UInt8] = [1, 0x80, 0xFF, 0x7F]
    var tensor: [UInt8] = [0, 0, 0, 0]
    var back: [UInt8] = [0, 0, 0, 0]
    outside.withUnsafeBytes { outside in
      tensor.withUnsafeMutableBytes { tensor in
        var bytes = tensor.mutableBytes
        border.load(outside.bytes, of: .int8, raw: true, into: &bytes)
      }
    }
    #expect(tensor == outside)
    tensor.withUnsafeBytes { tensor in
      back.withUnsafeMutableBytes { back in
        var bytes = back.mutableBytes
        border.unload(tensor.bytes, raw: true, into: &bytes)
      }
    }
    #expect(back == outside)
  }

  @Test(
    arguments: [
      ([1, 40, 1, 6], [5, 40, 1, 6], true), ([1, 40, 1, 6], [5, 1, 40, 1, 6], true),
      ([1, 40, 1, 6], [40, 1, 6], false), ([1, 40, 1, 6], [5, 40, 6, 1], false),
      ([1, 40, 1, 6], [5, 40, 1], false), ([1], [7], true), ([1], [7, 1], true),
      ([], [7], true), ([], [], false), ([2, 3], [7, 2, 3], true), ([2, 3], [7, 1, 2, 3], false),
      ([2, 3], [0, 2, 3], true),
    ] as [([Int], NumpyShape, Bool)])
  func aLeadingOneMayBeLeftOut(tensor: [Int], file: NumpyShape, fits: Bool) throws {
    let header = try NumpyHeader(elementType: .int8, shape: file)
    let count = try? SampleFormat.sampleCount(
      of: header, for: record(.int8, tensor, scale: 1, zeroPoint: 0), raw: true)
    #expect(count == (fits ? file[0] : nil))
  }

  @Test(
    arguments: [
      (NumpyElementType.int8, ElementType.int8, true, nil),
      (.float32, .int8, false, nil), (.float64, .int8, false, nil), (.float32, .float32, true, nil),
      (.uint8, .int8, true, "the elements are uint8, the model's own are int8"),
      (.int8, .int8, false, "or give the model's own integers with --raw"),
      (.int32, .int8, false, "convert with .astype('float32')"),
    ] as [(NumpyElementType, ElementType, Bool, String?)])
  func elementTypesAreChecked(
    file: NumpyElementType, tensor: ElementType, raw: Bool, problem: String?
  ) throws {
    let header = try NumpyHeader(elementType: file, shape: [2, 3])
    do throws(SampleFormatError) {
      _ = try SampleFormat.sampleCount(
        of: header, for: record(tensor, [1, 3], scale: 1, zeroPoint: 0), raw: raw)
      #expect(problem == nil)
    } catch {
      #expect(error.description.contains(problem ?? "no problem"), "\(error.description)")
    }
  }

  private func stored(
    _ value: Float, in type: ElementType, scale: Float, zeroPoint: Int32
  ) -> [UInt8] {
    var memory = [UInt8](repeating: 0xEE, count: type.byteCount)
    memory.withUnsafeMutableBytes { memory in
      var bytes = memory.mutableBytes
      TensorBorder(record(type, count: 1, scale: scale, zeroPoint: zeroPoint))
        .store(value, at: 0, of: &bytes)
    }
    return memory
  }

  private func record(
    _ type: ElementType, count: Int, scale: Float, zeroPoint: Int32
  ) -> TensorRecord {
    record(type, [count], scale: scale, zeroPoint: zeroPoint)
  }

  private func record(
    _ type: ElementType, _ dimensions: [Int], scale: Float, zeroPoint: Int32
  ) -> TensorRecord {
    var shape = Shape()
    for dimension in dimensions { shape.append(dimension) }
    return TensorRecord(
      name: TextReference(offset: 0, byteCount: 0), elementType: type, storage: .arena,
      packing: .rowMajor, shape: shape, scale: scale, zeroPoint: zeroPoint, offset: 0,
      byteCount: shape.elementCount * type.byteCount, firstStep: 0, lastStep: 0)
  }
}
