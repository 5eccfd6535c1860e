import Inference
import ModelFormat

/// Loads and runs byte strings in guarded memory, one after another.
///
/// The file ends at an unmapped page, and so does the arena, so that whatever a damaged model makes
/// the engine do must stay inside both or fault.
public final class GuardedRun {
  /// Arenas above this many bytes are not given: the engine refuses for want of memory.
  public static let largestArena = 1 << 20

  private var files: [Int: GuardedBuffer] = [:]
  private var arenas: [Int: GuardedBuffer] = [:]

  /// No memory yet.
  public init() {}

  /// Loads `bytes` as a model; throws what the reader refuses.
  public func load(_ bytes: [UInt8]) throws(ModelError) {
    _ = try Model(UnsafeRawBufferPointer(file(bytes, alignment: 1)).bytes)
  }

  /// Loads `bytes`, makes an engine and invokes it twice with a reset in between; throws what
  /// reader or engine refuse. Touches every byte of every tensor, input and output.
  public func run(_ bytes: [UInt8]) throws(ModelError) {
    try run(file(bytes, alignment: 16))
  }

  private func run(_ file: UnsafeMutableRawBufferPointer) throws(ModelError) {
    let model = try Model(UnsafeRawBufferPointer(file).bytes)
    let arena = arena(model.arenaByteCount <= Self.largestArena ? model.arenaByteCount : 0)
    arena.initializeMemory(as: UInt8.self, repeating: 0xA5)
    var engine = try Engine(model, arena: arena.mutableBytes)
    for round in 0..<2 {
      for index in 0..<model.inputCount {
        engine.withInput(index) { bytes in
          for offset in 0..<bytes.byteCount {
            bytes.storeBytes(
              of: UInt8(truncatingIfNeeded: offset &* 37 &+ round), toByteOffset: offset,
              as: UInt8.self)
          }
        }
      }
      engine.invoke()
      var sum: UInt8 = 0
      for index in 0..<model.outputCount { sum &+= Self.sum(of: engine.output(index)) }
      for index in 0..<model.tensorCount { sum &+= Self.sum(of: engine.tensor(index)) }
      for vector in 0..<min(2, model.goldenVectorCount) {
        sum &+= Self.sum(of: model.goldenInput(vector)) &+ Self.sum(of: model.goldenOutput(vector))
      }
      for label in 0..<min(2, model.labelCount) {
        sum &+= Self.sum(of: model.text(model.label(label)))
      }
      if let contract = model.contract {
        for channel in 0..<contract.channelCount {
          sum &+= Self.sum(of: model.text(model.channel(channel).name))
        }
      }
      // Read, so that no access is optimized away.
      withExtendedLifetime(sum) {}
      engine.reset()
    }
  }

  private static func sum(of bytes: RawSpan) -> UInt8 {
    bytes.withUnsafeBytes { $0.reduce(0, &+) }
  }

  /// A buffer that ends at the guard, reused for files of one size.
  private func file(_ bytes: [UInt8], alignment: Int) -> UnsafeMutableRawBufferPointer {
    let key = bytes.count * 32 + alignment
    let buffer = files[key] ?? GuardedBuffer(byteCount: bytes.count, alignment: alignment)
    files[key] = buffer
    buffer.memory.copyBytes(from: bytes)
    return buffer.memory
  }

  private func arena(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    let buffer = arenas[byteCount] ?? GuardedBuffer(byteCount: byteCount, alignment: 16)
    arenas[byteCount] = buffer
    return buffer.memory
  }
}
