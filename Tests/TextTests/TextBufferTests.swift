import Testing
import Text

@Suite struct TextBufferTests {
  @Test func textComesOutAsItWentIn() {
    var buffer = TextBuffer<64>()
    #expect(buffer.isEmpty)
    buffer.append("grüß")
    buffer.append(byte: UInt8(ascii: "-"), repeated: 3)
    buffer.append(Int.min)
    buffer.append(UInt64.max)
    #expect(string(buffer) == "grüß---\(Int.min)\(UInt64.max)")
    #expect(!buffer.overflowed)
  }

  @Test func whatDoesNotFitIsDroppedAndSaid() {
    var buffer = TextBuffer<5>()
    buffer.append("abcd")
    buffer.append("efg")
    #expect(string(buffer) == "abcde")
    #expect(buffer.overflowed)
    buffer.append("")
    buffer.append("h")
    #expect(string(buffer) == "abcde")
    buffer.removeAll()
    #expect(buffer.isEmpty && !buffer.overflowed)
  }

  @Test func theCutNeverFallsInsideACharacter() {
    let text: StaticString = "añ🦜"
    var small = TextBuffer<2>()
    small.append(text)
    #expect(string(small) == "a")
    var medium = TextBuffer<6>()
    medium.append(text)
    #expect(string(medium) == "añ")
    // And nothing that would fit follows into the hole.
    medium.append("z")
    #expect(string(medium) == "añ")
  }

  @Test func paddingCountsCharactersNotBytes() {
    var buffer = TextBuffer<32>()
    "größe".utf8.withContiguousStorageIfAvailable { buffer.append($0.span, paddedTo: 7) }
    buffer.append("|")
    #expect(string(buffer) == "größe  |")
  }

  @Test func controlCharactersAreShownNotSent() {
    var buffer = TextBuffer<64>()
    let hostile = Array("ok\u{1B}[2Jgrün\u{7F}\n".utf8)
    buffer.append(visible: hostile.span)
    #expect(string(buffer) == "ok\\x1b[2Jgrün\\x7f\\x0a")
  }

  @Test func spansCompareWithLiterals() {
    #expect(compare("walking", "walking") == Comparison(equals: true, starts: true))
    #expect(compare("walking", "walk") == Comparison(equals: false, starts: true))
    #expect(compare("walking", "walkinG") == Comparison(equals: false, starts: false))
    #expect(compare("walking", "walking ") == Comparison(equals: false, starts: false))
    #expect(compare("walking", "") == Comparison(equals: false, starts: true))
    #expect(compare("", "") == Comparison(equals: true, starts: true))
  }

  private struct Comparison: Equatable {
    var equals: Bool
    var starts: Bool
  }

  // `#expect` cannot look into expressions with spans.
  private func compare(_ text: String, _ literal: StaticString) -> Comparison {
    let bytes = Array(text.utf8)
    return Comparison(
      equals: bytes.span.equals(literal), starts: bytes.span.starts(with: literal))
  }

  @Test func stringsAreSinksToo() {
    let text = String {
      $0.append("a")
      $0.append(7, zeroFilledTo: 3)
      $0.append(hexadecimal: 0xBEEF, digits: 6)
    }
    #expect(text == "a00700beef")
  }

  private func string<let capacity: Int>(_ buffer: TextBuffer<capacity>) -> String {
    String { $0.append(buffer.bytes) }
  }
}
