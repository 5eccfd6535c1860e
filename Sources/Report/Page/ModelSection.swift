extension ReportPage {
  var modelSection: Markup {
    var table = Table("Versions", [("What", .text), ("Value", .text)])
    table.rows.append(["Report", "swiftlet \(version)"])
    let versions = Set(log.runs.runs.compactMap(\.program.version)).sorted()
    table.rows.append([
      "Programs in the log",
      "\(versions.isEmpty ? "no start record" : versions.map { "swiftletd \($0)" }.joined(separator: ", "))",
    ])
    if let start = log.runs.latest {
      if let path = start.model {
        table.rows.append(["Model on the board", "<code>\(path)</code>"])
      }
      if let path = start.configuration {
        table.rows.append(["Configuration", "<code>\(path)</code>"])
      }
      if let check = start.modelCheck {
        table.rows.append([
          "Model in the log", "<code>\(Wording.hexadecimal(check))</code>",
        ])
      }
    }
    guard let model else {
      return table.markup
        + Section.empty(
          "Give the model file with <code>--model</code> for its card, units, thresholds and reference."
        )
    }
    table.rows.append([
      "Model file",
      "\(model.fileName), format \(model.formatVersion), <code>\(Wording.hexadecimal(model.check))</code>",
    ])
    if let contract = model.contract {
      table.rows.append([
        "Input",
        """
        \(Wording.count(UInt64(model.channels.count), "channel")) at \
        \(Wording.value(contract.rateHertz)) Hz, windows of \(contract.window) every \(contract.hop)
        """,
      ])
    }
    for (key, value) in model.provenance { table.rows.append(["\(key)", "\(value)"]) }
    let card =
      model.card.isEmpty
      ? Section.empty(
        "The model has no card: <code>swiftlet convert --card CARD.md</code> puts one in.")
      : "<article class=\"card\">\n" + MarkdownText(model.card).markup + "</article>\n"
    return table.markup + card
  }
}
