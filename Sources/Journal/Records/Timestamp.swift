import Text

/// A moment in UTC, written as RFC 3339 has it, in milliseconds: `2026-11-23T17:00:00.123Z`.
///
/// The calendar is the proleptic Gregorian one, by integer arithmetic alone; leap seconds are not
/// counted, as in POSIX time. `Int64` nanoseconds reach from 1677 to 2262.
public struct Timestamp: Equatable, Sendable {
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  public let nanosecondsSinceEpoch: Int64

  /// The moment so many nanoseconds after the epoch, or before it.
  public init(nanosecondsSinceEpoch: Int64) {
    self.nanosecondsSinceEpoch = nanosecondsSinceEpoch
  }

  /// Appends the 24 characters. Fractions of a millisecond are cut off, towards the past.
  public func append(to sink: inout some TextSink & ~Copyable) {
    let milliseconds = nanosecondsSinceEpoch.flooringDivision(by: 1_000_000)
    let days = milliseconds.quotient.flooringDivision(by: 86_400_000)
    let date = CivilDate(daysSinceEpoch: days.quotient)
    let timeOfDay = UInt64(days.remainder)

    sink.append(UInt64(date.year), zeroFilledTo: 4)
    sink.append("-")
    sink.append(UInt64(date.month), zeroFilledTo: 2)
    sink.append("-")
    sink.append(UInt64(date.day), zeroFilledTo: 2)
    sink.append("T")
    sink.append(timeOfDay / 3_600_000, zeroFilledTo: 2)
    sink.append(":")
    sink.append(timeOfDay / 60_000 % 60, zeroFilledTo: 2)
    sink.append(":")
    sink.append(timeOfDay / 1000 % 60, zeroFilledTo: 2)
    sink.append(".")
    sink.append(timeOfDay % 1000, zeroFilledTo: 3)
    sink.append("Z")
  }
}

/// Year, month 1–12 and day 1–31 of the Gregorian calendar.
///
/// The calendar repeats every 400 years, 146,097 days. Years are counted from the first of March,
/// so that the leap day is the last of its year and the months' lengths follow one linear rule:
/// the day a month starts on is (153 · month + 2) / 5, rounded down, with March as month 0.
struct CivilDate: Equatable {
  let year: Int64
  let month: Int64
  let day: Int64

  init(daysSinceEpoch: Int64) {
    // 0000-03-01 is 719,468 days before 1970-01-01.
    let cycle = (daysSinceEpoch + 719_468).flooringDivision(by: 146_097)
    let dayOfCycle = cycle.remainder
    // Takes out the leap days: one every 4 years (1,461 days), none every 100 (36,524), and the
    // last day of the cycle.
    let yearOfCycle =
      (dayOfCycle - dayOfCycle / 1460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
    let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153

    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    // January and February belong to the year that began the March before.
    year = 400 * cycle.quotient + yearOfCycle + (month <= 2 ? 1 : 0)
  }
}

extension Int64 {
  /// Quotient rounded down and the remainder, never negative, for a positive divisor.
  fileprivate func flooringDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let division = quotientAndRemainder(dividingBy: divisor)
    guard division.remainder < 0 else { return division }
    return (division.quotient - 1, division.remainder + divisor)
  }
}
