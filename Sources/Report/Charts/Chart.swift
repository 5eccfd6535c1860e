/// A chart: a figure with a caption, a legend, axes in HTML and the drawing in SVG.
///
/// The drawing is stretched to the width there is, the text beside it is not: it reads the same on
/// a telephone.
struct Chart {
  /// What a colour stands for.
  struct LegendEntry {
    let style: String
    let label: String
  }

  /// Text for a stretch of the drawing, shown by browsers where the pointer rests.
  struct Hint {
    let range: ClosedRange<Double>
    let text: String
  }

  let title: String
  /// The unit of the vertical axis; empty for none.
  var unit = ""
  /// What is to be seen, in a sentence, for those who do not see it.
  let summary: String
  let scale: ValueScale
  let ticks: [TimeAxis.Tick]
  /// Pixels.
  var height = 150
  var legend: [LegendEntry] = []
  /// Stretches of the horizontal axis with an alarm, from 0 to 1.
  var alarms: [ClosedRange<Double>] = []
  var hints: [Hint] = []
  /// What is drawn, back to front.
  private(set) var drawing: Markup = ""
  private(set) var isEmpty = true

  init(
    _ title: String, unit: String = "", summary: String, scale: ValueScale, ticks: [TimeAxis.Tick]
  ) {
    self.title = title
    self.unit = unit
    self.summary = summary
    self.scale = scale
    self.ticks = ticks
  }

  /// Adds a filled shape.
  mutating func fill(_ path: PathText, style: String) {
    guard !path.isEmpty else { return }
    isEmpty = false
    drawing += "<path class=\"fill \(style)\" d=\"\(path.text)\"/>"
  }

  /// Adds a line.
  mutating func stroke(_ path: PathText, style: String) {
    guard !path.isEmpty else { return }
    isEmpty = false
    drawing += "<path class=\"line \(style)\" d=\"\(path.text)\"/>"
  }

  /// Adds a horizontal line at a value.
  mutating func rule(_ value: Double, style: String) {
    guard value >= scale.lower, value <= scale.upper else { return }
    let y = PathText.number(1 - scale.fraction(value))
    drawing += "<path class=\"line \(style)\" d=\"M0 \(y)H1000\"/>"
  }

  var markup: Markup {
    """
    <figure class="chart"><figcaption><span class="name">\(title)</span>\(unitMarkup)\(legendMarkup)\
    </figcaption><div class="plot"><div class="ylabels" style="height:\(height)px">\(yLabels)</div>\
    <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" style="height:\(height)px">\
    <title>\(title)</title><desc>\(summary)</desc>\(alarmMarkup)\(grid)\(drawing)\(hintMarkup)</svg>\
    <div class="xlabels\(ticks.contains { !$0.note.isEmpty } ? " days" : "")">\(xLabels)</div></div></figure>

    """
  }

  private var unitMarkup: Markup { unit.isEmpty ? "" : " <span class=\"unit\">\(unit)</span>" }

  private var legendMarkup: Markup {
    guard !legend.isEmpty else { return "" }
    let entries = legend.map {
      "<span class=\"key\"><i class=\"swatch \($0.style)\"></i>\($0.label)</span>" as Markup
    }
    return "<span class=\"legend\">\(entries.joined())</span>"
  }

  private var yLabels: Markup {
    scale.ticks.map {
      let bottom = PathText.number(scale.fraction($0.value) / 10)
      return "<span style=\"bottom:\(bottom)%\">\($0.label)</span>"
    }.joined()
  }

  private var xLabels: Markup {
    ticks.enumerated().map { index, tick in
      // Every other label goes where there is little room; the outermost stay on the page.
      let classes =
        (index % 2 == 1 ? "odd" : "") + (tick.fraction > 0.93 ? " last" : "")
        + (tick.fraction < 0.05 ? " first" : "")
      return
        "<span class=\"\(classes)\" style=\"left:\(PathText.number(tick.fraction / 10))%\">\(tick.label)\(note(tick))</span>"
    }.joined()
  }

  private func note(_ tick: TimeAxis.Tick) -> Markup {
    tick.note.isEmpty ? "" : "<small>\(tick.note)</small>"
  }

  private var grid: Markup {
    var path = ""
    for tick in scale.ticks {
      path += "M0 \(PathText.number(1 - scale.fraction(tick.value)))H1000"
    }
    var vertical = ""
    for tick in ticks { vertical += "M\(PathText.number(tick.fraction)) 0V1000" }
    return "<path class=\"grid\" d=\"\(path)\"/><path class=\"grid faint\" d=\"\(vertical)\"/>"
  }

  private var alarmMarkup: Markup {
    var path = PathText()
    for range in alarms { path.rectangle(range, 0...1) }
    return path.isEmpty ? "" : "<path class=\"alarm\" d=\"\(path.text)\"/>"
  }

  private var hintMarkup: Markup {
    hints.map {
      let x = PathText.number($0.range.lowerBound)
      let width = PathText.number($0.range.upperBound - $0.range.lowerBound)
      return
        "<rect class=\"hint\" x=\"\(x)\" width=\"\(width)\" height=\"1000\"><title>\($0.text)</title></rect>"
    }.joined()
  }
}
