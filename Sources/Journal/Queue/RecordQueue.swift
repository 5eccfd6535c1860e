import Synchronization
import Text

/// A queue of records between the thread that makes them and the one that writes them.
///
/// One producer, one consumer, no locks: neither ever waits for the other. Records are framed in a
/// ring of bytes that the caller provides; a record that finds no room is dropped and counted.
/// Methods borrow the queue, so both threads use it through one pointer.
@safe
public struct RecordQueue: ~Copyable, @unchecked Sendable {
  private let memory: UnsafeMutableRawPointer
  private let mask: UInt32
  /// Bytes ever written and read, modulo 2³²; the consumer owns `read`, the producer `written`.
  private let written = Atomic<UInt32>(0)
  private let read = Atomic<UInt32>(0)
  private let dropped = Atomic<UInt32>(0)

  /// A queue in memory of the caller, which outlives it.
  ///
  /// - Parameter memory: At least 8 KiB; used up to the largest power of two, at most 1 GiB.
  @unsafe
  public init(memory: UnsafeMutableRawBufferPointer) {
    precondition(memory.count >= 8192, "a queue holds at least one record")
    let usable = min(UInt32(clamping: memory.count), 1 << 30)
    // Not empty, so there is a base address.
    unsafe self.memory = memory.baseAddress.unsafelyUnwrapped
    mask = (1 << UInt32(31 - usable.leadingZeroBitCount)) - 1
  }

  // MARK: Producer

  /// Puts a record in.
  ///
  /// - Parameter line: A line as `JSONLine.begin(_:at:)` and `end()` make it, at most 4,096 bytes.
  /// - Returns: `false` when it does not fit; then it is counted.
  @discardableResult
  public borrowing func push(
    _ line: borrowing Span<UInt8>, kind: RecordKind, priority: RecordPriority? = nil
  ) -> Bool {
    let priority = priority ?? kind.defaultPriority
    let isPushed =
      line.count <= JournalLimits.lineByteCount
      && push(line, FrameHead(type: .record, first: kind.rawValue, second: priority.rawValue))
    if !isPushed { dropped.add(1, ordering: .relaxed) }
    return isPushed
  }

  /// Puts a finished line in; one that overflowed its storage is dropped and counted.
  @discardableResult
  public borrowing func push<Storage: TextStorage & ~Copyable>(
    _ line: borrowing JSONLine<Storage>, kind: RecordKind, priority: RecordPriority? = nil
  ) -> Bool {
    guard !line.overflowed else {
      dropped.add(1, ordering: .relaxed)
      return false
    }
    return push(line.bytes, kind: kind, priority: priority)
  }

  /// Puts a frame in whole or not at all.
  borrowing func push(_ payload: borrowing Span<UInt8>, _ head: FrameHead) -> Bool {
    let start = written.load(ordering: .relaxed)
    let free = mask + 1 - (start &- read.load(ordering: .acquiring))
    let size = UInt32(FrameHead.byteCount + payload.count)
    guard size <= free else { return false }
    let count = UInt32(payload.count)
    put(UInt8(truncatingIfNeeded: count), at: start)
    put(UInt8(truncatingIfNeeded: count >> 8), at: start &+ 1)
    put(head.type.rawValue, at: start &+ 2)
    put(head.first, at: start &+ 3)
    put(head.second, at: start &+ 4)
    for index in payload.indices {
      put(payload[index], at: start &+ UInt32(FrameHead.byteCount + index))
    }
    // The consumer sees the count only after the bytes.
    written.store(start &+ size, ordering: .releasing)
    return true
  }

  // MARK: Consumer

  /// Whether nothing waits.
  public var isEmpty: Bool {
    written.load(ordering: .acquiring) == read.load(ordering: .relaxed)
  }

  /// How many records were dropped since the last call.
  public borrowing func takeDroppedCount() -> UInt32 {
    dropped.exchange(0, ordering: .relaxed)
  }

  /// Takes the oldest frame out.
  ///
  /// - Parameter payload: Replaced by the frame's bytes.
  borrowing func pop(_ payload: inout FramePayload) -> FrameHead? {
    let start = read.load(ordering: .relaxed)
    guard written.load(ordering: .acquiring) != start else { return nil }
    let count = Int(get(start)) | Int(get(start &+ 1)) << 8
    guard let type = FrameType(rawValue: get(start &+ 2)) else {
      preconditionFailure("a frame this queue wrote")
    }
    let head = FrameHead(type: type, first: get(start &+ 3), second: get(start &+ 4))
    payload.count = count
    for index in 0..<count {
      payload.storage[index] = get(start &+ UInt32(FrameHead.byteCount + index))
    }
    // The producer may use the bytes only after they were read.
    read.store(start &+ UInt32(FrameHead.byteCount + count), ordering: .releasing)
    return head
  }

  // Positions count on; the mask makes them places in the memory, which the size of a power of two
  // makes right across the overflow of the counters.

  private borrowing func put(_ byte: UInt8, at position: UInt32) {
    unsafe memory.storeBytes(of: byte, toByteOffset: Int(position & mask), as: UInt8.self)
  }

  private borrowing func get(_ position: UInt32) -> UInt8 {
    unsafe memory.load(fromByteOffset: Int(position & mask), as: UInt8.self)
  }
}

/// What the bytes of a frame are.
enum FrameType: UInt8 {
  case record = 1
  case windowStart
  case windowRow
  case windowEnd
}

/// Length (two bytes), type and two bytes of the type's own in front of every frame.
struct FrameHead {
  static let byteCount = 5

  var type: FrameType
  var first: UInt8 = 0
  var second: UInt8 = 0
}

/// The bytes of one frame.
struct FramePayload: ~Copyable {
  var storage = InlineArray<4096, UInt8>(repeating: 0)
  var count = 0

  var bytes: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get { storage.span.extracting(0..<count) }
  }
}
