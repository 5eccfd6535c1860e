/// What is wrong, one plain sentence each, the worst first.
struct Finding {
  enum Severity: String {
    case bad
    case warning
    case note
    case good

    /// For those who do not see the colour.
    var word: Markup {
      switch self {
      case .bad: "Wrong"
      case .warning: "Look at"
      case .note: "Note"
      case .good: "Fine"
      }
    }
  }

  let severity: Severity
  let text: Markup
}

extension ReportPage {
  var findings: Markup {
    let all = driftFindings + sensorFindings + storageFindings + runFindings + clockFindings
    let order: [Finding.Severity] = [.bad, .warning, .note]
    var sorted = order.flatMap { severity in all.filter { $0.severity == severity } }
    if !sorted.contains(where: { $0.severity == .bad || $0.severity == .warning }) {
      sorted.insert(Finding(severity: .good, text: fine), at: 0)
    }
    let items = sorted.map {
      "<li class=\"\($0.severity.rawValue)\"><b>\($0.severity.word)</b><span>\($0.text)</span></li>\n"
        as Markup
    }
    return "<ul class=\"findings\">\n\(items.joined())</ul>\n"
  }

  private var fine: Markup {
    log.drift.windowCount > 0
      ? "No drift alarm, no sensor failure, and every record is accounted for."
      : "No sensor failure, and every record is accounted for. The log has no drift records."
  }

  private var driftFindings: [Finding] {
    let alarms = log.drift.alarms
    guard let last = alarms.alarms.last else { return [] }
    if alarms.isUp {
      let more: Markup =
        alarms.count > 1 ? " It is the last of \(Wording.count(alarms.count, "alarm"))." : ""
      return [
        Finding(
          severity: .bad,
          text: """
            A drift alarm is up since \(time(last.raised)); it looks like the \
            \(last.shown.verdict). <a href="#drift">\(alarmSubject(last.shown))</a>\(more)
            """)
      ]
    }
    return [
      Finding(
        severity: .warning,
        text: """
          \(Wording.count(alarms.count, "drift alarm")), none up any more; the last from \
          \(time(last.raised)) to \(time(last.end)) looked like the \(last.shown.verdict).
          """)
    ]
  }

  /// What an alarm is about, in a few words.
  func alarmSubject(_ facts: AlarmFacts) -> String {
    switch facts.subject {
    case "": "No cause is recorded."
    case "classes": "The predicted classes moved."
    case "confidence": "The confidence moved."
    default:
      facts.fault == "none"
        ? "\(facts.subject) moved." : "\(facts.subject): \(Self.faultWords(facts.fault))."
    }
  }

  static func faultWords(_ fault: String) -> String {
    switch fault {
    case "stuck": "stuck at one value"
    case "clipped": "clipped at the end of its range"
    case "dropped": "samples are missing"
    case "bus_errors": "reads fail"
    case "noisy": "its noise changed, the signal did not"
    default: fault
    }
  }

  private var sensorFindings: [Finding] {
    let sensors = log.health.sensors
    var findings: [Finding] = []
    for index in 0..<sensors.count {
      let (name, sensor) = sensors[index]
      if sensor.isWorking == false {
        let since: Markup = sensor.failingSince.map { " since \(time($0))" } ?? ""
        let why: Markup = sensor.lastFailure.map { ": \($0.text)" } ?? ""
        findings.append(
          Finding(severity: .bad, text: "Sensor \(name) does not answer\(since)\(why)."))
      } else if sensor.failureCount > 0, let last = sensor.lastFailure {
        findings.append(
          Finding(
            severity: .warning,
            text: """
              Sensor \(name) failed \(Self.times(sensor.failureCount)), for \
              \(Wording.duration(Double(sensor.failedNanoseconds) / 1e9)) in all, and answers \
              again; last: \(last.text) (\(time(last.place))).
              """))
      }
    }
    return findings
  }

  static func times(_ count: UInt64) -> String {
    switch count {
    case 1: "once"
    case 2: "twice"
    default: "\(Wording.number(count)) times"
    }
  }

  private var storageFindings: [Finding] {
    let integrity = log.integrity
    var findings: [Finding] = []
    if !integrity.damage.isEmpty {
      let bytes = integrity.damage.reduce(0) { $0 &+ $1.byteCount }
      findings.append(
        Finding(
          severity: .bad,
          text: """
            The log is damaged in \(Wording.count(UInt64(integrity.damage.count), "place")), \
            \(Wording.bytes(bytes)) in all; the records around it are whole.
            """))
    }
    let unexplained = integrity.unexplainedCount
    if unexplained > 0 {
      findings.append(
        Finding(
          severity: .bad,
          text: "\(Wording.count(unexplained, "record")) missing, and nothing tells why."))
    }
    let gaps = integrity.losses.reduce(UInt64(0)) {
      if case .gap = $1.cause { $0 &+ $1.count } else { $0 }
    }
    let lost = integrity.unnumbered.reduce(gaps) { $0 &+ $1.count }
    if lost > 0 {
      findings.append(
        Finding(
          severity: .warning,
          text: """
            \(Wording.count(lost, "record")) could not be stored; \
            <a href="#log">the log says when and why</a>.
            """))
    }
    return findings
  }

  private var runFindings: [Finding] {
    var findings: [Finding] = []
    if log.runs.brokenCount > 0 {
      findings.append(
        Finding(
          severity: .warning,
          text: """
            \(Wording.count(log.runs.brokenCount, "run")) ended without a stop record: the power \
            was cut or the program ended by force.
            """))
    }
    if log.health.skippedWindows.total > 0 {
      findings.append(
        Finding(
          severity: .note,
          text: """
            \(Wording.count(log.health.skippedWindows.total, "window")) could not be predicted on, \
            since samples were missing or suspect.
            """))
    }
    let unknown = log.unknownKinds.values.reduce(0, &+)
    if unknown > 0 {
      findings.append(
        Finding(
          severity: .note,
          text: """
            \(Wording.count(unknown, "record")) of kinds that this version does not know: \
            \(log.unknownKinds.keys.sorted().joined(separator: ", ")).
            """))
    }
    return findings
  }

  private var clockFindings: [Finding] {
    var findings: [Finding] = []
    if log.clocks.jumpCount > 0 {
      findings.append(
        Finding(
          severity: .note,
          text: """
            The board’s clock was set \(Self.times(log.clocks.jumpCount)); the schedule does not \
            depend on it.
            """))
    }
    if log.clocks.unsynchronizedRecords > 0 {
      let share = Wording.percent(log.clocks.unsynchronizedRecords, of: log.recordCount)
      findings.append(
        Finding(
          severity: .note,
          text:
            "The clock was not synchronized for \(share) of the records; their times may be off."))
    }
    return findings
  }
}
