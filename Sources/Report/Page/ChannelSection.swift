import ModelFormat

extension ReportPage {
  private static let channelLimit = 16

  var channelSection: Markup {
    let drift = log.drift
    guard drift.channelCount > 0 else {
      return Section.empty(
        "No drift windows of channels in this period. They hold mean, spread and histogram of each channel."
      )
    }
    var markup: Markup = ""
    for index in 0..<min(drift.channelCount, Self.channelLimit) { markup += channel(index) }
    if drift.channelCount > Self.channelLimit {
      markup += "<p>\(drift.channelCount - Self.channelLimit) more channels are not shown.</p>\n"
    }
    return markup
  }

  private func channel(_ index: Int) -> Markup {
    let name = log.drift.name(index)
    let channel = log.drift.channel(index)
    let number = model?.channelIndex(named: name)
    let unit = number.map { model?.channels[$0].unit ?? "" } ?? ""
    let reference = number.flatMap { number in
      model?.baseline.flatMap { number < $0.channels.count ? $0.channels[number] : nil }
    }
    var markup: Markup = "<article class=\"channel\">\n<h3>\(name)</h3>\n"
    markup += facts(channel)
    markup += trend(name, unit, channel, reference)
    let rows = (0..<UInt8(DriftStatistic.count)).compactMap { raw in
      DriftStatistic(rawValue: raw).map { statistic in
        StatisticRow(
          name: Self.statisticName("\(statistic.name)"), slot: Int(raw),
          center: statistic == .spread || statistic == .noise ? 1 : 0,
          limits: reference?.limits[Int(raw)], exceeded: channel.exceeded[Int(raw)])
      }
    }
    markup += statisticChart("Drift statistics of \(name)", channel, rows)
    markup += histogram(name, unit, channel, reference)
    markup += statisticTable("Drift statistics of \(name)", channel, rows)
    return markup + "</article>\n"
  }

  private func facts(_ channel: DriftDigest.Channel) -> Markup {
    var facts: [Markup] = ["\(Wording.count(channel.windowCount, "drift window"))"]
    if let count = channel.latest.effectiveCount {
      facts.append(
        "last window worth \(Wording.value(count)) independent samples of \(channel.latest.count)")
    }
    if channel.missing > 0 { facts.append("\(Wording.count(channel.missing, "sample")) missing") }
    if channel.busErrors > 0 { facts.append("\(Wording.count(channel.busErrors, "failed read"))") }
    for (fault, count) in channel.faults.sorted(by: { $0.key < $1.key }) {
      facts.append(
        "<b class=\"bad\">\(Self.faultWords(fault))</b> in \(Wording.count(count, "window"))")
    }
    return "<p class=\"fine\">\(facts.joined(separator: " · "))</p>\n"
  }

  private func trend(
    _ name: String, _ unit: String, _ channel: DriftDigest.Channel,
    _ reference: BaselineFacts.Channel?
  ) -> Markup {
    let bins = channel.bins
    var (low, middle, high) = ([SeriesPoint](), [SeriesPoint](), [SeriesPoint]())
    var hints: [Chart.Hint] = []
    for index in 0..<bins.count where bins[index].count > 0 {
      let bin = bins[index]
      let x = self.middle(of: index, in: bins)
      let deviation = bin.standardDeviation
      low.append(SeriesPoint(x: x, value: bin.mean - deviation))
      middle.append(SeriesPoint(x: x, value: bin.mean))
      high.append(SeriesPoint(x: x, value: bin.mean + deviation))
      hints.append(
        Chart.Hint(
          range: range(of: index, in: bins),
          text: """
            \(time(bins.start(index))): \(Wording.value(bin.mean, digits: 4)) ± \
            \(Wording.value(deviation)) \(unit)
            """))
    }
    guard let first = low.first else { return Section.empty("No samples in any drift window.") }
    let band = expected(name, reference)
    var extremes = (low: first.value, high: first.value)
    for point in low + high {
      extremes.low = min(extremes.low, point.value)
      extremes.high = max(extremes.high, point.value)
    }
    if let band {
      extremes.low = min(extremes.low, band.mean - band.deviation)
      extremes.high = max(extremes.high, band.mean + band.deviation)
    }
    let scale = ValueScale.linear(extremes.low...extremes.high)
    var chart = Chart(
      "Mean ± standard deviation of \(name)", unit: unit,
      summary: "Mean of \(name) by drift window, last "
        + Wording.value(channel.latest.mean ?? .nan, digits: 4)
        + (band.map { ", reference \(Wording.value($0.mean, digits: 4))" } ?? ""),
      scale: scale, ticks: axis.ticks)
    chart.alarms = alarmRanges
    if let band {
      var area = PathText()
      area.rectangle(
        0...1,
        scale.fraction(band.mean - band.deviation)...scale.fraction(band.mean + band.deviation))
      chart.fill(area, style: "reference")
      chart.rule(band.mean, style: "reference-line")
      chart.legend.append(.init(style: "reference", label: "reference ± sd"))
    }
    let path = SeriesPath(middle, scale: scale)
    chart.fill(path.band(low, high), style: "accent soft")
    chart.stroke(path.line(middle), style: "accent")
    chart.legend.append(.init(style: "accent", label: "mean"))
    chart.legend.append(.init(style: "accent soft", label: "± sd"))
    chart.hints = hints
    return chart.markup
  }

  /// The reference of a channel, from the model or else from an alarm's record.
  private func expected(
    _ name: String, _ reference: BaselineFacts.Channel?
  ) -> (mean: Double, deviation: Double)? {
    if let reference { return (reference.mean, reference.standardDeviation) }
    return log.drift.alarms.references[name]
  }

  private func histogram(
    _ name: String, _ unit: String, _ channel: DriftDigest.Channel,
    _ reference: BaselineFacts.Channel?
  ) -> Markup {
    guard let reference else {
      return Section.empty(
        "The histogram against the reference needs <code>--model</code> with a baseline.")
    }
    let chart = HistogramChart(
      title: "Histogram of \(name)", unit: unit, reference: reference, now: channel.latest)
    return chart.markup
      ?? Section.empty(
        "Drift records of models with more than eight channels hold no histograms.")
  }
}
