import Inference
import ModelFormat

/// Aligned memory for a model file and its arena on the workstation.
public enum HostMemory {
  /// Makes an engine for the model in `bytes`, in memory that lives as long as `body` runs.
  public static func withEngine<Result>(
    for bytes: [UInt8], kernels: KernelSelection = .detected(), _ body: (inout Engine) -> Result
  ) throws(ModelError) -> Result {
    let file = AlignedBuffer(bytes)
    return try withEngine(for: file.memory, kernels: kernels, body)
  }

  private static func withEngine<Result>(
    for file: UnsafeMutableRawBufferPointer, kernels: KernelSelection,
    _ body: (inout Engine) -> Result
  ) throws(ModelError) -> Result {
    let model = try Model(UnsafeRawBufferPointer(file).bytes)
    let arena = AlignedBuffer(byteCount: Engine.memoryByteCount(for: model))
    var engine = try Engine(model, arena: arena.memory.mutableBytes, kernels: kernels)
    return body(&engine)
  }
}

/// Memory at an address that is a multiple of 64, freed with its owner.
private final class AlignedBuffer {
  let memory: UnsafeMutableRawBufferPointer

  init(byteCount: Int) {
    memory = .allocate(byteCount: max(1, byteCount), alignment: Layout.alignment)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  convenience init(_ bytes: [UInt8]) {
    self.init(byteCount: bytes.count)
    memory.copyBytes(from: bytes)
  }

  deinit { memory.deallocate() }
}
