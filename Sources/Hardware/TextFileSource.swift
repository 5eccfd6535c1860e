/// A small file the kernel makes up when it is read: an attribute below `/sys`, a bus in memory in
/// a test.
public protocol TextFileSource: ~Copyable {
  /// Reads the file anew, from its beginning.
  ///
  /// - Returns: How many bytes of `bytes` were filled; what does not fit is left out.
  mutating func read(into bytes: inout MutableSpan<UInt8>) throws(BusError) -> Int
}
