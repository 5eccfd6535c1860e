/// A class as the page shows it: the most frequent have colours of their own.
struct ClassShare {
  let name: String
  let index: Int
  let count: UInt64
  /// `c0` to `c6`, or `other`.
  let style: String
}

extension ReportPage {
  private static let colourCount = 7

  /// The classes, the most frequent first.
  var classShares: [ClassShare] {
    let predictions = log.predictions
    let counts = (0..<predictions.classes.count).map { UInt64(predictions.classCounts.at($0)) }
    // Classes of the model keep their place, so that colours mean the same on the next page.
    let names = (0..<counts.count).map { predictions.classes.name($0) }
    let labels = model?.labels ?? []
    let order = counts.indices.sorted {
      let (a, b) = (labels.firstIndex(of: names[$0]), labels.firstIndex(of: names[$1]))
      if labels.count <= Self.colourCount, let a, let b { return a < b }
      return (counts[$0], $1) > (counts[$1], $0)
    }
    return order.enumerated().map { position, index in
      ClassShare(
        name: names[index], index: index, count: counts[index],
        style: position < Self.colourCount ? "c\(position)" : "other")
    }
  }

  var predictionSection: Markup {
    let predictions = log.predictions
    guard predictions.count > 0 else {
      return Section.empty(
        """
        No predictions in this period. They come once a window of samples is complete; \
        <code>swiftletd check</code> tells whether the sensors answer.
        """)
    }
    let shares = classShares
    var markup = shareChart(shares)
    var table = Table(
      "Predicted classes; confidence is the median",
      [
        ("Class", .text), ("Predictions", .number), ("Share", .number),
        ("Reference", .number), ("Confidence", .number),
      ])
    let reference = model?.baseline?.classCounts ?? []
    let referenceTotal = UInt64(reference.reduce(0, +))
    for share in shares {
      let label = model?.labels.firstIndex(of: share.name)
      let expected = label.flatMap { $0 < reference.count ? UInt64(reference[$0]) : nil }
      let median =
        share.index < predictions.classScores.count
        ? predictions.classScores[share.index].quantile(0.5) : nil
      table.rows.append([
        "<i class=\"swatch \(share.style)\"></i>\(share.name)",
        "\(Wording.number(share.count))",
        "\(Wording.percent(share.count, of: predictions.count))",
        "\(expected.map { Wording.percent($0, of: referenceTotal) } ?? "–")",
        "\(median.map { Wording.fixed($0, 3) } ?? "–")",
      ])
    }
    markup += table.markup
    if predictions.uncleanCount > 0 {
      markup += """
        <p>\(Wording.count(predictions.uncleanCount, "prediction")) \
        (\(Wording.percent(predictions.uncleanCount, of: predictions.count))) rest on windows with \
        missing or suspect samples.</p>

        """
    }
    return markup
  }

  private func shareChart(_ shares: [ClassShare]) -> Markup {
    let bins = log.predictions.bins
    let scale = ValueScale.linear(0...1) { Wording.fixed($0 * 100, 0) + " %" }
    var chart = Chart(
      "Class shares", summary: shareSummary(shares), scale: scale, ticks: axis.ticks)
    chart.height = 170
    chart.alarms = alarmRanges
    var paths = [String: PathText]()
    for index in 0..<bins.count where bins[index].count > 0 {
      let bin = bins[index]
      let x = range(of: index, in: bins)
      let total = bin.classes.reduce(0) { $0 + Double($1) }
      guard total > 0, x.lowerBound < x.upperBound else { continue }
      var bottom = 0.0
      for share in shares where bin.classes.at(share.index) > 0 {
        let top = bottom + Double(bin.classes.at(share.index)) / total
        paths[share.style, default: PathText()].rectangle(
          x, min(bottom, 1)...max(min(bottom, 1), min(top, 1)))
        bottom = top
      }
      let text = shares.filter { bin.classes.at($0.index) > 0 }.prefix(8).map {
        "\($0.name) \(Wording.percent(UInt64(bin.classes.at($0.index)), of: UInt64(total)))"
      }
      chart.hints.append(
        Chart.Hint(
          range: x,
          text: "\(time(bins.start(index))): \(text.joined(separator: ", ")) of \(Int(total))"))
    }
    for style in paths.keys.sorted() {
      if let path = paths[style] { chart.fill(path, style: style) }
    }
    return chart.markup
  }

