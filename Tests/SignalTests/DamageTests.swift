import ModelFormat
import TestSupport
import Testing

@testable import Conversion
@testable import Signal

@Suite("Damaged preprocessing")
struct DamageTests {
  /// One of everything.
  private func section() throws -> [UInt8] {
    let contract = ContractFile(
      rateHertz: 50, window: 40, hop: 10,
      channels: ["a", "b"].map {
        ContractFile.Channel(name: $0, unit: "V", mean: 0, standardDeviation: 1)
      },
      preprocessing: PreprocessingFile(
        filters: [
          .init(type: "moving-average", length: 3),
          .init(type: "low-pass", cutoffHertz: 10, order: 4),
        ],
        decimate: 2, detrend: "linear",
        features: [
          .init(type: "samples"), .init(type: "statistics"), .init(type: "spectrum", frame: 8),
          .init(type: "bands", edgesHertz: [0, 2, 8, 12]), .init(type: "log-mel", count: 4),
        ]))
    return try #require(try contract.preprocessingSection())
  }

  /// Reads a section and, where it is taken, extracts with it.
  private func use(_ bytes: [UInt8]) -> Bool {
    do throws(ModelError) {
      let plan = try Preprocessing(unsafe bytes.span.bytes, windowLength: 40, channelCount: 2)
      let samples = (0..<80).map { Float($0 % 7) }
      var memory = [UInt8](repeating: 0, count: FeatureExtractor.byteCount(for: plan))
      var span = memory.mutableSpan
      var extractor = FeatureExtractor(plan, memory: unsafe span.mutableBytes)
      var stored = Set<Int>()
      extractor.extract { first, channel, chunk in
        for index in chunk.indices where 2 * (first + index) < samples.count {
          chunk[index] = samples[2 * (first + index) + channel]
        }
      } _: { places, _ in
        places.forEach { place, _ in stored.insert(place) }
      }
      #expect(stored == Set(0..<extractor.featureCount), "every feature has its place")
      return true
    } catch {
      #expect(error.section == .preprocessing)
      #expect((0...bytes.count).contains(error.offset))
      return false
    }
  }

  @Test("The undamaged section is taken")
  func undamaged() throws {
    #expect(use(try section()))
  }

  @Test("Every prefix is refused")
  func prefixes() throws {
    let bytes = try section()
    for count in 0..<bytes.count {
      let isTaken = use(Array(bytes.prefix(count)))
      #expect(!isTaken, "\(count) bytes")
    }
  }

  @Test("Every changed byte is refused, or leaves a section that computes")
  func changes() throws {
    let bytes = try section()
    // The scales behind the edges are mere numbers.
    for offset in 0..<bytes.count - 400 {
      for value: UInt8 in [0, 1, 2, 3, 0x7F, 0x80, 0xFF] where bytes[offset] != value {
        var damaged = bytes
        damaged[offset] = value
        _ = use(damaged)
      }
    }
  }

  @Test("Random changes are refused, or leave a section that computes")
  func randomChanges() throws {
    let seed: UInt64 = 91
    var random = SeededGenerator(seed: seed)
    let bytes = try section()
    var taken = 0
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let offset = Int.random(in: 0..<300, using: &random)
        damaged[offset] = UInt8.random(in: 0...255, using: &random)
      }
      taken += use(damaged) ? 1 : 0
    }
    #expect(taken > 0, "some changes are harmless, seed \(seed)")
  }
}
