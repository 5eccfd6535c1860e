import Foundation
import Journal
import TestSupport
import Testing
import Text

/// The oracle is Foundation's JSON parser and Swift's UTF-8 decoder.
@Suite struct JSONLineTests {
  @Test func aPredictionReadsAsItShould() {
    var line = JSONLine(TextBuffer<512>())
    line.begin()
    line.field("time", timestamp: Timestamp(nanosecondsSinceEpoch: 1_795_453_200_123_000_000))
    line.field("sequence", integer: 7)
    line.field("class", string: "walking")
    line.field("probability", decimal: 0.99609375, fractionDigits: 4)
    line.key("probabilities")
    line.beginObject()
    for (label, value) in [("stand\"still", 0.0), ("walking", 0.99609375)] {
      line.field(Array(label.utf8).span, decimal: value, fractionDigits: 4)
    }
    line.endObject()
    line.key("counts")
    line.beginArray()
    for count in [3, -4] as [Int64] { line.integer(count) }
    line.beginObject()
    line.endObject()
    line.beginArray()
    line.endArray()
    line.null()
    line.endArray()
    line.field("drift", decimal: .nan, fractionDigits: 2)
    line.field("ok", boolean: true)
    line.end()
    expectFits(line, true)
    #expect(
      text(line) == """
        {"time":"2026-11-23T17:00:00.123Z","sequence":7,"class":"walking","probability":0.9961,\
        "probabilities":{"stand\\"still":0.0000,"walking":0.9961},"counts":[3,-4,{},[],null],\
        "drift":null,"ok":true}

        """)
  }

  @Test func aLineStartsOver() {
    var line = JSONLine(TextBuffer<64>())
    for sequence in 0..<3 {
      line.begin()
      line.field("sequence", integer: sequence)
      line.end()
      #expect(text(line) == "{\"sequence\":\(sequence)}\n")
    }
  }

  @Test func aLineTooLongIsReported() {
    var line = JSONLine(TextBuffer<16>())
    line.begin()
    line.field("class", string: "a long label")
    line.end()
    expectFits(line, false)
    line.begin()
    line.end()
    #expect(text(line) == "{}\n")
  }

  @Test func everyCharacterSurvivesTheWayThroughAParser() throws {
    var scalars = String.UnicodeScalarView()
    for value in UInt32(0)...0x10FFFF {
      // All of the first planes' beginnings and a sample of the rest.
      guard value < 0x3000 || value % 97 == 0, let scalar = Unicode.Scalar(value) else { continue }
      scalars.append(scalar)
    }
    let original = String(scalars)
    for piece in original.unicodeScalars.chunked(by: 200) {
      try expectRoundTrip(Array(String(String.UnicodeScalarView(piece)).utf8))
    }
  }

  @Test func brokenUTF8BecomesReplacementCharacters() throws {
    let pieces: [[UInt8]] = [
      [0x80], [0xC0, 0xAF], [0xC3], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80],
      [0xF0, 0x9F, 0xA6], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF, 0xFE],
      [0xF0, 0x80, 0x80, 0x41], [0xE0, 0x80, 0x41], [0xC3, 0xA9],
    ]
    for piece in pieces {
      try expectRoundTrip(piece)
      try expectRoundTrip([0x61] + piece + [0x62])
    }
    var random = SeededGenerator(for: "broken UTF-8")
    for _ in 0..<2000 {
      let length = Int.random(in: 0...12, using: &random)
      try expectRoundTrip((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
  }

  /// Writes the bytes as a string and expects a parser to read what Swift's decoder makes of them.
  private func expectRoundTrip(_ bytes: [UInt8]) throws {
    var line = JSONLine(TextBuffer<4096>())
    line.begin()
    line.field("text", string: bytes.span)
    line.end()
    expectFits(line, true)
    let json = Data(text(line).utf8)
    let object = try #require(
      try JSONSerialization.jsonObject(with: json) as? [String: String])
    #expect(object["text"] == String(decoding: bytes, as: UTF8.self), "\(bytes)")
  }

  /// `#expect` does not look into types that cannot be copied.
  private func expectFits<let capacity: Int>(
    _ line: borrowing JSONLine<TextBuffer<capacity>>, _ fits: Bool
  ) {
    let overflowed = line.overflowed
    #expect(overflowed == !fits)
  }

  private func text<let capacity: Int>(_ line: borrowing JSONLine<TextBuffer<capacity>>) -> String {
    var text = ""
    text.append(line.bytes)
    return text
  }
}

extension Collection {
  fileprivate func chunked(by size: Int) -> [SubSequence] {
    var chunks: [SubSequence] = []
    var rest = self[...]
    while !rest.isEmpty {
      chunks.append(rest.prefix(size))
      rest = rest.dropFirst(size)
    }
    return chunks
  }
}
