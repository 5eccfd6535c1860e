import Journal

extension ReportPage {
  var logSection: Markup {
    let integrity = log.integrity
    var markup: Markup = """
      <p>\(Wording.count(log.recordCount, "record")) read from \
      \(Wording.count(UInt64(integrity.segmentCount), "segment")), \
      \(Wording.bytes(integrity.byteCount))\(leftOut).</p>

      """
    markup += lossTable + damageTable + storageTable
    var kinds = Table("Records by kind", [("Kind", .text), ("Records", .number)])
    for (name, count) in zip(RecordKind.allNames, log.kinds) where count > 0 {
      kinds.rows.append(["\(name)", "\(Wording.number(count))"])
    }
    for (name, count) in log.unknownKinds.sorted(by: { $0.key < $1.key }) {
      kinds.rows.append([
        "\(name.isEmpty ? "without a kind" : name) <span class=\"fine\">not known to this version</span>",
        "\(Wording.number(count))",
      ])
    }
    return markup + kinds.markup
  }

  private var leftOut: Markup {
    log.leftOutCount > 0
      ? "; \(Wording.number(log.leftOutCount)) outside the period are left out" : ""
  }

  // MARK: Losses

  private var lossTable: Markup {
    let integrity = log.integrity
    guard !integrity.losses.isEmpty || !integrity.unnumbered.isEmpty else {
      return "<p>No record is missing.</p>\n"
    }
    var table = Table(
      "Missing records",
      [("Records", .number), ("Numbers", .text), ("Time (UTC)", .text), ("Why", .text)])
    for loss in integrity.losses.suffix(50) {
      table.rows.append([
        "\(Wording.number(loss.count))",
        "\(Self.numbers(loss.sequences))", when(loss.sequences), Self.words(loss.cause),
      ])
    }
    for (reason, count) in integrity.unnumbered {
      table.rows.append([
        "\(Wording.number(count))", "none given", gapTimes(reason), Self.words(.gap(reason)),
      ])
    }
    let more = integrity.losses.count - 50
    return table.markup + (more > 0 ? "<p>\(more) earlier losses are not shown.</p>\n" : "")
  }

