import Journal
import LinuxPlatform
import Text

/// Writes logs as the daemon does: real records, through the real journal.
struct LogSketch: ~Copyable {
  typealias Line = JSONLine<TextBuffer<4096>>

  private var writer: JournalWriter<LinuxJournalFolder>
  private var line = Line(TextBuffer<4096>())
  /// What the next record is stamped with.
  var stamp: RecordStamp

  /// A log in a folder that is made when missing, from 2026-11-01 on.
  init(folder: String, segmentByteCount: UInt64 = 4 << 20) throws {
    var settings = JournalSettings()
    settings.segmentByteCount = segmentByteCount
    settings.quotaByteCount = 4 << 30
    settings.freeByteCountFloor = 0
    settings.syncInterval = 3_600_000_000_000
    stamp = RecordStamp(
      wallNanoseconds: 1_793_491_200_000_000_000, monotonicNanoseconds: 60_000_000_000,
      bootIdentifier: 0x5f2c_11d0, isSynchronized: true)
    writer = JournalWriter(LinuxJournalFolder(try FilePath(folder)), settings: settings)
    writer.open(at: stamp)
  }

  /// Lets time pass.
  mutating func wait(_ seconds: Double) {
    stamp.wallNanoseconds += Int64(seconds * 1e9)
    stamp.monotonicNanoseconds += UInt64(seconds * 1e9)
  }

  /// Restarts the board.
  mutating func reboot(_ boot: UInt32) {
    stamp.bootIdentifier = boot
    stamp.monotonicNanoseconds = 20_000_000_000
  }

  mutating func record(_ kind: RecordKind, _ fill: (inout Line) -> Void) {
    line.begin(kind, at: stamp)
    fill(&line)
    line.end()
    precondition(!line.overflowed, "the record fits a line")
    _ = writer.append(line.bytes, kind: kind, priority: .high, at: stamp)
    writer.tick(at: stamp)
  }

  /// A record of a kind no version knows.
  mutating func unknown() {
    line.begin()
    line.field("time", timestamp: Timestamp(nanosecondsSinceEpoch: stamp.wallNanoseconds))
    line.field("mono_ns", integer: stamp.monotonicNanoseconds)
    line.field("boot", string: "5f2c11d0")
    line.field("synced", boolean: true)
    line.field("kind", string: "future")
    line.end()
    _ = writer.append(line.bytes, kind: .health, priority: .high, at: stamp)
  }

  /// Tells the journal of records that were lost before.
  mutating func lose(_ count: UInt64) { writer.noteDropped(count, at: stamp) }

  mutating func close() { writer.close(at: stamp) }

  // MARK: Records

  mutating func start(model: StaticString = "/etc/swiftlet/room.swl", check: UInt32? = nil) {
    record(.start) { line in
      line.field("program", string: "swiftletd")
      line.field("version", string: "0.1.0")
      line.field("pid", integer: 412)
      line.field("model", string: model)
      line.field("configuration", string: "/etc/swiftlet/swiftletd.conf")
      line.field("channels", integer: 2)
      line.field("rate_hz", decimal: 4, fractionDigits: 3)
      line.field("window", integer: 32)
      line.field("hop", integer: 4)
      if let check {
        line.key("model_check")
        var text = TextBuffer<8>()
        text.append(hexadecimal: UInt64(check), digits: 8)
        line.string(text.bytes)
      }
    }
  }

  mutating func stop(signal: Int) { record(.stop) { $0.field("signal", integer: signal) } }

  mutating func prediction(
    _ number: Int, class label: String, probability: Double, decision: String?,
    latencyMicroseconds: UInt64, of classes: [String] = ["Quiet", "Heating", "Airing", "Draught"]
  ) {
    record(.prediction) { line in
      line.field("prediction", integer: number)
      line.field("window_start_s", decimal: Double(number), fractionDigits: 3)
      line.field("window_end_s", decimal: Double(number) + 7.75, fractionDigits: 3)
      line.field("class", string: Array(label.utf8).span)
      line.field("probability", decimal: probability, fractionDigits: 4)
      line.key("probabilities")
      line.beginObject()
      for name in classes {
        let rest = (1 - probability) / Double(max(classes.count - 1, 1))
        line.field(
          Array(name.utf8).span, decimal: name == label ? probability : rest, fractionDigits: 4)
      }
      line.endObject()
      if let decision {
        line.field("decision", string: Array(decision.utf8).span)
      } else {
        line.key("decision")
        line.null()
      }
      line.field("latency_us", integer: latencyMicroseconds)
    }
  }

  /// The counters of a `health` record, as far as the report reads them.
  struct Health {
    var samples: UInt64 = 0
    var missing: UInt64 = 0
    var skipped: UInt64 = 0
    var deadlinesMissed: UInt64 = 0
    var lateness: (median: UInt64, high: UInt64, maximum: UInt64) = (60, 210, 900)
    var sensors: [(name: String, isWorking: Bool, readings: UInt64, errors: UInt64)] = []
  }

  mutating func health(_ health: Health) {
    let uptime = stamp.monotonicNanoseconds / 1_000_000_000
    record(.health) { line in
      line.field("uptime_s", integer: uptime)
      line.field("samples", integer: health.samples)
      line.field("samples_missing", integer: health.missing)
      line.field("samples_suspect", integer: UInt64(0))
      line.field("deadlines_missed", integer: health.deadlinesMissed)
      line.field("predictions", integer: health.samples / 4)
      line.field("windows_skipped", integer: health.skipped)
      for key in ["lateness_us", "latency_us"] as [StaticString] {
        line.key(key)
        line.beginObject()
        line.field("p50", integer: health.lateness.median)
        line.field("p99", integer: health.lateness.high)
        line.field("p999", integer: health.lateness.high)
        line.field("max", integer: health.lateness.maximum)
        line.endObject()
      }
      line.field("cpu_s", decimal: Double(uptime) * 0.012, fractionDigits: 3)
      line.field("resident_bytes", integer: 2_301_952)
      line.field("clock_jumps", integer: 0)
      line.key("sensors")
      line.beginObject()
      for sensor in health.sensors {
        line.key(Array(sensor.name.utf8).span)
        line.beginObject()
        line.field("ok", boolean: sensor.isWorking)
        line.field("readings", integer: sensor.readings)
        line.field("missing", integer: sensor.errors)
        line.field("retries", integer: sensor.errors * 3)
        line.field("late", integer: 2)
        line.field("missed", integer: 0)
        line.field("starts", integer: 1 + sensor.errors / 40)
        if sensor.errors > 0 {
          line.key("errors")
          line.beginObject()
          line.field("no_acknowledge", integer: sensor.errors)
          line.endObject()
        }
        line.endObject()
      }
      line.endObject()
    }
  }

  mutating func sensor(
    _ name: String, event: StaticString, text: String? = nil, missing: UInt64? = nil
  ) {
    record(.sensor) { line in
      line.field("sensor", string: Array(name.utf8).span)
      line.field("event", string: event)
      if let text {
        line.field("error", string: "no_acknowledge")
        line.field("text", string: Array(text.utf8).span)
      }
      if let missing { line.field("missing", integer: missing) }
    }
  }

  mutating func decision(_ now: String?, before: String?, heldSeconds: Double) {
    record(.decision) { line in
      for (key, value) in [("decision", now), ("previous", before)] as [(StaticString, String?)] {
        if let value {
          line.field(key, string: Array(value.utf8).span)
        } else {
          line.key(key)
          line.null()
        }
      }
      line.field("previous_held_s", decimal: heldSeconds, fractionDigits: 3)
    }
  }
}
