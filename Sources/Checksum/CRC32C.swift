/// The Castagnoli cyclic redundancy check (CRC-32C), as used by iSCSI, ext4, the model file and the
/// journal.
///
/// Polynomial 0x1EDC6F41, reflected, initial value and final XOR all ones (RFC 3720, appendix
/// B.4). One nibble a step from a 64-byte table: small enough for a cache line, fast enough for a
/// check at load and for lines of a log.
public struct CRC32C: Sendable {
  private var remainder: UInt32 = 0xFFFF_FFFF

  /// A check over no bytes yet.
  public init() {}

  /// Feeds the bytes of `range` of `bytes`.
  public mutating func update(_ bytes: RawSpan, in range: Range<Int>) {
    for offset in range {
      // In bounds: RawSpan checks the offset.
      update(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
    }
  }

  /// Feeds all of `bytes`.
  public mutating func update(_ bytes: borrowing Span<UInt8>) {
    for index in bytes.indices { update(bytes[index]) }
  }

  /// Feeds one byte.
  public mutating func update(_ byte: UInt8) {
    remainder ^= UInt32(byte)
    remainder = Self.table[Int(remainder & 15)] ^ (remainder >> 4)
    remainder = Self.table[Int(remainder & 15)] ^ (remainder >> 4)
  }

  /// The check value of the bytes fed so far.
  public var value: UInt32 { ~remainder }

  /// Remainders of the sixteen nibbles under the reflected polynomial 0x82F63B78.
  private static let table: InlineArray<16, UInt32> = [
    0x0000_0000, 0x105E_C76F, 0x20BD_8EDE, 0x30E3_49B1,
    0x417B_1DBC, 0x5125_DAD3, 0x61C6_9362, 0x7198_540D,
    0x82F6_3B78, 0x92A8_FC17, 0xA24B_B5A6, 0xB215_72C9,
    0xC38D_26C4, 0xD3D3_E1AB, 0xE330_A81A, 0xF36E_6F75,
  ]
}
