/// An 8-bit cyclic redundancy check: bits enter most significant first, the result is not inverted.
///
/// Sensirion's sensors use polynomial 0x31 (x⁸ + x⁵ + x⁴ + 1) from 0xFF: the bytes 0xBE 0xEF give
/// 0x92 (SHT3x datasheet, section 4.12).
struct CRC8: Equatable, Sendable {
  /// Without the term x⁸.
  let polynomial: UInt8

  /// What the register holds before the first byte.
  let initial: UInt8

  /// The check of Sensirion's sensors.
  static let sensirion = CRC8(polynomial: 0x31, initial: 0xFF)

  /// The check over all bytes.
  func callAsFunction(_ bytes: borrowing Span<UInt8>) -> UInt8 {
    var remainder = initial
    for index in bytes.indices {
      remainder ^= bytes[index]
      for _ in 0..<8 {
        let shifted = remainder << 1
        remainder = remainder & 0x80 == 0 ? shifted : shifted ^ polynomial
      }
    }
    return remainder
  }

  /// Throws unless the last byte is the check over the ones before.
  func verify(_ bytes: borrowing Span<UInt8>) throws(SensorError) {
    let last = bytes.count - 1
    let expected = self(bytes.extracting(0..<last))
    if bytes[last] != expected { throw .checksum(found: bytes[last], expected: expected) }
  }
}
