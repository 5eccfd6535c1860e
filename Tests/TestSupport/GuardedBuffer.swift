import Foundation

/// Memory whose last byte is followed by a page that cannot be touched, so that reading or writing
/// a single byte too much faults at once.
///
/// Where `alignment` is above 1 and does not divide `byteCount`, up to `alignment - 1` bytes lie
/// between the end and the guard.
public final class GuardedBuffer {
  /// The bytes, zero at first.
  public let memory: UnsafeMutableRawBufferPointer
  private let mapping: UnsafeMutableRawPointer
  private let mappingByteCount: Int

  /// `byteCount` bytes at an address that is a multiple of `alignment`, a power of two of at most
  /// a page.
  public init(byteCount: Int, alignment: Int = 1) {
    let page = Int(getpagesize())
    let bodyByteCount = (byteCount + alignment + page - 1) / page * page
    mappingByteCount = bodyByteCount + page
    guard
      let mapping = mmap(
        nil, mappingByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED, mprotect(mapping + bodyByteCount, page, PROT_NONE) == 0
    else { preconditionFailure("no memory for a guarded buffer of \(byteCount) bytes") }
    self.mapping = mapping
    let start = (bodyByteCount - byteCount) / alignment * alignment
    memory = UnsafeMutableRawBufferPointer(start: mapping + start, count: byteCount)
  }

  /// A copy of `bytes`.
  public convenience init(_ bytes: some Collection<UInt8>, alignment: Int = 1) {
    self.init(byteCount: bytes.count, alignment: alignment)
    memory.copyBytes(from: bytes)
  }

  deinit { munmap(mapping, mappingByteCount) }
}
