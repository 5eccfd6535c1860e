import Foundation
import Testing

@Suite("swiftlet bench and swiftletd bench")
struct BenchTests {
  @Test("Text tells the time, the work and the memory", arguments: Program.allCases)
  func text(_ program: Program) async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await program.run("bench", "model.swl", "--iterations", "2", in: folder)
    #expect(outcome.status == 0, "\(outcome.standardError)")
    for fragment in ["model.swl", "median", "µs", "MACs", "960 bytes"] {
      #expect(outcome.text.contains(fragment), "\(fragment) in \(outcome.text)")
    }
  }

  @Test("Both programs measure the same computation")
  func json() async throws {
    let folder = try await Sample.workingFolder()
    var hashes: Set<String> = []
    for program in Program.allCases {
      let outcome = try await program.run(
        "bench", "model.swl", "--iterations", "3", "--json", in: folder)
      #expect(outcome.status == 0, "\(outcome.standardError)")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.standardOutput)) as? [String: Any])
      #expect(object["runs"] as? Int == 3 && object["macs"] as? Int == 45_856)
      #expect(object["arena_bytes"] as? Int == 960)
      let (least, median) = (object["min_us"] as? Double, object["median_us"] as? Double)
      #expect(try #require(least) > 0 && #require(least) <= #require(median))
      hashes.insert(try #require(object["output_hash"] as? String))
    }
    #expect(hashes.count == 1, "\(hashes)")
  }

  @Test("Times are also a share of the measured peak", arguments: ["", "portable"])
  func peak(_ variant: String) async throws {
    let folder = try await Sample.workingFolder()
    // Without a name the variable limits nothing.
    let environment = ["SWIFTLET_ISA": variant]
    for program in Program.allCases {
      let words = ["bench", "model.swl", "--iterations", "3", "--operators"]
      let report = try await program.start(
        words + ["--json"], in: folder, environment: environment
      ).outcome()
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(report.standardOutput)) as? [String: Any])
      let peak = try #require(object["peak_gmacs_per_s"] as? Double)
      #expect(peak > 0)
      // MACs a nanosecond of the fastest run, from fields with three decimals.
      let least = try #require(object["min_us"] as? Double)
      let share = try #require(object["of_peak_percent"] as? Double)
      #expect(abs(share - 100 * 45.856 / least / peak) <= 0.01 * share + 0.001)
      let operators = try #require(object["operators"] as? [[String: Any]])
      for step in operators {
        let times = try ["min_us", "median_us", "p99_us"].map {
          try #require(step[$0] as? Double)
        }
        #expect(times[0] <= times[1] && times[1] <= times[2], "\(step)")
        let percentage = try #require(step["of_peak_percent"] as? Double)
        #expect((percentage > 0) == (try #require(step["macs"] as? Int) > 0), "\(step)")
      }

      let text = try await program.start(words, in: folder, environment: environment).outcome().text
      #expect(text.contains("% of the measured peak of ") && text.contains("of peak\n"))
      #expect(text.contains("min µs    median       p99"))
    }
  }

  @Test("A small model stays on one thread; what it computes does not change")
  func threads() async throws {
    let folder = try await Sample.workingFolder()
    var hashes: Set<String> = []
    for count in ["1", "2", "8"] {
      let outcome = try await Program.swiftletd.run(
        "bench", "model.swl", "--iterations", "1", "--json", "--threads", count, in: folder)
      #expect(outcome.status == 0, "\(outcome.standardError)")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.standardOutput)) as? [String: Any])
      #expect(object["threads"] as? Int == 1)
      hashes.insert(try #require(object["output_hash"] as? String))
    }
    #expect(hashes.count == 1, "\(hashes)")
    for count in ["0", "65", "two"] {
      let outcome = try await Program.swiftletd.run(
        "bench", "model.swl", "--threads", count, in: folder)
      #expect(outcome.status == 64 && outcome.standardError.contains("--threads"))
    }
  }

  @Test("A time limit ends the measurement")
  func seconds() async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await Program.swiftletd.run(
      "bench", "model.swl", "--seconds", "0.05", "--json", in: folder)
    #expect(outcome.status == 0, "\(outcome.standardError)")
  }
}
