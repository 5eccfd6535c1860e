import TestSupport
import Testing

@testable import Conversion

@Suite("Damaged TensorFlow Lite files")
struct TFLiteDamageTests {
  private static let seed = SeededGenerator(for: "damaged TensorFlow Lite files").seed

  private func generator(_ builtin: TFLiteBuiltin) -> SeededGenerator {
    SeededGenerator(seed: Self.seed &+ UInt64(builtin.rawValue))
  }

  @Test("A file cut at any byte is refused or whole", arguments: TFLiteBuiltin.allCases)
  func everyPrefix(_ builtin: TFLiteBuiltin) {
    let bytes = TFLiteSamples.model(of: builtin)
    for count in 0..<bytes.count {
      expectErrorOrValidGraph(Array(bytes.prefix(count)))
    }
    // No fixed part of the file can be missing.
    for count in [0, 1, 4, 7, 8, 12, bytes.count / 2] {
      #expect(throws: ConversionError.self) {
        try importTFLite(Array(bytes.prefix(count)), fileName: "cut")
      }
    }
  }

  @Test(
    "A file with any one byte changed gives an error or a valid graph",
    arguments: TFLiteBuiltin.allCases)
  func everyByte(_ builtin: TFLiteBuiltin) {
    var random = generator(builtin)
    let bytes = TFLiteSamples.model(of: builtin)
    for index in bytes.indices {
      // Offsets and counts break at the ends of the range and next to the right value.
      let values: [UInt8] = [
        0, 0xFF, bytes[index] &+ 1, UInt8.random(in: 0...255, using: &random),
      ]
      for value in values where value != bytes[index] {
        var damaged = bytes
        damaged[index] = value
        expectErrorOrValidGraph(damaged)
      }
    }
  }

  @Test(
    "A file with many bytes changed gives an error or a valid graph",
    arguments: TFLiteBuiltin.allCases)
  func manyBytes(_ builtin: TFLiteBuiltin) {
    var random = generator(builtin)
    let bytes = TFLiteSamples.model(of: builtin)
    for _ in 0..<200 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 2...8, using: &random) {
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      expectErrorOrValidGraph(damaged)
    }
  }

  @Test(
    "Any four bytes changed into an extreme number give an error or a valid graph",
    arguments: TFLiteBuiltin.allCases)
  func everyWord(_ builtin: TFLiteBuiltin) {
    let bytes = TFLiteSamples.model(of: builtin)
    let words: [UInt32] = [0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1000_0000]
    for index in stride(from: 0, through: bytes.count - 4, by: 4) {
      for word in words {
        var damaged = bytes
        damaged.replaceSubrange(index..<index + 4, with: FlatBufferWriter.bytes(word))
        expectErrorOrValidGraph(damaged)
      }
    }
  }

  @Test("A small file that describes a huge model by sharing is refused")
  func sharedTables() {
    var b = TFLiteModelBuilder()
    _ = b.tensor(String(repeating: "n", count: 4000), [1, 2])
    let shared = b.main.tensors[0]
    // The writer does not share, so share by hand: point many offsets at one tensor.
    b.main.tensors = Array(repeating: .table([:]), count: 4000)
    b.main.tensors[3999] = shared
    var bytes = b.bytes()
    let count = FlatBufferWriter.bytes(UInt32(4000))
    guard let vector = bytes.indices.first(where: { bytes[$0...].starts(with: count) }) else {
      Issue.record("no vector of 4000 tables")
      return
    }
    func target(_ index: Int) -> Int {
      let position = vector + 4 + 4 * index
      return position + (0..<4).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
    }
    let last = target(3999)
    for index in 0..<3999 {
      let position = vector + 4 + 4 * index
      bytes.replaceSubrange(
        position..<position + 4, with: FlatBufferWriter.bytes(UInt32(last - position)))
    }
    let error = #expect(throws: ConversionError.self) {
      try importTFLite(bytes, fileName: "bomb")
    }
    #expect(error?.what.contains("far more than its") == true)
  }

  @Test("An error in the bytes names its position and its path")
  func positionAndPath() {
    var bytes = TFLiteSamples.model(of: .relu)
    bytes[0] = 0xFF
    bytes[1] = 0xFF
    let error = #expect(throws: ConversionError.self) {
      try importTFLite(bytes, fileName: "model.tflite")
    }
    #expect(error?.description.hasPrefix("model.tflite: ") == true)
    #expect(error?.place.contains("byte ") == true)
    #expect(error?.kind == .malformed)
    #expect(error?.exitCode == 65)
    var b = TFLiteModelBuilder()
    b.identifier = "ABCD"
    let other = #expect(throws: ConversionError.self) {
      try importTFLite(b.bytes(), fileName: "model.onnx")
    }
    #expect(other?.description.contains("header (byte 4): the file identifier is not") == true)
    let empty = #expect(throws: ConversionError.self) { try importTFLite([], fileName: "empty") }
    #expect(empty?.what.contains("ends after 0 bytes") == true)
  }

  private func expectErrorOrValidGraph(_ bytes: [UInt8]) {
    do throws(ConversionError) {
      let graph = try importTFLite(bytes, fileName: "damaged")
      try graph.validate()
    } catch {
      if error.what.isEmpty || error.kind == .internalInconsistency {
        Issue.record("\(error)")
      }
    }
  }
}
