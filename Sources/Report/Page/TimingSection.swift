// How sure the model is, and how punctual the program.
extension ReportPage {
  var confidenceSection: Markup {
    guard log.predictions.scores.count > 0 else {
      return Section.empty("No probabilities in this period. Every prediction carries one.")
    }
    let bins = log.predictions.bins
    var (low, middle, high) = ([SeriesPoint](), [SeriesPoint](), [SeriesPoint]())
    var hints: [Chart.Hint] = []
    for index in 0..<bins.count {
      let scores = bins[index].scores
      guard let a = scores.quantile(0.1), let b = scores.quantile(0.5), let c = scores.quantile(0.9)
      else { continue }
      let x = self.middle(of: index, in: bins)
      low.append(SeriesPoint(x: x, value: a))
      middle.append(SeriesPoint(x: x, value: b))
      high.append(SeriesPoint(x: x, value: c))
      hints.append(
        Chart.Hint(
          range: range(of: index, in: bins),
          text: """
            \(time(bins.start(index))): median \(Wording.fixed(b, 3)), \
            10 % below \(Wording.fixed(a, 3))
            """))
    }
    let least = min(low.map(\.value).min() ?? 0, 0.9)
    let scale = ValueScale.linear(least...1) { Wording.fixed($0, 2) }
    let overall = log.predictions.scores.quantile(0.5) ?? 0
    var chart = Chart(
      "Confidence", unit: "probability of the predicted class",
      summary: "Median and 10 to 90 % of the confidence over time; overall median "
        + Wording.fixed(overall, 3),
      scale: scale, ticks: axis.ticks)
    chart.alarms = alarmRanges
    let path = SeriesPath(middle, scale: scale)
    chart.fill(path.band(low, high), style: "accent soft")
    chart.stroke(path.line(middle), style: "accent")
    chart.legend = [
      .init(style: "accent", label: "median"), .init(style: "accent soft", label: "10–90 %"),
    ]
    if let mean = model?.baseline?.confidenceMean {
      chart.rule(mean, style: "reference-line")
      chart.legend.append(.init(style: "reference-line", label: "reference mean"))
    }
    chart.hints = hints
    return chart.markup
  }

  var latencySection: Markup {
    var markup: Markup = ""
    let latency = log.predictions.latency
    if latency.count > 0 {
      markup += latencyChart
    } else {
      markup += Section.empty("No latencies in this period. Every prediction carries one.")
    }
    if log.health.latest != nil {
      markup += latenessChart
    } else {
      markup += Section.empty(
        "No lateness in this period. Health records carry it; <code>health-interval</code> in [log] sets how often."
      )
    }
    return markup + timingTable
  }

  private var timingTable: Markup {
    let latency = log.predictions.latency
    var table = Table(
      "Latency and lateness",
      [
        ("Time", .text), ("Median", .number), ("99 %", .number), ("Largest", .number),
        ("Counted", .text),
      ])
    func text(_ value: Double?) -> Markup { "\(value.map { Wording.microseconds($0) } ?? "–")" }
    if latency.count > 0 {
      table.rows.append([
        "Latency", text(latency.quantile(0.5)), text(latency.quantile(0.99)),
        text(Double(latency.maximum)), "in the period",
      ])
    }
    if let lateness = log.health.latest {
      table.rows.append([
        "Lateness", text(lateness.median), text(lateness.percentile99),
        text(log.health.worstLateness), "since the last start; largest of all runs",
      ])
    }
    return table.rows.isEmpty ? "" : table.markup
  }

  private var latencyChart: Markup {
    let bins = log.predictions.bins
    var rows: [(x: Double, median: Double, high: Double, maximum: Double)] = []
    for index in 0..<bins.count {
      let latency = bins[index].latency
      guard let median = latency.quantile(0.5), let high = latency.quantile(0.99) else { continue }
      rows.append((middle(of: index, in: bins), median, high, Double(latency.maximum)))
    }
    return timingChart(
      "Latency", "from the deadline of a window’s last sample to its prediction", rows)
  }

  private var latenessChart: Markup {
    let bins = log.health.bins
    var rows: [(x: Double, median: Double, high: Double, maximum: Double)] = []
    for index in 0..<bins.count {
      guard let lateness = bins[index].lateness, let median = lateness.median,
        let high = lateness.percentile99, let maximum = lateness.maximum
      else { continue }
      rows.append((middle(of: index, in: bins), median, high, maximum))
    }
    return timingChart(
      "Lateness", "of the loop behind its deadlines, since the program started", rows)
  }

  private func timingChart(
    _ title: String, _ unit: String,
    _ rows: [(x: Double, median: Double, high: Double, maximum: Double)]
  ) -> Markup {
    let low = rows.map(\.median).min() ?? 1
    let high = rows.map(\.maximum).max() ?? 1
    let scale = ValueScale.logarithmic(max(low, 1)...max(high, low, 10)) {
      Wording.microseconds($0)
    }
    var chart = Chart(
      title, unit: unit,
      summary: "Median, 99 % and largest over time, between \(Wording.microseconds(low)) and "
        + Wording.microseconds(high),
      scale: scale, ticks: axis.ticks)
    let median = rows.map { SeriesPoint(x: $0.x, value: $0.median) }
    let path = SeriesPath(median, scale: scale)
    chart.stroke(path.line(rows.map { SeriesPoint(x: $0.x, value: $0.maximum) }), style: "maximum")
    chart.stroke(path.line(rows.map { SeriesPoint(x: $0.x, value: $0.high) }), style: "high")
    chart.stroke(path.line(median), style: "accent")
    chart.legend = [
      .init(style: "accent", label: "median"), .init(style: "high", label: "99 %"),
      .init(style: "maximum", label: "largest"),
    ]
    return chart.markup
  }
}
