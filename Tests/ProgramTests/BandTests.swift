import Foundation
import Testing

/// A model whose convolution and pool run together: seed 46 of
/// `scripts/oracle/random_graphs.py --images`.
@Suite("Operators in bands")
struct BandTests {
  @Test("convert groups them, and --no-fusion does not; the outputs are the same")
  func fusion() async throws {
    let folder = try TemporaryFolder()
    let fused = try await convert(in: folder)
    let plain = try await convert("--no-fusion", in: folder)
    #expect(fused.contains("arena 149,536 bytes (215,616 without fusion)"), "\(fused)")
    #expect(plain.contains("arena 215,616 bytes\n"), "\(plain)")
    var hashes: Set<String> = []
    for name in ["fused.swl", "plain.swl"] {
      for program in Program.allCases {
        let report = try await object(
          program.run("bench", name, "--iterations", "1", "--json", in: folder))
        #expect(report["arena_bytes"] as? Int == (name == "fused.swl" ? 149_536 : 215_616))
        hashes.insert(try #require(report["output_hash"] as? String))
      }
    }
    #expect(hashes.count == 1, "\(hashes)")
  }

  @Test("inspect names groups, bands and what is stored")
  func inspection() async throws {
    let folder = try TemporaryFolder()
    _ = try await convert(in: folder)
    let outcome = try await Program.swiftlet.run("inspect", "fused.swl", "--plan", in: folder)
    #expect(outcome.status == 0 && outcome.standardError.isEmpty)
    for fragment in [
      "149,536 bytes (215,616 without fusion)", "Band by band",
      "operators 2–3 in 2 bands of 14 rows; 75,012 of 141,094 bytes between them are stored",
      "+  75,012  steps   3–4   tensor_8 (band)", "arena_bytes_without_fusion=215616",
    ] {
      #expect(outcome.text.contains(fragment), "\(fragment) in \(outcome.text)")
    }
    let root = try await object(
      Program.swiftlet.run("inspect", "fused.swl", "--json", in: folder))
    #expect(root["arena_bytes_without_fusion"] as? Int == 215_616)
    let groups = try #require(root["groups"] as? [[String: Any]])
    #expect(groups.count == 1)
    let group = try #require(groups.first)
    #expect(group["first_operator"] as? Int == 2 && group["operators"] as? Int == 2)
    #expect(group["rows_per_band"] as? Int == 14 && group["bands"] as? Int == 2)
    #expect(group["stored_bytes"] as? [Int] == [75_012])
    let tensors = try #require(root["tensors"] as? [[String: Any]])
    let band = tensors.filter { $0["storage"] as? String == "band" }
    #expect(band.compactMap { $0["index"] as? Int } == group["tensors"] as? [Int])
    #expect(band.map { $0["bytes"] as? Int } == [141_094])
    #expect(band.map { $0["stored_bytes"] as? Int } == [75_012])
  }

  @Test("bench times a group at its last operator", arguments: Program.allCases)
  func profile(_ program: Program) async throws {
    let folder = try TemporaryFolder()
    _ = try await convert(in: folder)
    let text = try await program.run(
      "bench", "fused.swl", "--iterations", "1", "--operators", in: folder
    ).text
    #expect(text.contains("in bands with 3"), "\(text)")
    let report = try await object(
      program.run("bench", "fused.swl", "--iterations", "1", "--operators", "--json", in: folder))
    let operators = try #require(report["operators"] as? [[String: Any]])
    #expect(operators.map { $0["group_end"] as? Int } == [nil, nil, 3, 3])
    #expect(operators.map { $0["macs"] as? Int } == [0, 40_800, 0, 3_386_256])
  }

  /// What `convert` prints.
  private func convert(_ option: String? = nil, in folder: TemporaryFolder) async throws -> String {
    let path = Bundle.module.bundleURL.appendingPathComponent("Fixtures/bands.tflite").path
    let name = option == nil ? "fused.swl" : "plain.swl"
    let outcome = try await Program.swiftlet.run(
      ["convert", path, "-o", name] + [option].compactMap { $0 }, in: folder)
    #expect(outcome.status == 0 && outcome.standardError.isEmpty, "\(outcome.standardError)")
    return outcome.text
  }

  private func object(_ outcome: Outcome) throws -> [String: Any] {
    #expect(outcome.status == 0, "\(outcome.standardError)")
    return try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.standardOutput)) as? [String: Any])
  }
}
