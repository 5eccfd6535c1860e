import Conversion
import Foundation
import ModelFormat
import TestSupport
import Testing

/// Files and arenas of these tests end at an unmapped page: an access too far ends the test run.
@Suite("A damaged model file")
struct DamagedModelTests {
  private static let seed = SeededGenerator(for: "damaged model files").seed

  /// A model as a test argument, shown by its name.
  struct Sample: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
  }

  private static let small = Sample(
    testDescription: "the smallest model", bytes: ModelFixtures.smallest.bytes)
  private static let rich = Sample(
    testDescription: "a model with every section", bytes: ModelFixtures.everySection.bytes)
  private static let banded = Sample(
    testDescription: "a model with operators in bands", bytes: ModelFixtures.banded.bytes)
  private static let dense = Sample(
    testDescription: "a model with packed weights", bytes: ModelFixtures.dense.bytes)

  /// The sample model of the repository, with contract and labels.
  static let converted = Result { () throws -> Sample in
    let folder = SharedMaterial.packageFolder.appendingPathComponent("models/imu-activity")
    func read(_ name: String) throws -> Data {
      try Data(contentsOf: folder.appendingPathComponent(name))
    }
    var contents = ModelContents()
    contents.contract = try ContractFile.decode(read("contract.json"), file: "contract.json")
    contents.labels = ["a", "b", "c", "d"]
    let graph = try importTFLite([UInt8](try read("imu-activity.tflite")), fileName: "imu")
    return Sample(
      testDescription: "a converted model",
      bytes: try Converter.convert(graph, contents: contents))
  }

  @Test("is refused when it is cut off at any byte", arguments: [small, rich, dense, banded])
  func everyPrefix(_ sample: Sample) throws {
    let run = GuardedRun()
    try run.run(sample.bytes)
    for count in 0..<sample.bytes.count {
      let prefix = Array(sample.bytes.prefix(count))
      let error = #expect(throws: ModelError.self) { try run.load(prefix) }
      #expect(error?.reason == (count == 0 ? .empty : .truncated))
      #expect(error?.offset == count)
      // With checksums that fit, a cut must still be noticed.
      #expect(throws: ModelError.self) { try run.load(ModelAssembler.withChecks(prefix)) }
    }
  }

  @Test("is refused when it is cut off anywhere, converted")
  func convertedPrefixes() throws {
    let bytes = try Self.converted.get().bytes
    let run = GuardedRun()
    try run.run(bytes)
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: ModelError.self) { try run.load(Array(bytes.prefix(count))) }
    }
  }

  @Test("is refused when any single byte has any other value")
  func everyByteOfTheSmallest() {
    let run = GuardedRun()
    var bytes = Self.small.bytes
    for index in bytes.indices {
      let original = bytes[index]
      for value in UInt8.min...UInt8.max where value != original {
        bytes[index] = value
        if Self.isAccepted(bytes, by: run) { Issue.record("byte \(index) = \(value) unnoticed") }
      }
      bytes[index] = original
    }
  }

  @Test("is refused when any single bit is flipped", arguments: [rich, dense])
  func everyBit(_ sample: Sample) {
    let run = GuardedRun()
    var bytes = sample.bytes
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      if Self.isAccepted(bytes, by: run) { Issue.record("bit \(bit) unnoticed") }
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }

  @Test("is refused when any byte of a converted one changes")
  func everyByteOfTheConverted() throws {
    let run = GuardedRun()
    var random = SeededGenerator(seed: Self.seed)
    var bytes = try Self.converted.get().bytes
    for index in bytes.indices {
      let change = UInt8.random(in: 1...255, using: &random)
      bytes[index] ^= change
      if Self.isAccepted(bytes, by: run) { Issue.record("byte \(index) ^ \(change) unnoticed") }
      bytes[index] ^= change
    }
  }

  @Test("runs inside its memory or is refused, any byte having any value, checksums repaired")
  func everyByteOfTheSmallestRepaired() {
    let run = GuardedRun()
    var patch = ModelPatch(Self.small.bytes)
    var accepted = 0
    for index in patch.bytes.indices {
      let original = patch.bytes[index]
      for value in UInt8.min...UInt8.max where value != original {
        patch.bytes[index] = value
        accepted += Self.survives(patch.repaired, in: run) ? 1 : 0
      }
      patch.bytes[index] = original
    }
    // Names, scales and zero points have many values; the rest has hardly any other.
    #expect(accepted > 1000)
  }

  @Test(
    "runs inside its memory or is refused, any bit flipped, checksums repaired",
    arguments: [rich, dense])
  func everyBitRepaired(_ sample: Sample) {
    let run = GuardedRun()
    var patch = ModelPatch(sample.bytes)
    for bit in 0..<patch.bytes.count * 8 {
      patch.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      _ = Self.survives(patch.repaired, in: run)
      patch.bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }

  @Test(
    "runs inside its memory or is refused, random bytes of its records changed, checksums repaired")
  func randomBytesRepaired() throws {
    let run = GuardedRun()
    var random = SeededGenerator(seed: Self.seed &+ 1)
    for sample in [Self.rich, Self.dense, try Self.converted.get()] {
      let original = ModelPatch(sample.bytes)
      // Header, section table and everything up to the names.
      let records = 0..<original.end(.operands)
      for _ in 0..<3000 {
        var patch = original
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let place = Int.random(in: records, using: &random)
          patch.bytes[place] = UInt8.random(in: 0...255, using: &random)
        }
        _ = Self.survives(patch.repaired, in: run)
      }
    }
  }

  private static func isAccepted(_ bytes: [UInt8], by run: GuardedRun) -> Bool {
    do throws(ModelError) {
      try run.load(bytes)
      return true
    } catch {
      return false
    }
  }

  /// Whether the model is accepted; its run then stayed inside its memory, or the test is over.
  private static func survives(_ bytes: [UInt8], in run: GuardedRun) -> Bool {
    do throws(ModelError) {
      try run.run(bytes)
      return true
    } catch {
      if error.offset < 0 || error.offset > bytes.count {
        Issue.record("a place outside the file: \(error)")
      }
      return false
    }
  }
}
