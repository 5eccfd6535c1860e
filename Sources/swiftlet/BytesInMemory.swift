import Interchange

/// A file that has been read, as a source of bytes.
struct BytesInMemory: ByteSource, ~Copyable {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read(
    into buffer: inout MutableSpan<UInt8>, at offset: Int
  ) throws(Never) -> Int {
    let count = min(buffer.count - offset, bytes.count - position)
    for index in 0..<count { buffer[offset + index] = bytes[position + index] }
    position += count
    return count
  }
}
