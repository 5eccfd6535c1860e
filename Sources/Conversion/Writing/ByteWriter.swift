/// Little-endian bytes under construction, with fields set at offsets from ``Layout``.
struct ByteWriter {
  private(set) var bytes: [UInt8]

  /// `byteCount` zero bytes.
  init(byteCount: Int = 0) { bytes = Array(repeating: 0, count: byteCount) }

  var count: Int { bytes.count }

  mutating func set(_ value: UInt8, at offset: Int) { bytes[offset] = value }

  mutating func set(_ value: UInt16, at offset: Int) {
    bytes[offset] = UInt8(truncatingIfNeeded: value)
    bytes[offset + 1] = UInt8(truncatingIfNeeded: value >> 8)
  }

  mutating func set(_ value: UInt32, at offset: Int) {
    for (index, byte) in littleEndian(value).enumerated() { bytes[offset + index] = byte }
  }

  mutating func set(_ value: Int32, at offset: Int) { set(UInt32(bitPattern: value), at: offset) }

  mutating func set(_ value: Float, at offset: Int) { set(value.bitPattern, at: offset) }

  /// Stores a count, an offset or an index that the format keeps in 32 bits.
  mutating func set(count value: Int, at offset: Int) { set(UInt32(value), at: offset) }

  mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  mutating func append(count value: Int) { append(littleEndian(UInt32(value))) }

  /// Adds zero bytes up to a multiple of `alignment`.
  mutating func align(to alignment: Int) {
    let rest = bytes.count % alignment
    if rest != 0 { bytes.append(contentsOf: repeatElement(0, count: alignment - rest)) }
  }
}
