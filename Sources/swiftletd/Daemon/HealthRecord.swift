import Acquisition
import Journal
import LinuxPlatform
import Pipeline
import Text

/// How the daemon is, as a record of the journal.
enum HealthRecord {
  static func write<Storage: TextStorage & ~Copyable>(
    _ state: borrowing DaemonState, to line: inout JSONLine<Storage>, now: UInt64
  ) {
    line.field("uptime_s", integer: (now - state.startedAt) / 1_000_000_000)
    line.field("samples", integer: state.sampleCount)
    line.field("samples_missing", integer: state.missingSampleCount)
    line.field("samples_suspect", integer: state.suspectSampleCount)
    line.field("deadlines_missed", integer: state.missedSampleCount)
    line.field("predictions", integer: state.predictionCount)
    line.field("windows_skipped", integer: state.skippedWindowCount)
    write(state.lateness, "lateness_us", to: &line)
    write(state.latency, "latency_us", to: &line)
    line.field("cpu_s", decimal: Double(Process.cpuNanoseconds) / 1e9, fractionDigits: 3)
    line.field("resident_bytes", integer: Process.residentByteCount)
    line.field("clock_jumps", integer: state.clockJumpCount)
    line.field("reloads", integer: state.reloadCount)
    line.field("reloads_refused", integer: state.refusedReloadCount)
  }

  private static func write<Storage: TextStorage & ~Copyable>(
    _ histogram: borrowing LatencyHistogram, _ key: StaticString,
    to line: inout JSONLine<Storage>
  ) {
    line.key(key)
    line.beginObject()
    line.field("p50", integer: histogram.quantile(0.5))
    line.field("p99", integer: histogram.quantile(0.99))
    line.field("p999", integer: histogram.quantile(0.999))
    line.field("max", integer: histogram.maximum)
    line.endObject()
  }

  /// What happened to the sensors, one object each by name.
  static func write<Storage: TextStorage & ~Copyable>(
    _ acquisition: borrowing Acquisition, _ bank: inout DeviceBank,
    to line: inout JSONLine<Storage>
  ) {
    line.key("sensors")
    line.beginObject()
    for index in 0..<acquisition.sensorCount {
      var name = TextBuffer<64>()
      bank.appendName(index, to: &name)
      line.key(name.bytes)
      write(acquisition.sensor(index), to: &line)
    }
    line.endObject()
  }

  /// What happened to one sensor, an object.
  static func write<Storage: TextStorage & ~Copyable>(
    _ task: SensorTask, to line: inout JSONLine<Storage>
  ) {
    let counters = task.counters
    line.beginObject()
    line.field("ok", boolean: !task.isFailing)
    line.field("readings", integer: counters.readings)
    line.field("missing", integer: counters.missing)
    line.field("retries", integer: counters.retries)
    line.field("late", integer: counters.late)
    line.field("missed", integer: counters.missed)
    line.field("starts", integer: counters.starts)
    if counters.errorCount > 0 {
      line.key("errors")
      line.beginObject()
      for rawValue in 0..<UInt8(SensorErrorKind.count) {
        guard let kind = SensorErrorKind(rawValue: rawValue), counters[kind] > 0 else { continue }
        line.field(kind.name, integer: counters[kind])
      }
      line.endObject()
    }
    line.endObject()
  }
}
