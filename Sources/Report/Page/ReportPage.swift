/// The page: one HTML document that needs nothing else.
public struct ReportPage {
  let log: LogDigest
  let model: ModelFacts?
  let title: String?
  /// Version of the program that makes the page.
  let version: String
  let axis: TimeAxis

  /// A page about a log.
  ///
  /// - Parameters:
  ///   - model: The model that ran; nil where its file is not at hand.
  ///   - title: Instead of the model's name.
  ///   - version: Version of the program that makes the page.
  public init(_ log: LogDigest, model: ModelFacts?, title: String?, version: String) {
    self.log = log
    self.model = model
    self.title = title
    self.version = version
    axis = TimeAxis(
      begin: log.firstPlace ?? 0, end: log.lastPlace, offset: log.clock.offset)
  }

  /// The document, UTF-8.
  public var html: [UInt8] {
    let sections = [
      Section("predictions", "Predictions", predictionSection),
      Section("decisions", "Decisions", decisionSection),
      Section("confidence", "Confidence", confidenceSection),
      Section("latency", "Latency and lateness", latencySection),
      Section("drift", "Drift", driftSection),
      Section("channels", "Channels", channelSection),
      Section("sensors", "Sensors", sensorSection),
      Section("log", "The log itself", logSection),
      Section("runs", "Runs and clock", runSection),
      Section("model", "Model", modelSection),
    ]
    let links = sections.map { "<a href=\"#\($0.name)\">\($0.title)</a>" as Markup }
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="swiftlet \(version)">
      <title>\(heading) – Swiftlet report</title>
      <style>\(Stylesheet.text)</style>
      </head>
      <body>
      <header>
      <p class="kicker">Swiftlet report</p>
      <h1>\(heading)</h1>
      <p class="period">\(period)</p>
      \(findings)</header>
      \(tiles)<nav aria-label="Sections">\(links.joined())</nav>
      <main>
      \(sections.map(\.markup).joined())</main>
      <footer><p>Times are UTC. Made by swiftlet \(version).</p></footer>
      </body>
      </html>

      """
    return Array(page.text.utf8)
  }

  private var heading: String {
    if let title { return title }
    if let model { return model.name }
    guard let path = log.runs.latest?.model else { return "Log of a board" }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return file.hasSuffix(".swl") ? String(file.dropLast(4)) : file
  }

  private var period: Markup {
    guard log.firstPlace != nil else { return "No records." }
    let boots = Wording.count(UInt64(log.runs.boots.count), "boot")
    let records = Wording.count(log.recordCount, "record")
    let unset: Markup =
      log.clock.isSet ? "" : " · the board’s clock was never set: times are counted from its start"
    return """
      \(time(axis.begin)) to \(time(log.lastPlace)) UTC · \
      \(Wording.duration((Double(log.lastPlace) - Double(axis.begin)) / 1e9)) · \(boots) · \(records)\(unset)
      """
  }

  /// The time of a place in the log.
  func time(_ place: Int64) -> String { Wording.time(place &+ log.clock.offset) }

  /// Alarms on the time axis.
  var alarmRanges: [ClosedRange<Double>] {
    log.drift.alarms.alarms.compactMap { alarm in
      let begin = max(axis.fraction(alarm.raised), 0)
      let end = min(max(axis.fraction(alarm.end), begin + 0.002), 1)
      return begin < end ? begin...end : nil
    }
  }
}

/// A part of the page with a heading.
struct Section {
  let name: String
  let title: String
  let body: Markup

  init(_ name: String, _ title: String, _ body: Markup) {
    self.name = name
    self.title = title
    self.body = body
  }

  var markup: Markup {
    """
    <section id="\(name)">
    <h2>\(title)</h2>
    \(body)</section>

    """
  }

  /// What stands in a section with nothing to show: what would fill it.
  static func empty(_ text: Markup) -> Markup { "<p class=\"empty\">\(text)</p>\n" }
}

/// A table with a heading for every column.
struct Table {
  enum Alignment {
    case text
    case number
  }

  let caption: String
  let columns: [(title: Markup, alignment: Alignment)]
  var rows: [[Markup]] = []

  init(_ caption: String, _ columns: [(Markup, Alignment)]) {
    self.caption = caption
    self.columns = columns.map { (title: $0.0, alignment: $0.1) }
  }

  var markup: Markup {
    let head = columns.map {
      "<th scope=\"col\"\(Self.style($0.alignment))>\($0.title)</th>" as Markup
    }
    let body = rows.map { row -> Markup in
      let cells = zip(row, columns).enumerated().map { index, cell -> Markup in
        index == 0
          ? "<th scope=\"row\"\(Self.style(cell.1.alignment))>\(cell.0)</th>"
          : "<td\(Self.style(cell.1.alignment))>\(cell.0)</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return """
      <div class="scroll" role="region" tabindex="0" aria-label="\(caption)"><table>
      <caption>\(caption)</caption>
      <thead><tr>\(head.joined())</tr></thead>
      <tbody>
      \(body.joined())</tbody>
      </table></div>

      """
  }

  private static func style(_ alignment: Alignment) -> Markup {
    alignment == .number ? " class=\"number\"" : ""
  }
}
