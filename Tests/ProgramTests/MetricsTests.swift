import Foundation
import Testing

@Suite("Metrics of swiftletd")
struct MetricsTests {
  private static func text(_ daemon: LocalInterfaceTests.Daemon) async throws -> String {
    let end = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < end {
      if let text = try? daemon.folder.text("node.prom"),
        text.contains("swiftlet_prediction_probability_ratio ")
      {
        return text
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    return try daemon.folder.text("node.prom")
  }

  @Test("The file is whole, each family is described once and its samples follow")
  func format() async throws {
    let daemon = try await LocalInterfaceTests.Daemon(
      rate: 100, sections: "[metrics]\npath = node.prom\ninterval = 1s\n")
    let text = try await Self.text(daemon)
    let outcome = try await daemon.end()
    #expect(outcome.status == 0, "\(outcome.standardError)")
    let families = try Self.checkFormat(text)
    #expect(Set(families.keys) == Self.names)
    #expect(text.contains(#"swiftlet_model_info{name="model.swl",check=""#))
    #expect(
      text.contains(#"swiftlet_channel_reading{channel="accel_x",unit="as recorded"} 0.500000"#))
    #expect(text.contains(#"swiftlet_sensor_up{sensor="s_accel_x"} 1"#))
    #expect(text.contains("swiftlet_deadlines_missed_total "))
    #expect(!daemon.folder.names.contains { $0.contains("partial") })
  }

  /// Checks what the text format demands; returns the families with their types.
  @discardableResult
  static func checkFormat(_ text: String) throws -> [String: String] {
    #expect(text.hasSuffix("\n"))
    var families: [String: String] = [:]
    var family = ""
    var seen: Set<Substring> = []
    let sample = /([a-z_]+)(\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (-?[0-9.]+|NaN)/
    for line in text.split(separator: "\n") {
      if line.hasPrefix("# HELP ") {
        family = String(line.split(separator: " ")[2])
        #expect(families[family] == nil, "\(family) once")
        continue
      }
      if line.hasPrefix("# TYPE ") {
        let words = line.split(separator: " ").map(String.init)
        #expect(words[2] == family)
        families[family] = words[3]
        continue
      }
      let match = try #require(try sample.wholeMatch(in: line), "\(line)")
      let name = String(match.1)
      let suffixes = families[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
      #expect(suffixes.contains { family + $0 == name }, "\(line) among those of \(family)")
      #expect(seen.insert(line.prefix { $0 != " " } + (match.2 ?? "")).inserted, "\(line) once")
    }
    for (name, kind) in families {
      #expect(name.hasPrefix("swiftlet_"))
      #expect((kind == "counter") == name.hasSuffix("_total"), "\(name) \(kind)")
    }
    return families
  }

  @Test("A file that cannot be written is told once and stops nothing, its return likewise")
  func unwritable() async throws {
    let daemon = try await LocalInterfaceTests.Daemon(
      rate: 100, sections: "[api]\nsocket = api\n[metrics]\npath = no/node.prom\ninterval = 1s\n")
    let client = try daemon.client()
    let end = ContinuousClock.now + .seconds(120)
    while try !daemon.messages().contains("no/node.prom"), ContinuousClock.now < end {
      try await Task.sleep(for: .milliseconds(100))
    }
    // Long enough for it to be told twice, if it were.
    try await Task.sleep(for: .seconds(2))
    let health = try client.ask(#"{"op":"health"}"#)
    #expect(health["status"] as? String == "ok")
    try daemon.folder.makeFolder("no")
    let limit = ContinuousClock.now + .seconds(60)
    while try !daemon.messages().contains("written again"), ContinuousClock.now < limit {
      try await Task.sleep(for: .milliseconds(100))
    }
    #expect(try daemon.folder.text("no/node.prom").hasSuffix("\n"))
    let outcome = try await daemon.end()
    #expect(outcome.status == 0)
    let told = outcome.standardError.split(separator: "\n").filter { $0.contains("[metrics] ") }
    #expect(told.count == 2, "\(told)")
    #expect(told.first?.contains("no/node.prom: cannot create") == true, "\(told)")
    #expect(told.last?.hasSuffix("no/node.prom: written again") == true, "\(told)")
  }

  @Test("A name the collector would pass over is refused")
  func name() async throws {
    let daemon = try await LocalInterfaceTests.Daemon(sections: "[metrics]\npath = node.txt\n")
    let outcome = try await daemon.outcome()
    #expect(outcome.status == 65)
    #expect(outcome.standardError.contains("ends in .prom"), "\(outcome.standardError)")
  }

  private static let names: Set<String> = [
    "swiftlet_build_info", "swiftlet_model_info", "swiftlet_start_time_seconds",
    "swiftlet_resident_memory_bytes", "swiftlet_cpu_seconds_total", "swiftlet_clock_synchronized",
    "swiftlet_clock_jumps_total", "swiftlet_reloads_total", "swiftlet_samples_total",
    "swiftlet_samples_missing_total", "swiftlet_samples_suspect_total",
    "swiftlet_deadlines_missed_total", "swiftlet_channel_reading", "swiftlet_predictions_total",
    "swiftlet_decision", "swiftlet_prediction_probability_ratio", "swiftlet_windows_skipped_total",
    "swiftlet_loop_lateness_seconds", "swiftlet_prediction_latency_seconds", "swiftlet_sensor_up",
    "swiftlet_sensor_readings_total", "swiftlet_sensor_missing_readings_total",
    "swiftlet_sensor_retries_total", "swiftlet_sensor_starts_total", "swiftlet_sensor_errors_total",
    "swiftlet_journal_records_total", "swiftlet_journal_written_bytes_total",
    "swiftlet_journal_syncs_total", "swiftlet_journal_failures_total",
    "swiftlet_journal_dropped_records_total", "swiftlet_journal_evicted_bytes_total",
    "swiftlet_journal_stored_bytes", "swiftlet_journal_degraded", "swiftlet_journal_free_bytes",
    "swiftlet_api_clients", "swiftlet_api_connections_total",
    "swiftlet_api_refused_connections_total", "swiftlet_api_dropped_clients_total",
    "swiftlet_api_requests_total", "swiftlet_api_bad_requests_total",
  ]
}
