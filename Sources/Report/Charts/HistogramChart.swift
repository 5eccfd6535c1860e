/// Two histograms over the same bins, reference and now, as densities: bins of unequal width keep
/// their share of the area.
struct HistogramChart {
  let title: String
  let unit: String
  let reference: BaselineFacts.Channel
  let now: DriftDigest.Window

  /// nil where the log or the baseline does not tell.
  var markup: Markup? {
    let total = now.bins.reduce(0) { $0 + Double($1) }
    let referenceTotal = reference.counts.reduce(0, +)
    guard now.bins.count == reference.edges.count, total > 0, referenceTotal > 0,
      let low = reference.edges.first, let edge = reference.edges.last
    else { return nil }
    // The outermost bins go on for ever; they are drawn to the outermost value each side saw.
    let room = max((reference.maximum - low) * 0.02, 1e-6)
    let nowLow = min(low, now.minimum ?? low)
    let nowHigh = max(reference.maximum, now.maximum ?? edge, edge + room)
    let referenceSteps = steps(
      reference.counts, referenceTotal, from: low, to: max(reference.maximum, edge + room))
    let nowSteps = steps(now.bins.map { Double($0) }, total, from: nowLow, to: nowHigh)
    // A bin of a single value is infinitely dense: the others decide the height.
    let densities = (referenceSteps + nowSteps).map(\.density).sorted()
    let typical = densities[densities.count * 9 / 10]
    let peak = min(densities.last ?? 1, typical * 3)
    let scale = ValueScale.linear(0...max(peak, 1e-12), includesZero: true) { _ in "" }
    let axis = ValueScale.linear(nowLow...nowHigh)
    let span = axis.upper - axis.lower
    var chart = Chart(
      title, unit: unit.isEmpty ? "density" : "density over \(unit)", summary: summary,
      scale: scale,
      ticks: axis.ticks.map {
        TimeAxis.Tick(fraction: ($0.value - axis.lower) / span, label: $0.label)
      })
    chart.height = 110
    chart.legend = [
      .init(style: "reference", label: "reference"), .init(style: "accent", label: "last window"),
    ]
    func x(_ value: Double) -> Double { (value - axis.lower) / span }
    var area = PathText()
    for step in referenceSteps where step.density > 0 {
      area.rectangle(x(step.from)...x(step.to), 0...scale.fraction(step.density))
    }
    chart.fill(area, style: "reference")
    var outline = PathText()
    outline.move(x(nowLow), 0)
    for step in nowSteps {
      outline.line(x(step.from), scale.fraction(step.density))
      outline.line(x(step.to), scale.fraction(step.density))
    }
    outline.line(x(nowHigh), 0)
    chart.stroke(outline, style: "accent")
    return chart.markup
  }

  private struct Step {
    let from: Double
    let to: Double
    let density: Double
  }

  private func steps(
    _ counts: [Double], _ total: Double, from low: Double, to high: Double
  ) -> [Step] {
    counts.indices.map { index in
      let from = index == 0 ? low : reference.edges[index]
      let to = index + 1 < counts.count ? reference.edges[index + 1] : high
      let width = max(to - from, (high - low) * 1e-4, 1e-12)
      return Step(from: from, to: from + width, density: counts[index] / total / width)
    }
  }

  private var summary: String {
    "Reference from \(Wording.value(reference.minimum)) to \(Wording.value(reference.maximum)); "
      + "last window from \(Wording.value(now.minimum ?? .nan)) to "
      + "\(Wording.value(now.maximum ?? .nan))."
  }
}
