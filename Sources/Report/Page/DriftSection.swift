import ModelFormat

extension ReportPage {
  var driftSection: Markup {
    let drift = log.drift
    guard drift.windowCount > 0 else {
      return Section.empty(
        """
        No drift records in this period. They come with a model that has a baseline \
        (<code>swiftlet baseline MODEL.swl --reference SERIES.csv</code>), one at the end of every \
        drift window.
        """)
    }
    var markup = promiseText
    for (number, alarm) in drift.alarms.alarms.suffix(10).reversed().enumerated() {
      markup += card(alarm, isNewest: number == 0)
    }
    if drift.alarms.alarms.count > 10 {
      markup += "<p>\(Wording.count(drift.alarms.count - 10, "earlier alarm")) not shown.</p>\n"
    }
    if drift.alarms.count == 0 { markup += "<p>No alarm in this period.</p>\n" }
    markup += predictionDrift
    markup += """
      <p class="fine">Page–Hinkley changes counted so far: \(drift.pageHinkleyCount); ADWIN on the \
      confidence: \(drift.adaptiveWindowCount). Both are indicators and never alarms.</p>

      """
    return markup
  }

  private var promiseText: Markup {
    guard let baseline = model?.baseline else {
      return model == nil
        ? Section.empty(
          "Without <code>--model</code> there are no thresholds and no reference histograms here: they are in the model file."
        )
        : Section.empty(
          "The model file has no baseline: <code>swiftlet baseline</code> makes one from a reference recording."
        )
    }
    let budget = Wording.duration(baseline.budgetSeconds)
    let promise: Markup =
      switch baseline.promise {
      case .measured: "At most one false alarm in \(budget), as measured on the reference."
      case .extrapolated:
        "At most one false alarm in \(budget), if the tails of the statistics go on as they begin in the reference."
      case .none:
        "No promise about false alarms: the reference was too short for one in \(budget)."
      }
    let rate = model?.contract?.rateHertz ?? 0
    let window: Markup =
      rate > 0 ? " (\(Wording.duration(Double(baseline.windowSamples) / rate)))" : ""
    return """
      <p>\(promise) A drift window is \(Wording.number(UInt64(baseline.windowSamples))) \
      samples\(window).</p>

      """
  }

  private func card(_ alarm: AlarmLog.Alarm, isNewest: Bool) -> Markup {
    let facts = alarm.shown
    let state: Markup =
      alarm.cleared.map { "to \(time($0)), \(Wording.duration(Double($0 &- alarm.raised) / 1e9))" }
      ?? "still up"
    let bounds: Markup
    switch (facts.lower, facts.upper) {
    case (let lower?, let upper?): bounds = "\(Wording.value(lower)) to \(Wording.value(upper))"
    case (nil, let upper?): bounds = "up to \(Wording.value(upper))"
    case (let lower?, nil): bounds = "from \(Wording.value(lower))"
    default: bounds = ""
    }
    var details: [Markup] = []
    if let value = facts.value, !facts.statistic.isEmpty, facts.statistic != "fault" {
      let allowed: Markup = bounds.isEmpty ? "" : ", allowed \(bounds)"
      details.append("\(Self.statisticName(facts.statistic)) \(Wording.value(value))\(allowed)")
    }
    if facts.fault != "none" { details.append("fault: \(Self.faultWords(facts.fault))") }
    if alarm.since < alarm.raised { details.append("off since \(time(alarm.since))") }
    if alarm.first.verdict != alarm.last.verdict {
      details.append(
        alarm.cleared == nil
          ? "looked like the \(alarm.first.verdict) at first"
          : "looked like the \(alarm.last.verdict) in the end")
    }
    let text: Markup = facts.text.isEmpty ? "" : "<p>\(facts.text)</p>"
    return """
      <article class="alarm-card\(alarm.cleared == nil ? " up" : "")">
      <h3>Looks like the \(facts.verdict)<span class="when">\(time(alarm.raised)) \(state)</span></h3>
      \(text)<p class="fine">\(details.joined(separator: " · "))</p>
      </article>

      """
  }

  static func statisticName(_ name: String) -> String {
    switch name {
    case "mean_shift": "Shift of the mean"
    case "spread": "Spread"
    case "noise": "Noise"
    case "js": "Jensen–Shannon distance"
    case "psi": "Population stability index"
    case "ks": "Kolmogorov–Smirnov D"
    case "wasserstein": "Wasserstein distance"
    case "class_js": "Distance of classes"
    case "class_psi": "Stability index of classes"
    case "confidence_shift": "Shift of confidence"
    case "confidence_js": "Distance of confidence"
    default: name
    }
  }

