private import CPlatform

/// One end of a stream between two programs. Nothing here waits.
public struct SocketConnection: ~Copyable {
  private let socket: FileDescriptor

  init(number: Int32) {
    socket = FileDescriptor(number: number, closesOnDeinit: true)
  }

  /// Connects to a program that listens.
  public init(connectingTo path: borrowing FilePath) throws(PlatformError) {
    let opened = unsafe path.withCString { unsafe swl_socket_connect($0) }
    guard opened >= 0 else { throw PlatformError(.connect, code: opened) }
    self.init(number: opened)
  }

  /// Readable while there are bytes, or the end; writable while there is room.
  public var eventDescriptor: EventDescriptor { EventDescriptor(number: socket.number) }

  /// The number of the process at the other end as it connected; 0 where unknown.
  public var peerProcess: Int64 { swl_socket_peer_process(socket.number) }

  /// Bounds the memory of the kernel that unread bytes may take.
  public func limitSendBuffer(byteCount: Int) throws(PlatformError) {
    let result = swl_socket_limit_send_buffer(socket.number, UInt32(clamping: byteCount))
    guard result >= 0 else { throw PlatformError(.send, code: result) }
  }

  /// Takes bytes that have come.
  ///
  /// - Parameter offset: Where in `buffer` they go; there must be room for one.
  public mutating func read(
    into buffer: inout MutableSpan<UInt8>, at offset: Int = 0
  ) throws(PlatformError) -> TransferProgress {
    precondition((0..<buffer.count).contains(offset), "no room to read into")
    let descriptor = socket.number
    // The kernel writes at most the count of bytes it is given, the rest of the buffer.
    let result = unsafe buffer.withUnsafeMutableBufferPointer { bytes in
      unsafe swl_socket_read(
        descriptor, bytes.baseAddress.unsafelyUnwrapped + offset, UInt64(bytes.count - offset))
    }
    guard result != 0 else { return .closed }
    return try Self.progress(result, .receive)
  }

  /// Sends as many of the bytes as there is room for.
  public mutating func write(
    _ bytes: borrowing Span<UInt8>
  ) throws(PlatformError) -> TransferProgress {
    let descriptor = socket.number
    // The kernel reads at most the count of bytes it is given.
    let result = unsafe bytes.withUnsafeBufferPointer { bytes -> Int64 in
      guard let start = bytes.baseAddress else { return 0 }
      return unsafe swl_socket_write(descriptor, start, UInt64(bytes.count))
    }
    return try Self.progress(result, .send)
  }

  private static func progress(
    _ result: Int64, _ operation: PlatformError.Operation
  ) throws(PlatformError) -> TransferProgress {
    guard result < 0 else { return .bytes(Int(result)) }
    let code = Int32(truncatingIfNeeded: result)
    if code == -swl_error_would_block() { return .wouldBlock }
    if swl_error_connection_lost(code) { return .closed }
    throw PlatformError(operation, code: code)
  }
}
