/// Where a reader gets bytes from: a file, a pipe, a test's array.
public protocol ByteSource: ~Copyable {
  /// What can go wrong.
  associatedtype Failure: Error

  /// Reads what is there, at most as much as `buffer` holds from `offset` on.
  ///
  /// - Returns: Bytes read; 0 is the end.
  mutating func read(
    into buffer: inout MutableSpan<UInt8>, at offset: Int
  ) throws(Failure) -> Int
}
