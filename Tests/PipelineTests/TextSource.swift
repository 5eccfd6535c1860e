import Interchange

/// A text as a source of bytes.
struct TextSource: ByteSource {
  private var bytes: ArraySlice<UInt8>

  init(_ text: String) { bytes = Array(text.utf8)[...] }

  mutating func read(into buffer: inout MutableSpan<UInt8>, at offset: Int) -> Int {
    let count = min(bytes.count, buffer.count - offset)
    for index in 0..<count { buffer[offset + index] = bytes[bytes.startIndex + index] }
    bytes = bytes.dropFirst(count)
    return count
  }
}
