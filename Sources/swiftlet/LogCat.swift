import ArgumentParser
import Journal
import LinuxPlatform

/// `swiftlet log cat`: records as JSON lines or CSV.
struct LogCat: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cat",
    abstract: "Print records, filtered, as JSON lines or CSV.",
    discussion: """
      Times are RFC 3339, such as 2026-11-23 or 2026-11-23T17:00:00Z. Fields inside objects are \
      named with points: probabilities.walking. The default fields of CSV are those of the first \
      record printed.
      """)

  @Argument(help: "The folder of the journal.", completion: .directory)
  var folder: String

  @Option(help: "Only records of this kind, such as prediction; may be repeated.")
  var kind: [String] = []

  @Option(name: .customLong("class"), help: "Only records with this class.")
  var label: String?

  @Option(help: "Only records from this time on.")
  var since: String?

  @Option(help: "Only records up to this time.")
  var until: String?

  @Option(help: "Only records from this sequence number on.")
  var from: UInt64?

  @Option(help: "Only records up to this sequence number.")
  var to: UInt64?

  @Flag(help: "Print a CSV table.")
  var csv = false

  @Option(help: "Columns of the table, separated by commas.")
  var fields: String?

  @Flag(help: "Print JSON lines, the default.")
  var json = false

  func validate() throws {
    if csv && json { throw ValidationError("--csv and --json exclude each other") }
    if fields != nil && !csv { throw ValidationError("--fields needs --csv") }
    for kind in kind where RecordKind(name: Array(kind.utf8).span) == nil {
      throw ValidationError("--kind: there is no kind '\(kind)'; `swiftlet log verify` lists them")
    }
    _ = try time(since, "--since")
    _ = try time(until, "--until")
  }

  private func time(_ text: String?, _ option: String) throws -> Timestamp? {
    guard let text else { return nil }
    guard let time = Timestamp(parsing: Array(text.utf8).span) else {
      throw ValidationError("\(option): '\(text)' is no time; write 2026-11-23T17:00:00Z")
    }
    return time
  }

  func run() throws {
    let earliest = try time(since, "--since")
    let latest = try time(until, "--until")
    var reader = try openJournal(folder)
    var record = JournalRecord()
    var output = LineOutput()
    var columns = fields?.split(separator: ",").map(String.init)
    if csv, let columns { try output.writeLine(CSVRow.text(columns)) }
    while reader.next(&record) {
      if let to, record.sequence > to { break }
      guard record.sequence >= from ?? 0, matches(record, earliest, latest) else { continue }
      guard csv else {
        try output.writeLine(record.line)
        continue
      }
      if columns == nil {
        let found = CSVRow.columns(of: record)
        try output.writeLine(CSVRow.text(found))
        columns = found
      }
      try output.writeLine(CSVRow.text((columns ?? []).map { record[$0]?.text ?? "" }))
    }
    try output.flush()
  }

  private func matches(
    _ record: JournalRecord, _ earliest: Timestamp?, _ latest: Timestamp?
  ) -> Bool {
    if !kind.isEmpty, !kind.contains(record.kindName) { return false }
    if let label, record["class"]?.string != label { return false }
    guard earliest != nil || latest != nil else { return true }
    guard let time = record.time?.nanosecondsSinceEpoch else { return false }
    return time >= earliest?.nanosecondsSinceEpoch ?? .min
      && time <= latest?.nanosecondsSinceEpoch ?? .max
  }
}

/// Rows of a CSV file as RFC 4180 has them.
private enum CSVRow {
  static func text(_ cells: [String]) -> [UInt8] {
    Array(cells.map(quoted).joined(separator: ",").utf8)
  }

  private static func quoted(_ cell: String) -> String {
    guard cell.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return cell }
    return "\"" + cell.replacing("\"", with: "\"\"") + "\""
  }

  /// The fields of a record; of one that is an object, its members.
  static func columns(of record: JournalRecord) -> [String] {
    var names: [String] = []
    record.forEachField { name, value in
      let members = value.memberNames
      names += members.isEmpty ? [name] : members.map { name + "." + $0 }
    }
    return names
  }
}

/// Lines to standard output, many at once.
private struct LineOutput: ~Copyable {
  private var buffer: [UInt8] = []

  mutating func writeLine(_ line: [UInt8]) throws {
    buffer += line
    buffer.append(UInt8(ascii: "\n"))
    if buffer.count > 1 << 16 { try flush() }
  }

  mutating func flush() throws {
    defer { buffer.removeAll(keepingCapacity: true) }
    do throws(PlatformError) {
      try FileDescriptor.standardOutput.write(buffer.span)
    } catch {
      throw Failure(error, file: "standard output")
    }
  }
}
