import ArgumentParser

/// `swiftlet log verify`: what is there, what is missing, and why.
struct LogVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check every record; say exactly what is there and what was lost.",
    discussion: """
      Exit code 0: every record is intact and the journal accounts for every loss (removed to keep \
      the quota, counted during a failure, cut after a power cut). 65: damaged segments, a torn end \
      the board has not cut yet, or holes nothing explains. 66: no journal.
      """)

  @Argument(help: "The folder of the journal.", completion: .directory)
  var folder: String

  @Flag(help: "Print the same facts as one JSON object.")
  var json = false

  func run() throws {
    let summary = try LogSummary(readingFrom: folder)
    if json { try printJSON(summary) } else { printText(summary) }
    guard summary.clean else {
      throw Failure(
        "\(folder): damaged, or records are missing that the journal does not account for; all "
          + "intact records can be read with `swiftlet log cat`")
    }
  }

  private func printText(_ summary: LogSummary) {
    func row(_ name: String, _ value: String) { print("  \(pad(name, 10)) \(value)") }
    print("\(folder): \(summary.clean ? "intact" : "DAMAGED")\n")
    let range =
      summary.firstSequence.map { ", \($0) to \(summary.lastSequence ?? $0)" } ?? ""
    row("records", decimal(Int(summary.records)) + range)
    row(
      "segments",
      "\(decimal(summary.segments)), \(decimal(Int(summary.bytes))) bytes"
        + (summary.damagedSegments > 0 ? ", damaged: \(summary.damagedSegments)" : ""))
    if let first = summary.firstTime, let last = summary.lastTime {
      row("time", "\(first) to \(last)")
    }
    if summary.unsynchronizedRecords > 0 {
      row("clock", "not synchronized for \(decimal(Int(summary.unsynchronizedRecords))) records")
    }
    row(
      "kinds",
      summary.kinds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        .joined(separator: ", "))
    if summary.recoveries > 0 {
      row("recoveries", "\(summary.recoveries), torn bytes cut: \(decimal(Int(summary.cutBytes)))")
    }
    if summary.duplicates > 0 { row("twice", "\(summary.duplicates) records, counted once") }

    print("\n  boot      records      from        to   starts   seconds")
    for boot in summary.boots {
      print(
        "  \(pad(boot.boot, 8)) \(number(boot.records, 8))  \(number(boot.firstSequence, 8))  "
          + "\(number(boot.lastSequence, 8))  \(number(boot.starts, 7))  "
          + padLeft(String((boot.seconds * 10).rounded() / 10), 8))
    }
    printLosses(summary)
    for damage in summary.damage {
      print(
        "  \(damage.segment): \(damage.kind), \(damage.bytes) bytes from byte \(damage.offset) on")
    }
  }

  private func printLosses(_ summary: LogSummary) {
    guard !summary.losses.isEmpty || !summary.unnumberedLosses.isEmpty else {
      print("\n  Nothing is missing.")
      return
    }
    print("\n  missing      from        to   reason")
    for loss in summary.losses {
      print(
        "  \(number(loss.count, 7))  \(number(loss.from, 8))  \(number(loss.to, 8))   \(loss.reason)"
      )
    }
    for (reason, count) in summary.unnumberedLosses.sorted(by: { $0.key < $1.key }) {
      print("  \(number(count, 7))         –         –   \(reason)")
    }
  }

  private func number(_ value: UInt64, _ width: Int) -> String { padLeft(String(value), width) }
}
