import ArgumentParser
import Journal
import LinuxPlatform
import ModelFormat
import Report

/// `swiftlet report`: the page that shows what a log holds.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make a page of a board's log: predictions, drift, sensors, losses.",
    discussion: """
      The page is one HTML file that needs no network and no scripts. With the model that ran on the \
      board it has units, the baseline, thresholds and the model card as well. Times are RFC 3339, \
      such as 2026-11-23 or 2026-11-23T17:00:00Z.
      """)

  @Argument(help: "The folder of the journal.", completion: .directory)
  var folder: String

  @Option(name: .shortAndLong, help: "The page to write; - is standard output.")
  var output: String

  @Option(help: "The model that ran on the board (.swl).", completion: .file(extensions: ["swl"]))
  var model: String?

  @Option(help: "Only records from this time on.")
  var since: String?

  @Option(help: "Only records up to this time.")
  var until: String?

  @Option(help: "The title, instead of the model's name.")
  var title: String?

  func validate() throws { _ = try period() }

  private func period() throws -> LogPeriod {
    let period = LogPeriod(since: try time(since, "--since"), until: try time(until, "--until"))
    if let since = period.since, let until = period.until, since > until {
      throw ValidationError("--since is later than --until")
    }
    return period
  }

  private func time(_ text: String?, _ option: String) throws -> Int64? {
    guard let text else { return nil }
    guard let time = Timestamp(parsing: Array(text.utf8).span) else {
      throw ValidationError("\(option): '\(text)' is no time; write 2026-11-23T17:00:00Z")
    }
    return time.nanosecondsSinceEpoch
  }

  func run() throws {
    // The model first: it is refused sooner than a long log is read.
    let facts = try model.map { try Self.readFacts($0) }
    var digest = LogDigest(try period())
    var reader = try openJournal(folder)
    digest.read(&reader)
    if let facts, let model {
      do throws(ModelMismatch) {
        try digest.requireMadeWith(facts)
      } catch {
        throw Failure("\(model): \(error)")
      }
    }
    let page = ReportPage(digest, model: facts, title: title, version: swiftletVersion)
    try Files.write(page.html, to: output)
  }

  private static func readFacts(_ path: String) throws -> ModelFacts {
    let bytes = try Files.read(path)
    do throws(ModelError) {
      let fileName = path.split(separator: "/").last.map(String.init) ?? path
      return ModelFacts(try Model(bytes.span.bytes), fileName: fileName)
    } catch {
      throw Failure(error, file: path)
    }
  }
}
