import Foundation

/// The horizontal axis that all charts over time share.
struct TimeAxis {
  struct Tick {
    /// From 0 at the left to 1 at the right.
    let fraction: Double
    let label: String
    /// A second line: the day, where it begins.
    var note = ""
  }

  /// In nanoseconds, as places of records; the offset makes them times.
  let begin: Int64
  let end: Int64
  let offset: Int64
  let ticks: [Tick]

  private static let second: Int64 = 1_000_000_000
  private static let steps: [Int64] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
    172_800, 604_800, 1_209_600,
  ]

  init(begin: Int64, end: Int64, offset: Int64) {
    self.begin = begin
    self.end = max(end, begin + Self.second)
    self.offset = offset
    ticks = Self.ticks(from: begin &+ offset, to: self.end &+ offset)
  }

  /// Where a moment is, from 0 to 1; beyond for moments outside.
  func fraction(_ place: Int64) -> Double {
    (Double(place) - Double(begin)) / (Double(end) - Double(begin))
  }

  /// At most seven round times.
  static func ticks(from begin: Int64, to end: Int64) -> [Tick] {
    let span = Double(end) - Double(begin)
    func tick(_ time: Int64, _ label: String) -> Tick {
      Tick(fraction: (Double(time) - Double(begin)) / span, label: label)
    }
    guard let step = steps.first(where: { span / Double($0 * second) <= 6 }) else {
      return months(from: begin, to: end, tick)
    }
    let width = step * second
    // Weeks begin on Mondays; 1970-01-05 was one.
    let shift = step >= 604_800 ? 4 * 86_400 * second : 0
    var time = begin - shift
    let remainder = time % width
    time += (remainder > 0 ? width - remainder : -remainder) + shift
    var ticks: [Tick] = []
    var previousDay: String?
    while time <= end {
      let text = Wording.time(time)
      let day = self.day(text)
      let label = step >= 86_400 ? day : String(text.dropFirst(11).prefix(step < 60 ? 8 : 5))
      // The day once where it begins, or on the first tick.
      var mark = tick(time, label)
      if step < 86_400, day != previousDay { mark.note = day }
      previousDay = day
      ticks.append(mark)
      let next = time.addingReportingOverflow(width)
      if next.overflow { break }
      time = next.partialValue
    }
    return ticks
  }

  private static let monthNames = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `23 Nov` of `2026-11-23 …`
  private static func day(_ time: String) -> String {
    let month = Int(time.dropFirst(5).prefix(2)) ?? 1
    return "\(Int(time.dropFirst(8).prefix(2)) ?? 0) \(monthNames[(month - 1) % 12])"
  }

  private static func months(
    from begin: Int64, to end: Int64, _ tick: (Int64, String) -> Tick
  ) -> [Tick] {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let start = calendar.dateComponents(
      [.year, .month], from: Date(timeIntervalSince1970: Double(begin) / 1e9))
    guard let year = start.year, let month = start.month else { return [] }
    let spanMonths = (Double(end) - Double(begin)) / 1e9 / 2_629_746
    let step =
      [1, 2, 3, 6, 12, 24, 60, 120, 240, 600].first { spanMonths / Double($0) <= 6 } ?? 1200
    var ticks: [Tick] = []
    var number = (year * 12 + month - 1) / step * step
    while ticks.count < 8 {
      let components = DateComponents(year: number / 12, month: number % 12 + 1, day: 1)
      guard let date = calendar.date(from: components) else { break }
      let seconds = date.timeIntervalSince1970
      guard seconds <= Double(end) / 1e9, abs(seconds) < 9.2e9 else { break }
      if seconds >= Double(begin) / 1e9 {
        ticks.append(
          tick(Int64(seconds) * second, "\(monthNames[number % 12]) \(number / 12)"))
      }
      number += step
    }
    return ticks
  }
}
