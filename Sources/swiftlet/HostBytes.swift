import ModelFormat

/// Aligned memory, freed with its owner.
final class HostBytes {
  let memory: UnsafeMutableRawBufferPointer

  /// So many zero bytes.
  init(byteCount: Int) {
    memory = .allocate(byteCount: max(1, byteCount), alignment: Layout.alignment)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  /// A copy of bytes.
  convenience init(_ bytes: [UInt8]) {
    self.init(byteCount: bytes.count)
    memory.copyBytes(from: bytes)
  }

  deinit { memory.deallocate() }
}
