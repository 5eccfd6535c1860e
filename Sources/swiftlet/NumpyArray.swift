import Interchange

/// A whole .npy file; the leading dimension counts samples.
struct NumpyArray {
  let path: String
  let elementType: NumpyElementType
  let sampleCount: Int
  let sampleShape: [Int]
  private let file: [UInt8]
  private let dataOffset: Int

  init(reading path: String) throws {
    self.path = path
    let file = try Files.read(path)
    let header: NumpyHeader
    do throws(NumpyError) {
      header = try NumpyHeader(parsing: file.span)
    } catch {
      throw Failure(error, file: path)
    }
    self.file = file
    elementType = header.elementType
    dataOffset = header.dataOffset
    let shape = (0..<header.shape.count).map { header.shape[$0] }
    sampleCount = shape.first ?? 0
    sampleShape = Array(shape.dropFirst())
    guard sampleCount > 0 else { throw Failure("\(path): there are no samples in the array") }
    let expected = dataOffset + sampleCount * sampleByteCount
    guard file.count == expected else {
      throw Failure(
        "\(path): byte \(file.count): the file has \(file.count) bytes, but its header promises "
          + "\(expected); copy it again")
    }
  }

  private var sampleByteCount: Int { sampleShape.reduce(elementType.byteCount, *) }

  /// The bytes of sample `sample`.
  func bytes(ofSample sample: Int) -> ArraySlice<UInt8> {
    let start = dataOffset + sample * sampleByteCount
    return file[start..<(start + sampleByteCount)]
  }

  /// The elements of sample `sample`, which are float32.
  func floats(ofSample sample: Int) -> [Float] {
    file.withUnsafeBytes { bytes in
      let start = dataOffset + sample * sampleByteCount
      return (0..<(sampleByteCount / 4)).map { index in
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self)))
      }
    }
  }
}
