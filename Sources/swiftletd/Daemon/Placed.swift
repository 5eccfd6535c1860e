import LinuxPlatform
import ModelCommands

/// A value in memory of its own.
///
/// What lives as long as the loop and is large belongs here: the compiler keeps several copies of a
/// local value on the stack, in locked memory, and none of a value behind a pointer.
@safe
struct Placed<Value: ~Copyable>: ~Copyable {
  /// Where the value is; it never moves.
  private let memory: MemoryRegion
  private let place: UnsafeMutablePointer<Value>

  /// The value that `make` returns.
  ///
  /// - Parameter file: Which file a lack of memory is told of.
  init(
    for file: FilePath, _ make: () throws(CommandFailure) -> Value
  ) throws(CommandFailure) {
    var memory = try allocate(MemoryLayout<Value>.stride, for: file)
    var bytes = memory.mutableBytes
    let start = unsafe bytes.withUnsafeMutableBytes { $0.baseAddress }
    guard let start = unsafe start else { preconditionFailure("a region has at least one byte") }
    // A region starts at a page, which every type is aligned to, and is as large as the value.
    let place = unsafe start.bindMemory(to: Value.self, capacity: 1)
    unsafe place.initialize(to: try make())
    self.memory = memory
    unsafe self.place = place
  }

  /// Lets `body` use and change the value.
  mutating func update<Result: ~Copyable>(
    _ body: (inout Value) throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    // Exclusive since `self` is mutated.
    try unsafe body(&place.pointee)
  }

  deinit {
    // Initialized by `init`, which is the only way here.
    unsafe place.deinitialize(count: 1)
  }
}