  private func shareSummary(_ shares: [ClassShare]) -> String {
    let parts = shares.sorted { $0.count > $1.count }.prefix(5).map {
      "\($0.name) \(Wording.percent($0.count, of: log.predictions.count))"
    }
    return "Shares of the predicted classes over time; overall " + parts.joined(separator: ", ")
  }

  /// Where a bin is on the time axis.
  func range<Contents>(of index: Int, in bins: TimeBins<Contents>) -> ClosedRange<Double> {
    let begin = min(max(axis.fraction(bins.start(index)), 0), 1)
    return begin...max(begin, min(axis.fraction(bins.start(index) &+ bins.width), 1))
  }

  /// The middle of a bin on the time axis.
  func middle<Contents>(of index: Int, in bins: TimeBins<Contents>) -> Double {
    let range = range(of: index, in: bins)
    return (range.lowerBound + range.upperBound) / 2
  }

  // MARK: Decisions

  var decisionSection: Markup {
    let predictions = log.predictions
    guard predictions.count > 0 || predictions.changeCount > 0 else {
      return Section.empty("No decisions in this period. They follow from predictions.")
    }
    var markup = decisionRibbon
    guard predictions.changeCount > 0 else {
      return markup + Section.empty("The decision did not change in this period.")
    }
    markup += """
      <p>The decision changed \(Self.times(predictions.changeCount)).\
      \(predictions.undecidedCount == 0 ? "" : " It was open at \(Wording.count(predictions.undecidedCount, "prediction")).")\
      </p>

      """
    var table = Table(
      "The latest changes of the decision",
      [("Time (UTC)", .text), ("Decision", .text), ("Before", .text), ("Held for", .number)])
    for change in predictions.changes.reversed() {
      table.rows.append([
        "\(time(change.place))", "\(change.decision ?? "undecided")",
        "\(change.previous ?? "undecided")",
        "\(change.heldSeconds.map { Wording.duration($0) } ?? "–")",
      ])
    }
    return markup + table.markup
  }

  /// What was decided most of the time, as one strip.
  private var decisionRibbon: Markup {
    let bins = log.predictions.bins
    let shares = classShares
    var chart = Chart(
      "Decision", summary: "What was decided most of the time in each stretch.",
      scale: ValueScale(lower: 0, upper: 1, isLogarithmic: false, ticks: []), ticks: axis.ticks)
    chart.height = 26
    var paths = [String: PathText]()
    for index in 0..<bins.count where bins[index].count > 0 {
      let decisions = bins[index].decisions
      guard let top = decisions.indices.max(by: { decisions[$0] < decisions[$1] }) else { continue }
      let x = range(of: index, in: bins)
      let share = shares.first { $0.index == top }
      paths[share?.style ?? "undecided", default: PathText()].rectangle(x, 0...1)
      chart.hints.append(
        Chart.Hint(range: x, text: "\(time(bins.start(index))): \(share?.name ?? "undecided")"))
    }
    for style in paths.keys.sorted() {
      if let path = paths[style] { chart.fill(path, style: style) }
    }
    chart.legend = shares.filter { paths[$0.style] != nil && $0.style != "other" }.map {
      .init(style: $0.style, label: $0.name)
    }
    if paths["other"] != nil { chart.legend.append(.init(style: "other", label: "others")) }
    if paths["undecided"] != nil {
      chart.legend.append(.init(style: "undecided", label: "undecided"))
    }
    return chart.markup
  }
}