  private static func numbers(_ range: ClosedRange<UInt64>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) – \(range.upperBound)"
  }

  /// Between which records the numbers should have come.
  private func when(_ range: ClosedRange<UInt64>) -> Markup {
    guard let hole = log.storage.holes.first(where: { $0.sequences.overlaps(range) }) else {
      return "–"
    }
    guard let after = hole.after else { return "before \(time(hole.before))" }
    return "\(time(after)) to \(time(hole.before))"
  }

  private func gapTimes(_ reason: String) -> Markup {
    let gaps = log.storage.events.filter { $0.kind == .gap && $0.reason == reason }
    let begins = gaps.compactMap { gap in gap.since.map { gap.place &- $0 } }
    let ends = gaps.compactMap { gap in gap.until.map { gap.place &- $0 } }
    guard let first = begins.min(), let last = ends.max() else { return "–" }
    return "\(time(first)) to \(time(last))"
  }

  private static func words(_ cause: JournalLoss.Cause) -> Markup {
    switch cause {
    case .evicted: "Oldest segments removed to keep the quota or the free space"
    case .older: "Older than the oldest segment that is left"
    case .tornTail: "Cut off at a start: the power failed while they were written"
    case .skipped: "Numbers left out at a start, since a segment could not be read"
    case .damaged: "<b class=\"bad\">Damaged where they were</b>"
    case .unexplained: "<b class=\"bad\">Nothing tells why</b>"
    case .gap(let reason): gapWords(reason)
    }
  }

  private static func gapWords(_ reason: String) -> Markup {
    switch reason {
    case "disk-full": "The disk was full"
    case "read-only": "The file system was read-only"
    case "no-permission": "The program may not write there"
    case "folder-missing": "The folder was not there"
    case "io-error": "The storage failed"
    case "sync-failed": "The storage could not say that they are safe"
    case "free-space": "Writing paused to leave free space to others"
    case "queue-full": "The storage was too slow and the queue full"
    case "budget": "The daily write budget was used up"
    default: "\(reason)"
    }
  }

  // MARK: Damage

  private var damageTable: Markup {
    let integrity = log.integrity
    guard !integrity.damage.isEmpty || !integrity.setAside.isEmpty else { return "" }
    var table = Table(
      "Damage", [("Segment", .text), ("What", .text), ("From byte", .number), ("Size", .number)])
    for damage in integrity.damage.prefix(50) {
      let what =
        switch damage.kind {
        case .tornTail: "the end, cut in the middle of writing"
        case .damagedBytes: "bytes that are no record"
        case .unreadable: "the storage did not give the bytes"
        }
      table.rows.append([
        "<code>\(damage.segment)</code>", "\(what)", "\(Wording.number(damage.offset))",
        "\(Wording.bytes(damage.byteCount))",
      ])
    }
    for segment in integrity.setAside {
      table.rows.append(["<code>\(segment)</code>", "put aside by the board", "–", "–"])
    }
    return table.markup
  }

  private var storageTable: Markup {
    let storage = log.storage
    guard storage.eventCount > 0 else { return "" }
    var table = Table(
      storage.eventCount > 20 ? "The latest events of the storage" : "Events of the storage",
      [("Time (UTC)", .text), ("Event", .text)])
    for event in storage.events.suffix(20).reversed() {
      let text: Markup
      switch event.kind {
      case .recovery:
        let aside: Markup =
          event.damaged > 0 ? ", \(Wording.count(event.damaged, "damaged segment")) put aside" : ""
        text = "Opened after a power cut or a crash: \(Wording.bytes(event.bytes)) cut off\(aside)"
      case .eviction:
        text = """
          \(Wording.count(event.segments, "segment")) removed, \(Wording.bytes(event.bytes)), to keep \
          \(event.reason == "quota" ? "the quota" : "free space")
          """
      default:
        text = "\(Wording.count(event.count, "record")) lost: \(Self.gapWords(event.reason))"
      }
      table.rows.append(["\(time(event.place))", text])
    }
    return table.markup
  }

  // MARK: Runs and clock

  var runSection: Markup {
    let runs = log.runs
    guard !runs.runs.isEmpty else { return Section.empty("No records, no runs.") }
    var table = Table(
      runs.runCount > UInt64(runs.runs.count)
        ? "The latest of \(Wording.number(runs.runCount)) runs of the program"
        : "Runs of the program",
      [
        ("From (UTC)", .text), ("Ran for", .number), ("Boot", .text), ("Version", .text),
        ("Records", .number), ("End", .text),
      ])
    for (index, run) in runs.runs.enumerated().reversed() {
      let end: Markup
      if let signal = run.signal {
        end = signal == 0 ? "in order" : "in order, signal \(signal)"
      } else if index == runs.runs.count - 1 {
        end = "the log ends here"
      } else {
        end = "<b class=\"bad\">no stop record</b>"
      }
      table.rows.append([
        "\(time(run.begin))", "\(Wording.duration(run.seconds))",
        "<code>\(Wording.hexadecimal(run.boot))</code>",
        "\(run.program.version ?? "–")", "\(Wording.number(run.records))", end,
      ])
    }
    return table.markup + programFacts + clockTable
  }

  private var programFacts: Markup {
    var facts: [Markup] = []
    if let bytes = log.health.residentBytes { facts.append("\(Wording.bytes(bytes)) of memory") }
    if let seconds = log.health.processorSeconds, let uptime = log.health.uptimeSeconds, uptime > 0
    {
      facts.append("\(Wording.value(seconds / Double(uptime) * 100)) % of one processor")
    }
    if log.runs.reloadCount > 0 {
      facts.append("\(Wording.count(log.runs.reloadCount, "reload")) of the configuration")
    }
    if log.health.refusedReloads.total > 0 {
      facts.append("\(Wording.count(log.health.refusedReloads.total, "reload")) refused")
    }
    return facts.isEmpty
      ? "" : "<p>The program used, when last heard of: \(facts.joined(separator: ", ")).</p>\n"
  }

  private var clockTable: Markup {
    let clocks = log.clocks
    guard clocks.jumpCount > 0 || clocks.stretchCount > 0 else {
      return "<p>The clock was synchronized all the time and did not jump.</p>\n"
    }
    var table = Table("The board’s clock", [("Time (UTC)", .text), ("What", .text)])
    for jump in clocks.jumps.suffix(20) {
      let way: Markup = jump.seconds >= 0 ? "forward" : "back"
      table.rows.append([
        "\(time(jump.place))", "set \(way) by \(Wording.duration(abs(jump.seconds)))",
      ])
    }
    for stretch in clocks.stretches.suffix(20) {
      table.rows.append([
        "\(time(stretch.begin)) to \(time(stretch.end))",
        "not synchronized, \(Wording.count(stretch.records, "record"))",
      ])
    }
    return table.markup
  }
}
