import Checksum
import Testing

@Suite("CRC-32C")
struct CRC32CTests {
  @Test(
    "gives the values of RFC 3720, appendix B.4",
    arguments: [
      (Array("123456789".utf8), 0xE306_9283),
      (Array(repeating: 0, count: 32), 0x8A91_36AA),
      (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0..<32), 0x46DD_794E),
      ((0..<32).reversed(), 0x113F_DB5C),
      ([], 0),
    ] as [([UInt8], UInt32)])
  func knownValues(_ bytes: [UInt8], _ value: UInt32) {
    var check = CRC32C()
    check.update(bytes.span.bytes, in: 0..<bytes.count)
    #expect(check.value == value)
  }

  @Test("is the same however the bytes are cut")
  func pieces() {
    let bytes = Array("A longer text in several pieces".utf8)
    var whole = CRC32C()
    whole.update(bytes.span.bytes, in: 0..<bytes.count)
    for cut in 0...bytes.count {
      var check = CRC32C()
      check.update(bytes.span.bytes, in: 0..<cut)
      for byte in bytes[cut...] { check.update(byte) }
      #expect(check.value == whole.value)
    }
  }
}
