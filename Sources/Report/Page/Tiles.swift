extension ReportPage {
  /// The figures to look at first.
  var tiles: Markup {
    let health = log.health
    let runs = log.runs
    let span = (Double(log.lastPlace) - Double(axis.begin)) / 1e9
    let hasHealth = health.recordCount > 0
    let missing = Wording.percent(health.missing.total, of: health.samples.total)
    let uptime =
      span > 0
      ? Wording.percent(UInt64(min(runs.seconds, span) * 1000), of: UInt64(span * 1000))
      : "–"
    let alarms = log.drift.alarms
    let tiles: [Markup] = [
      tile("Predictions", Wording.number(log.predictions.count), predictionRate),
      tile(
        "Windows skipped", hasHealth ? Wording.number(health.skippedWindows.total) : "–",
        hasHealth ? "samples missing or suspect" : "no health records"),
      tile(
        "Samples missing", hasHealth ? missing : "–",
        hasHealth
          ? "\(Wording.number(health.missing.total)) of \(Wording.number(health.samples.total))"
          : "no health records"),
      tile(
        "Deadlines missed", hasHealth ? Wording.number(health.deadlinesMissed.total) : "–",
        "samples not taken in time"),
      tile("Running", Wording.duration(runs.seconds), "\(uptime) of the period"),
      tile(
        "Drift alarms", log.drift.windowCount > 0 ? Wording.number(alarms.count) : "–",
        alarms.isUp ? "one is up now" : driftNote, isBad: alarms.isUp),
    ]
    return "<div class=\"tiles\">\n\(tiles.joined())</div>\n"
  }

  private var predictionRate: String {
    let seconds = log.runs.seconds
    guard log.predictions.count > 1, seconds > 0 else { return "" }
    let rate = Double(log.predictions.count) / seconds
    return rate >= 0.1
      ? "\(Wording.value(rate)) a second" : "one every \(Wording.duration(1 / rate))"
  }

  private var driftNote: String {
    log.drift.windowCount > 0
      ? "in \(Wording.count(log.drift.windowCount, "drift window"))" : "no drift records"
  }

  private func tile(_ name: String, _ value: String, _ note: String, isBad: Bool = false) -> Markup
  {
    """
    <div class="tile\(isBad ? " bad" : "")"><p class="name">\(name)</p>\
    <p class="value">\(value)</p><p class="note">\(note)</p></div>

    """
  }
}
