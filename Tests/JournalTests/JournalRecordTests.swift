import Foundation
import Journal
import TestSupport
import Testing
import Text

@Suite struct JournalRecordTests {
  @Test func fieldsAreFoundByPath() throws {
    let disk = FaultyDisk()
    var journal = JournalWriter(FaultyFolder(disk: disk), settings: JournalSettings())
    let now = RecordStamp(
      wallNanoseconds: 1_795_453_200_123_000_000, monotonicNanoseconds: 7, bootIdentifier: 0xAB,
      isSynchronized: true)
    journal.open(at: now)
    var line = JSONLine(TextBuffer<1024>())
    line.begin(.prediction, at: now)
    line.field("class", string: "a \"quoted\" \\ label\n")
    line.key("probabilities")
    line.beginObject()
    line.field("walk.fast".utf8.span, decimal: 0.25, fractionDigits: 4)
    line.field("stand}{".utf8.span, decimal: 0.75, fractionDigits: 4)
    line.endObject()
    line.key("list")
    line.beginArray()
    line.integer(Int64(1))
    line.string("],")
    line.endArray()
    line.key("nothing")
    line.null()
    line.field("last", integer: -3)
    line.end()
    journal.append(line.bytes, kind: .prediction, at: now)
    journal.close(at: now)

    var reader = try JournalReader(FaultyFolder(disk: disk))
    var record = JournalRecord()
    let isThere = reader.next(&record)
    #expect(isThere)
    #expect(record.sequence == 1)
    #expect(record.kind == .prediction)
    #expect(record.time == Timestamp(nanosecondsSinceEpoch: 1_795_453_200_123_000_000))
    #expect(record.monotonicNanoseconds == 7)
    #expect(record.bootIdentifier == 0xAB)
    #expect(record.isSynchronized)
    #expect(record["class"] == .string("a \"quoted\" \\ label\n"))
    #expect(record["probabilities.walk.fast"] == .number("0.2500"))
    #expect(record["probabilities.stand}{"]?.double == 0.75)
    #expect(record["list"] == .structure("[1,\"],\"]"))
    #expect(record["nothing"] == .null)
    #expect(record["last"] == .number("-3"))
    #expect(record["absent"] == nil)
    #expect(record["probabilities.absent"] == nil)

    // Foundation's parser finds the same names.
    var names: [String] = []
    record.forEachField { name, _ in names.append(name) }
    let json = try JSONSerialization.jsonObject(with: Data(record.text.utf8))
    let object = try #require(json as? [String: Any])
    #expect(names.sorted() == object.keys.sorted())
    #expect(names.prefix(6) == ["seq", "time", "mono_ns", "boot", "synced", "kind"])
    #expect(names.last == "crc")
    let atEnd = !reader.next(&record)
    #expect(atEnd)
  }

  @Test func timesAreReadAsFoundationReadsThem() throws {
    let formatter = ISO8601DateFormatter()
    formatter.formatOptions = [.withInternetDateTime]
    var random = SeededGenerator(for: "times")
    for _ in 0..<2000 {
      let seconds = Int64.random(in: -9_000_000_000...9_000_000_000, using: &random)
      formatter.timeZone = TimeZone(
        secondsFromGMT: Int.random(in: -23...23, using: &random) * 1800)
      let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(parse(text) == seconds * 1_000_000_000, "\(text)")
    }
  }

  @Test(
    arguments: [
      ("2026-11-23", 1_795_392_000_000_000_000), ("2026-11-23T17:00", 1_795_453_200_000_000_000),
      ("2026-11-23 17:00:00.25", 1_795_453_200_250_000_000),
      ("2026-11-23T17:00:00.1234567899Z", 1_795_453_200_123_456_789),
      ("2024-02-29", 1_709_164_800_000_000_000), ("2023-02-29", nil), ("2026-13-01", nil),
      ("2026-00-10", nil), ("2026-11-31", nil), ("2026-11-23T24:00", nil), ("", nil), ("now", nil),
      ("2026-11-23T17:00:00+1", nil), ("2026-11-23Z", nil), ("9999-01-01", nil),
    ] as [(String, Int64?)])
  func timesPeopleWrite(text: String, nanoseconds: Int64?) {
    #expect(parse(text) == nanoseconds)
  }

  private func parse(_ text: String) -> Int64? {
    Timestamp(parsing: Array(text.utf8).span)?.nanosecondsSinceEpoch
  }
}
