import Foundation
import LinuxPlatform
import Testing

@Suite struct SocketTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func status(_ name: String) throws -> stat {
    var status = stat()
    let path = folder.url.appendingPathComponent(name).path
    try #require(lstat(path, &status) == 0, "\(name) is there")
    return status
  }

  @Test func bytesGoBothWaysWithoutWaiting() throws {
    let path = try folder.path("api")
    var listener = try ListeningSocket(path)
    #expect(try !listener.hasCaller())
    var client = try SocketConnection(connectingTo: path)
    var server = try listener.acceptNow()
    #expect(server.peerProcess == Int64(getpid()))

    var storage = [UInt8](repeating: 0, count: 16)
    var buffer = storage.mutableSpan
    #expect(try server.read(into: &buffer) == .wouldBlock)
    #expect(try client.write([1, 2, 3].span) == .bytes(3))
    #expect(try server.read(into: &buffer, at: 4) == .bytes(3))
    #expect(try server.write([9].span) == .bytes(1))
    #expect(try client.read(into: &buffer) == .bytes(1))
    #expect(storage == [9, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func aReaderThatDoesNotReadIsNoticed() throws {
    let path = try folder.path("api")
    var listener = try ListeningSocket(path)
    let client = try SocketConnection(connectingTo: path)
    var server = try listener.acceptNow()
    try server.limitSendBuffer(byteCount: 16384)
    let lines = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
    var sent = 0
    while case .bytes(let count) = try server.write(lines.span) {
      sent += count
      try #require(sent < 10_000_000)
    }
    #expect(sent > 4096)
    #expect(try server.write(lines.span) == .wouldBlock)
    _ = consume client
    #expect(try server.write(lines.span) == .closed)
  }

  @Test func theEndOfAStreamIsAValue() throws {
    let path = try folder.path("api")
    var listener = try ListeningSocket(path)
    do { _ = try SocketConnection(connectingTo: path) }
    var server = try listener.acceptNow()
    var storage: [UInt8] = [0]
    var buffer = storage.mutableSpan
    #expect(try server.read(into: &buffer) == .closed)
  }

  @Test func onlyOwnerAndGroupMayConnect() throws {
    do {
      let group = [UInt8]("root".utf8)
      let isRoot = getuid() == 0
      let listener = try ListeningSocket(
        folder.path("api"), group: isRoot ? group.span : Span<UInt8>())
      let status = try status("api")
      #expect(status.st_mode & 0o7777 == 0o660)
      #expect(status.st_gid == (isRoot ? 0 : getgid()))
      _ = consume listener
    }
    #expect(folder.names.isEmpty)
  }

  @Test func aSocketNobodyListensAtIsReplaced() throws {
    let path = folder.url.appendingPathComponent("api").path
    try abandonSocket(at: path)
    #expect(folder.names == ["api"])
    var listener = try ListeningSocket(folder.path("api"))
    _ = try SocketConnection(connectingTo: folder.path("api"))
    #expect(try listener.hasCaller())
  }

  /// Binds and closes: the path stays.
  private func abandonSocket(at path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }

  @Test func whatSomebodyUsesIsLeftAlone() throws {
    let first = try ListeningSocket(folder.path("api"))
    #expect(
      listeningError("api")
        == "cannot listen: Address already in use (EADDRINUSE); "
        + "stop the process that listens there or choose another path")
    _ = consume first
    try folder.write([1, 2, 3], to: "data")
    #expect(listeningError("data")?.hasPrefix("cannot listen: File exists (EEXIST)") == true)
    #expect(try folder.read("data") == [1, 2, 3])
  }

  @Test func badPathsAndGroupsAreToldClearly() throws {
    #expect(listeningError("no/such/folder")?.hasPrefix("cannot listen: No such file") == true)
    let long = String(repeating: "a", count: 108)
    #expect(listeningError(long)?.contains("(ENAMETOOLONG); choose a shorter path") == true)
    let group = listeningError("api", group: "no-such-group")
    #expect(group?.hasPrefix("cannot find the group: ") == true)
    #expect(folder.names.isEmpty)
  }

  private func listeningError(_ name: String, group: String = "") -> String? {
    do throws(PlatformError) {
      let path = try FilePath(folder.url.appendingPathComponent(name).path)
      _ = try ListeningSocket(path, group: Array(group.utf8).span)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func everyGroupOfTheMachineIsFound() throws {
    let table = try String(contentsOfFile: "/etc/group", encoding: .utf8)
    for line in table.split(separator: "\n") where getuid() == 0 {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      _ = try ListeningSocket(folder.path("api"), group: Array(fields[0].utf8).span)
      let listener = try ListeningSocket(folder.path("api"), group: Array(fields[0].utf8).span)
      #expect(try String(status("api").st_gid) == fields[2], "\(fields[0])")
      _ = consume listener
      // A name that another one begins with, or that begins with another one, is not that one.
      #expect(listeningError("api", group: fields[0] + "x")?.contains("the group") == true)
    }
  }
}

extension ListeningSocket {
  /// The connection of a client that is known to wait.
  mutating func acceptNow() throws -> SocketConnection {
    guard let connection = try accept() else { throw NobodyWaits() }
    return connection
  }

  /// Whether a client waits; it is sent away.
  mutating func hasCaller() throws -> Bool {
    switch try accept() {
    case .some: true
    case .none: false
    }
  }

  private struct NobodyWaits: Error {}
}
