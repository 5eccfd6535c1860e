// Little-endian fields of the state, at any alignment. Bounds are checked by the spans.

extension RawSpan {
  func uint32(at offset: Int) -> UInt32 {
    UInt32(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  func uint8(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  func float(at offset: Int) -> Float { Float(bitPattern: uint32(at: offset)) }

  func double(at offset: Int) -> Double {
    Double(
      bitPattern: UInt64(
        littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)))
  }

}

extension MutableRawSpan {
  mutating func set(_ value: UInt32, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }

  mutating func set(_ value: UInt8, at offset: Int) {
    storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
  }

  mutating func set(_ value: Float, at offset: Int) { set(value.bitPattern, at: offset) }

  mutating func set(_ value: Double, at offset: Int) {
    storeBytes(of: value.bitPattern.littleEndian, toByteOffset: offset, as: UInt64.self)
  }
}

/// Fields one after another.
struct StateCursor {
  var offset: Int

  mutating func put(_ value: UInt32, into bytes: inout MutableRawSpan) {
    bytes.set(value, at: offset)
    offset += 4
  }

  mutating func put(_ value: Double, into bytes: inout MutableRawSpan) {
    bytes.set(value, at: offset)
    offset += 8
  }

  mutating func nextUInt32(of bytes: RawSpan) -> UInt32 {
    offset += 4
    return bytes.uint32(at: offset - 4)
  }

  mutating func nextDouble(of bytes: RawSpan) -> Double {
    offset += 8
    return bytes.double(at: offset - 8)
  }
}
