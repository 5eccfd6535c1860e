/// A .npy file, right or wrong.
struct NumpyFile {
  var descriptor: String
  var shape: [Int]
  var isFortran = false
  var data: [UInt8]

  /// An array of int8.
  init(_ values: [Int8], shape: [Int]) {
    (descriptor, self.shape) = ("|i1", shape)
    data = values.map { UInt8(bitPattern: $0) }
  }

  /// An array of float32.
  init(_ values: [Float], shape: [Int]) {
    (descriptor, self.shape) = ("<f4", shape)
    data = values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
  }

  /// The file, version 1.0 of the format.
  var bytes: [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header =
      "{'descr': '\(descriptor)', 'fortran_order': \(isFortran ? "True" : "False"), "
      + "'shape': (\(extents)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let count = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 255), UInt8(count >> 8)]
      + Array(header.utf8) + data
  }
}
