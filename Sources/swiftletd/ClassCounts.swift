import LinuxPlatform
import ModelCommands
import ModelFormat

/// How often each class was predicted.
struct ClassCounts: ~Copyable {
  /// How many classes there are.
  let classCount: Int

  private var memory: MemoryRegion

  init(_ model: borrowing Model) throws(CommandFailure) {
    classCount = model.tensor(model.output(0)).shape.elementCount
    do throws(PlatformError) {
      memory = try MemoryRegion(byteCount: 8 * classCount)
    } catch {
      throw CommandFailure(exitCode: error.exitCode) { error.describe(into: &$0) }
    }
  }

  subscript(index: Int) -> UInt64 {
    // In bounds, as the load checks, and every bit pattern is a value.
    unsafe memory.bytes.unsafeLoad(fromByteOffset: 8 * index, as: UInt64.self)
  }

  mutating func add(_ index: Int) {
    let count = self[index] + 1
    var bytes = memory.mutableBytes
    bytes.storeBytes(of: count, toByteOffset: 8 * index, as: UInt64.self)
  }
}
