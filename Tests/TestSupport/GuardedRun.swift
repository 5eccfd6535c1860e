import Foundation
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
  private var sum: UInt8 = 0

  /// No memory yet.
  public init() {}

  /// Loads `bytes` as a model; throws what the reader refuses.
  public func load(_ bytes: [UInt8]) throws(ModelError) {
    _ = try Model(UnsafeRawBufferPointer(file(bytes, alignment: 1)).bytes)
  }

  /// Loads `bytes`, makes engines with the reference kernels and with the fastest ones, and invokes
  /// both twice with a reset in between; throws what reader or engine refuse. Touches every byte of
  /// every tensor, input and output.
  ///
  /// Traps where the kernels leave different bytes in the arena.
  public func run(_ bytes: [UInt8]) throws(ModelError) {
    try run(file(bytes, alignment: 16))
  }

  private func run(_ file: UnsafeMutableRawBufferPointer) throws(ModelError) {
    let model = try Model(UnsafeRawBufferPointer(file).bytes)
    readContents(of: model)
    let byteCount = model.arenaByteCount <= Self.largestArena ? model.arenaByteCount : 0
    let (first, second) = (arena(byteCount), arena(byteCount, copy: 1))
    try invoke(model, in: first, kernels: .portable)
    try invoke(model, in: second, kernels: .detected())
    if !first.elementsEqual(second) { reportDifference(first, second, of: model) }
  }

  private func invoke(
    _ model: Model, in arena: UnsafeMutableRawBufferPointer, kernels: KernelSelection
  ) throws(ModelError) {
    arena.initializeMemory(as: UInt8.self, repeating: 0xA5)
    var engine = try Engine(model, arena: arena.mutableBytes, kernels: kernels)
    for round in 0..<2 {
      engine.reset()
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
      for index in 0..<model.outputCount { keep(engine.output(index)) }
      for index in 0..<model.tensorCount { keep(engine.tensor(index)) }
    }
  }

  /// Names the first operator whose output differs, keeps the model, and traps.
  private func reportDifference(
    _ first: UnsafeMutableRawBufferPointer, _ second: UnsafeMutableRawBufferPointer, of model: Model
  ) -> Never {
    var name = "an operator"
    for index in (0..<model.operatorCount).reversed() {
      let output = model.tensor(model.operator(index).output)
      let range = output.offset..<output.offset + output.byteCount
      if !first[range].elementsEqual(second[range]) {
        name = "operator \(index), \(model.operator(index).kind)"
      }
    }
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("swiftlet-different-bytes-\(getpid()).swl")
    try? model.bytes.withUnsafeBytes { Data($0) }.write(to: file)
    preconditionFailure("kernels give different bytes for \(name); the model is in \(file.path)")
  }

  private func readContents(of model: Model) {
    for vector in 0..<min(2, model.goldenVectorCount) {
      keep(model.goldenInput(vector))
      keep(model.goldenOutput(vector))
    }
    for label in 0..<min(2, model.labelCount) { keep(model.text(model.label(label))) }
    guard let contract = model.contract else { return }
    for channel in 0..<contract.channelCount {
      keep(model.text(model.channel(channel).name))
      keep(model.text(model.channel(channel).unit))
    }
  }

  /// Reads all bytes and keeps their sum, so that no access is optimized away.
  private func keep(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { sum = $0.reduce(sum, &+) }
  }

  /// A buffer that ends at the guard, reused for files of one size.
  private func file(_ bytes: [UInt8], alignment: Int) -> UnsafeMutableRawBufferPointer {
    let key = bytes.count * 32 + alignment
    let buffer = files[key] ?? GuardedBuffer(byteCount: bytes.count, alignment: alignment)
    files[key] = buffer
    buffer.memory.copyBytes(from: bytes)
    return buffer.memory
  }

  private func arena(_ byteCount: Int, copy: Int = 0) -> UnsafeMutableRawBufferPointer {
    let key = byteCount * 2 + copy
    let buffer = arenas[key] ?? GuardedBuffer(byteCount: byteCount, alignment: 16)
    arenas[key] = buffer
    return buffer.memory
  }
}
