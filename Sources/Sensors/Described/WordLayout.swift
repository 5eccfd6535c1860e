/// How bytes of a described sensor become a number.
struct WordLayout: Equatable, Sendable {
  /// Bits of the word: 8, 16, 24 or 32; 0 until the configuration says.
  var width = 0
  var isBigEndian = true
  var isSigned = false
  var shift = 0
  /// What remains of the shifted word; `nil` for all of it.
  var mask: UInt32?
  var scale: Double = 1
  var offset: Double = 0

  /// Bytes of the word.
  var byteCount: Int { width / 8 }

  /// Bits of the field, whose highest is the sign of a signed one.
  var fieldWidth: Int {
    if let mask { return 32 - mask.leadingZeroBitCount }
    return width - shift
  }

  /// scale · field + offset, in double precision, then rounded to a `Float`.
  func value(_ bytes: borrowing Span<UInt8>) -> Float {
    Float(Double(field(bytes)) * scale + offset)
  }

  /// The shifted and masked word, signed where it is.
  func field(_ bytes: borrowing Span<UInt8>) -> Int64 {
    var word: UInt32 = 0
    for index in 0..<byteCount {
      word = word << 8 | UInt32(bytes[isBigEndian ? index : byteCount - 1 - index])
    }
    let field = (word >> UInt32(shift)) & (mask ?? .max)
    guard isSigned else { return Int64(field) }
    let unused = Int64(64 - fieldWidth)
    return (Int64(field) << unused) >> unused
  }

  /// Where the settings contradict each other.
  var problem: StaticString? {
    if width == 0 { return "a described sensor needs `width` (8, 16, 24 or 32 bits)" }
    if shift >= width { return "`shift` leaves nothing of `width` bits" }
    guard let mask else { return nil }
    if 32 - mask.leadingZeroBitCount > width - shift {
      return "`mask` has bits above those that `width` and `shift` leave"
    }
    // The sign is the highest bit of the field; a mask with gaps has no such bit.
    if isSigned, mask & (mask &+ 1) != 0 {
      return "a signed value needs a `mask` of consecutive low bits, such as 0x0fff"
    }
    return nil
  }
}
