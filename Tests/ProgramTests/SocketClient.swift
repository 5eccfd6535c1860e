import Foundation

/// A client of the daemon's socket, with blocking calls that end after a while.
final class SocketClient {
  private let descriptor: Int32
  private var pending: [UInt8] = []

  struct Failure: Error {
    let what: String
    let code: Int32
  }

  /// Connects, trying again until the socket is there.
  ///
  /// - Parameter patience: Seconds after which a call ends that gets nowhere.
  init(_ path: String, attempts: Int = 6000, patience: Int = 120) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
    var attempts = attempts
    while true {
      let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if result == 0 {
        descriptor = socket
        break
      }
      let code = errno
      close(socket)
      attempts -= 1
      guard attempts > 0 else { throw Failure(what: "connect", code: code) }
      usleep(20_000)
    }
    var limit = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  /// Sends bytes as they are.
  ///
  /// - Returns: Whether the other end took all of them.
  @discardableResult
  func send(raw text: String) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// No more will be sent.
  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next line as an object; `nil` at the end of the stream.
  func receive() throws -> [String: Any]? {
    while true {
      if let end = pending.firstIndex(of: 10) {
        let line = Data(pending[..<end])
        pending.removeFirst(end + 1)
        return try JSONSerialization.jsonObject(with: line) as? [String: Any]
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count == 0 || count < 0 && errno == ECONNRESET { return nil }
      guard count > 0 else { throw Failure(what: "receive", code: errno) }
      pending += buffer.prefix(count)
    }
  }

  /// The answer to a request; lines of topics before it are passed over.
  func ask(_ request: String) throws -> [String: Any] {
    send(raw: request + "\n")
    while let line = try receive() {
      if line["ok"] != nil { return line }
    }
    throw Failure(what: "the connection ended", code: 0)
  }
}
