extension RawSpan {
  // Every bit pattern is a value of these types, and the loads check their bounds.

  func uint8(at offset: Int) -> UInt8 {
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  func uint16(at offset: Int) -> UInt16 {
    UInt16(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  func uint32(at offset: Int) -> UInt32 {
    UInt32(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  func int32(at offset: Int) -> Int32 { Int32(bitPattern: uint32(at: offset)) }

  func float32(at offset: Int) -> Float { Float(bitPattern: uint32(at: offset)) }

  func uint64(at offset: Int) -> UInt64 {
    UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  func float64(at offset: Int) -> Double { Double(bitPattern: uint64(at: offset)) }

  /// The position of the first byte in `range` that is not zero.
  func firstNonZero(in range: Range<Int>) -> Int? {
    for offset in range where uint8(at: offset) != 0 { return offset }
    return nil
  }
}
