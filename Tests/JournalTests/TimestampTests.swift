import Foundation
import Journal
import TestSupport
import Testing
import Text

@Suite struct TimestampTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"),
      (1_000_000, "1970-01-01T00:00:00.001Z"),
      (999_999, "1970-01-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
      (-1_000_000_000, "1969-12-31T23:59:59.000Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000Z"),
      (951_868_800_000_000_000, "2000-03-01T00:00:00.000Z"),
      (1_709_164_800_000_000_000, "2024-02-29T00:00:00.000Z"),
      // 1900 and 2100 are no leap years.
      (-2_203_891_200_000_000_000, "1900-03-01T00:00:00.000Z"),
      (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000Z"),
      (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999Z"),
      // The second after the last of a 32-bit clock.
      (2_147_483_648_000_000_000, "2038-01-19T03:14:08.000Z"),
      (1_795_453_200_123_456_789, "2026-11-23T17:00:00.123Z"),
      (Int64.max, "2262-04-11T23:47:16.854Z"),
      (Int64.min, "1677-09-21T00:12:43.145Z"),
    ] as [(Int64, String)])
  func knownMoments(nanoseconds: Int64, text: String) {
    #expect(formatted(nanoseconds) == text)
  }

  @Test func agreesWithFoundationOnEveryDayOfFiveCenturies() {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0)!
    for day in -100_000...100_000 {
      let date = Date(timeIntervalSince1970: Double(day) * 86_400)
      let parts = calendar.dateComponents([.year, .month, .day], from: date)
      // Foundation's calendar is the Julian one before 1582, which this does not reach.
      let expected = String(format: "%04d-%02d-%02d", parts.year!, parts.month!, parts.day!)
      let text = formatted(Int64(day) * 86_400_000_000_000)
      #expect(text == expected + "T00:00:00.000Z")
    }
  }

  private func formatted(_ nanoseconds: Int64) -> String {
    String { Timestamp(nanosecondsSinceEpoch: nanoseconds).append(to: &$0) }
  }
}
