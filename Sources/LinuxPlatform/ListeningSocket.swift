private import CPlatform
import Text

/// A Unix socket other programs connect to; its path goes with its owner.
///
/// Who may connect is decided by the path's permissions: owner and group of the socket, and whoever
/// may pass the folders above it.
public struct ListeningSocket: ~Copyable {
  private let socket: FileDescriptor
  private let path: FilePath

  /// Listens at a path, of at most 107 bytes.
  ///
  /// A socket left behind by a process that is gone is replaced. Two that start at the same moment
  /// are kept apart by a lock of the caller's.
  ///
  /// - Parameters:
  ///   - group: The group that may connect, by name; empty for the process's own.
  ///   - mode: Permissions of the socket.
  /// - Throws: `PlatformError`: EADDRINUSE where another process listens, EEXIST where the path is
  ///   something else, ENOENT where the folder or the group is missing.
  public init(
    _ path: borrowing FilePath, group: borrowing Span<UInt8> = Span(), mode: UInt32 = 0o660
  ) throws(PlatformError) {
    let groupNumber = group.isEmpty ? -1 : try Self.number(ofGroup: group)
    let opened = unsafe path.withCString { unsafe swl_socket_listen($0, mode, groupNumber) }
    guard opened >= 0 else { throw PlatformError(.listen, code: opened) }
    socket = FileDescriptor(number: opened, closesOnDeinit: true)
    self.path = copy path
  }

  private static func number(
    ofGroup name: borrowing Span<UInt8>
  ) throws(PlatformError) -> Int64 {
    // A name is no path and has the same form: bytes without NUL.
    let name = try FilePath(name)
    let number = unsafe name.withCString { unsafe swl_group_number($0) }
    guard number >= 0 else { throw PlatformError(.findGroup, code: Int32(clamping: number)) }
    return number
  }

  /// Readable while somebody waits to be accepted.
  public var eventDescriptor: EventDescriptor { EventDescriptor(number: socket.number) }

  /// The connection of whoever waits longest; `nil` when nobody does.
  public mutating func accept() throws(PlatformError) -> SocketConnection? {
    let opened = swl_socket_accept(socket.number)
    if opened == -swl_error_would_block() { return nil }
    guard opened >= 0 else { throw PlatformError(.accept, code: opened) }
    return SocketConnection(number: opened)
  }

  deinit {
    _ = unsafe path.withCString { unsafe swl_unlink($0) }
  }
}
