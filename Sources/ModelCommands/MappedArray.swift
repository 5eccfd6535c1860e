import LinuxPlatform

/// A few values that cannot be copied, in memory of their own: pages are touched only as values come.
@safe
struct MappedArray<Element: ~Copyable>: ~Copyable {
  private let memory: MemoryRegion
  private let start: UnsafeMutablePointer<Element>
  private let capacity: Int
  private(set) var count = 0

  /// Room for `capacity` values.
  init(capacity: Int) throws(PlatformError) {
    var memory = try MemoryRegion(byteCount: max(1, capacity) * MemoryLayout<Element>.stride)
    // The region never moves, and it is page-aligned.
    var bytes = memory.mutableBytes
    let base = unsafe bytes.withUnsafeMutableBytes { $0.baseAddress }
    guard let base = unsafe base else { preconditionFailure("a region has at least one byte") }
    unsafe start = base.bindMemory(to: Element.self, capacity: max(1, capacity))
    self.memory = memory
    self.capacity = capacity
  }

  /// Adds a value. Traps when all places are taken.
  mutating func append(_ element: consuming Element) {
    precondition(count < capacity, "all places are taken")
    unsafe (start + count).initialize(to: element)
    count += 1
  }

  /// Lets `body` use and change value `index`.
  mutating func update<Result, Failure: Error>(
    _ index: Int, _ body: (inout Element) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(index >= 0 && index < count, "no such value")
    return try unsafe body(&start[index])
  }

  /// Takes the last value out.
  mutating func removeLast() -> Element {
    precondition(count > 0, "there is none")
    count -= 1
    return unsafe (start + count).move()
  }

  deinit {
    unsafe start.deinitialize(count: count)
  }
}
