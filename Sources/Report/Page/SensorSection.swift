extension ReportPage {
  var sensorSection: Markup {
    let health = log.health
    guard health.sensors.count > 0 else {
      return sampleChart
        + Section.empty(
          "No sensors in this period: the log has no health records with sensors. A replay has none."
        )
    }
    return sampleChart + sensorTable + errorTable + eventTable
  }

  private var sensorTable: Markup {
    let sensors = log.health.sensors
    var table = Table(
      "Sensors",
      [
        ("Sensor", .text), ("State", .text), ("Readings", .number), ("Missing", .number),
        ("Retries", .number), ("Late", .number), ("Missed", .number), ("Starts", .number),
        ("Failures", .number), ("Away for", .number),
      ])
    for index in 0..<sensors.count {
      let (name, sensor) = sensors[index]
      let state: Markup =
        switch sensor.isWorking {
        case true?: "<span class=\"good\">answers</span>"
        case false?: "<b class=\"bad\">does not answer</b>"
        case nil: "not known"
        }
      let away = sensor.failedNanoseconds &+ (sensor.failingSince.map { log.lastPlace &- $0 } ?? 0)
      table.rows.append([
        "\(name)", state, "\(Wording.number(sensor.readings.total))",
        "\(Wording.number(sensor.missing.total))", "\(Wording.number(sensor.retries.total))",
        "\(Wording.number(sensor.late.total))", "\(Wording.number(sensor.missed.total))",
        "\(Wording.number(sensor.starts.total))", "\(Wording.number(sensor.failureCount))",
        away > 0 ? "\(Wording.duration(Double(away) / 1e9))" : "–",
      ])
    }
    return table.markup + """
      <p class="fine">Missing: deadlines without a reading. Retries: attempts repeated within a \
      deadline. Late: read more than a quarter of a period late. Missed: deadlines skipped since \
      the program came too late.</p>

      """
  }

  private var errorTable: Markup {
    let sensors = log.health.sensors
    var table = Table(
      "Errors by kind", [("Sensor", .text), ("Error", .text), ("Count", .number)])
    for index in 0..<sensors.count {
      let (name, sensor) = sensors[index]
      for (kind, count) in sensor.errorCounts {
        table.rows.append([
          "\(name)", "\(Self.errorWords(kind))", "\(Wording.number(count))",
        ])
      }
    }
    return table.rows.isEmpty ? "<p>No sensor gave an error.</p>\n" : table.markup
  }

  private static func errorWords(_ kind: String) -> String {
    switch kind {
    case "no_acknowledge": "no acknowledge (device absent, wrong address or wiring)"
    case "timeout": "timeout (the bus was held)"
    case "arbitration_lost": "arbitration lost (another controller on the bus)"
    case "checksum": "checksum (bytes disturbed on the way)"
    case "wrong_device": "another device answers at the address"
    case "device_fault": "the device reports a fault"
    default: kind.replacing("_", with: " ")
    }
  }

  private var eventTable: Markup {
    let sensors = log.health.sensors
    guard sensors.eventCount > 0 else { return "" }
    var table = Table(
      sensors.eventCount > UInt64(sensors.events.count)
        ? "The latest of \(Wording.number(sensors.eventCount)) sensor events" : "Sensor events",
      [("Time (UTC)", .text), ("Sensor", .text), ("Event", .text), ("Details", .text)])
    for event in sensors.events.reversed() {
      let missing = event.missing.map { "\(Wording.count($0, "reading")) missing" }
      table.rows.append([
        "\(time(event.place))", "\(event.sensor)", "\(event.event)",
        "\([event.text, missing].compactMap { $0 }.joined(separator: "; "))",
      ])
    }
    return table.markup
  }

  private var sampleChart: Markup {
    let bins = log.health.bins
    guard log.health.samples.total > 0 else { return "" }
    var (missing, suspect) = ([SeriesPoint](), [SeriesPoint]())
    for index in 0..<bins.count where bins[index].samples > 0 {
      let x = middle(of: index, in: bins)
      let samples = Double(bins[index].samples)
      missing.append(SeriesPoint(x: x, value: Double(bins[index].missing) / samples * 100))
      suspect.append(SeriesPoint(x: x, value: Double(bins[index].suspect) / samples * 100))
    }
    let peak = (missing + suspect).map(\.value).max() ?? 0
    let scale = ValueScale.linear(0...max(peak, 1), includesZero: true)
    var chart = Chart(
      "Samples missing and suspect", unit: "% of samples",
      summary: "Share of samples with a channel missing or suspect, at most "
        + Wording.value(peak) + " %",
      scale: scale, ticks: axis.ticks)
    chart.height = 100
    let path = SeriesPath(missing, scale: scale)
    chart.stroke(path.line(suspect), style: "high")
    chart.stroke(path.line(missing), style: "accent")
    chart.legend = [
      .init(style: "accent", label: "missing"), .init(style: "high", label: "suspect"),
    ]
    return chart.markup
  }
}