  private var predictionDrift: Markup {
    let predictions = log.drift.predictions
    guard predictions.windowCount > 0 else { return "" }
    let limits = model?.baseline?.predictionLimits ?? []
    let rows = (0..<UInt8(PredictionStatistic.count)).compactMap { raw in
      PredictionStatistic(rawValue: raw).map { statistic in
        let isSubject = statistic == .classDistance || statistic == .confidenceShift
        return StatisticRow(
          name: Self.statisticName("\(statistic.name)"), slot: Int(raw), center: 0,
          limits: Int(raw) < limits.count ? limits[Int(raw)] : nil,
          exceeded: isSubject ? predictions.exceeded[Int(raw)] : nil)
      }
    }
    return "<h3>Predictions</h3>\n"
      + statisticChart("Statistics of the predictions", predictions, rows)
      + statisticTable("Statistics of the predictions", predictions, rows)
  }
}

/// A statistic as a line of a chart and a row of a table.
struct StatisticRow {
  let name: String
  /// Its place in drift windows.
  let slot: Int
  /// Its value without drift.
  let center: Double
  let limits: BaselineFacts.Limits?
  /// Windows beyond its threshold; nil where records do not tell.
  let exceeded: UInt64?
}

extension ReportPage {
  /// Statistics as parts of the way to their thresholds, so that one axis does for all.
  func statisticChart(
    _ title: String, _ channel: DriftDigest.Channel, _ rows: [StatisticRow]
  ) -> Markup {
    let bins = channel.bins
    var lines: [(row: StatisticRow, points: [SeriesPoint])] = []
    for row in rows {
      guard let limits = row.limits, limits.decides else { continue }
      var points: [SeriesPoint] = []
      for index in 0..<bins.count {
        let bin = bins[index]
        let values = [bin.lowest[row.slot], bin.highest[row.slot]].filter { !$0.isNaN }
        guard
          let part = values.compactMap({ limits.part(of: Double($0), center: row.center) }).max()
        else { continue }
        points.append(SeriesPoint(x: middle(of: index, in: bins), value: part))
      }
      if !points.isEmpty { lines.append((row, points)) }
    }
    guard !lines.isEmpty else { return "" }
    let peak = lines.flatMap(\.points).map(\.value).max() ?? 1
    // Far beyond the threshold it does not matter how far.
    let scale = ValueScale.linear(0...min(max(peak, 1.2), 8), includesZero: true) {
      Wording.value($0) + " ×"
    }
    var chart = Chart(
      title, unit: "× threshold",
      summary: "Statistics of drift windows as multiples of their thresholds; the largest was "
        + Wording.value(peak),
      scale: scale, ticks: axis.ticks)
    chart.height = 120
    chart.alarms = alarmRanges
    for (number, line) in lines.enumerated() {
      let path = SeriesPath(line.points, scale: scale)
      chart.stroke(path.line(line.points), style: "s\(number % 7)")
      chart.legend.append(.init(style: "s\(number % 7)", label: line.row.name))
    }
    chart.rule(1, style: "threshold")
    chart.legend.append(.init(style: "threshold", label: "threshold"))
    return chart.markup
  }

  func statisticTable(
    _ title: String, _ channel: DriftDigest.Channel, _ rows: [StatisticRow]
  ) -> Markup {
    let bins = channel.bins
    var table = Table(
      title,
      [
        ("Statistic", .text), ("Last", .number), ("Lowest", .number), ("Highest", .number),
        ("Allowed", .number), ("Windows beyond", .number),
      ])
    for row in rows {
      var (low, high) = (Float.nan, Float.nan)
      for index in 0..<bins.count {
        low = Float.minimum(low, bins[index].lowest[row.slot])
        high = Float.maximum(high, bins[index].highest[row.slot])
      }
      guard !low.isNaN else { continue }
      table.rows.append([
        "\(row.name)",
        "\(channel.latest.statistics[row.slot].map { Wording.value($0) } ?? "–")",
        "\(Wording.value(Double(low)))", "\(Wording.value(Double(high)))", Self.allowed(row.limits),
        "\(row.exceeded.map { Wording.number($0) } ?? "–")",
      ])
    }
    return table.rows.isEmpty ? "" : table.markup
  }

  private static func allowed(_ limits: BaselineFacts.Limits?) -> Markup {
    guard let limits else { return "–" }
    guard limits.decides else { return "reported only" }
    switch (limits.lower, limits.upper) {
    case (let lower?, let upper?): return "\(Wording.value(lower)) – \(Wording.value(upper))"
    case (nil, let upper?): return "≤ \(Wording.value(upper))"
    case (let lower?, nil): return "≥ \(Wording.value(lower))"
    case (nil, nil): return "any"
    }
  }
}
