import Inference
import ModelFormat
import Text

/// Inputs with the outputs a model gives for them.
enum GoldenVectors {
  /// Vectors for the model in `bytes`: a random one, all smallest, all largest, all zero point, then
  /// random ones; at most `limit` of them and `byteCount` bytes, but one at least.
  static func make(
    for bytes: [UInt8], atMost limit: Int, byteCount: Int
  ) throws(ConversionError) -> [(input: [UInt8], output: [UInt8])] {
    do {
      return try HostMemory.withEngine(for: bytes) { engine in
        var generator = HighBytes()
        var vectors: [(input: [UInt8], output: [UInt8])] = []
        let size = engine.model.inputByteCount + engine.model.outputByteCount
        for index in 0..<max(1, min(limit, byteCount / max(1, size))) {
          var input: [UInt8] = []
          for position in 0..<engine.model.inputCount {
            let tensor = engine.model.tensor(engine.model.input(position))
            input += generator.values(of: tensor, vector: index)
          }
          vectors.append((input, output(of: &engine, for: input)))
        }
        return vectors.first?.input.isEmpty == false ? vectors : []
      }
    } catch {
      throw ConversionError(
        .internalInconsistency, place: "golden vectors",
        what: String { error.describe(into: &$0) })
    }
  }

  /// What `engine` gives for `input`, all graph inputs and outputs in order.
  private static func output(of engine: inout Engine, for input: [UInt8]) -> [UInt8] {
    var offset = 0
    for position in 0..<engine.model.inputCount {
      engine.withInput(position) { memory in
        for index in 0..<memory.byteCount {
          memory.storeBytes(of: input[offset + index], toByteOffset: index, as: UInt8.self)
        }
        offset += memory.byteCount
      }
    }
    engine.invoke()
    var result: [UInt8] = []
    for position in 0..<engine.model.outputCount {
      let bytes = engine.output(position)
      bytes.withUnsafeBytes { result.append(contentsOf: $0) }
    }
    return result
  }
}

/// The high bytes of a 32-bit linear congruential generator: the inputs benchmarks use as well.
private struct HighBytes {
  private var state: UInt32 = 12345

  mutating func next() -> UInt8 {
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(truncatingIfNeeded: state >> 24)
  }

  /// The bytes of `tensor` for vector `vector`.
  mutating func values(of tensor: TensorRecord, vector: Int) -> [UInt8] {
    let fixed: [UInt8] = [0x80, 0x7F, UInt8(truncatingIfNeeded: tensor.zeroPoint)]
    switch tensor.elementType {
    case .float32:
      // Real numbers of both signs, small enough for any calibrated input.
      return (0..<tensor.shape.elementCount).flatMap { _ in
        littleEndian((Float(Int8(bitPattern: next())) / 32).bitPattern)
      }
    default:
      let value = fixed.indices.contains(vector - 1) ? fixed[vector - 1] : nil
      return (0..<tensor.byteCount).map { _ in value ?? next() }
    }
  }
}
