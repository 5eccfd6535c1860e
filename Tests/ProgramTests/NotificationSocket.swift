import Foundation

/// A socket as the service manager has it, which keeps what a service tells.
final class NotificationSocket {
  let path: String
  private let descriptor: Int32

  struct Failure: Error {
    let code: Int32
  }

  init(_ path: String) throws {
    self.path = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(code: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw Failure(code: ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw Failure(code: errno) }
  }

  /// What has come so far. The kernel keeps only a few messages until they are fetched: to be called
  /// again and again.
  func messages() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return fetched }
      fetched.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
  }

  private var fetched: [String] = []

  deinit { close(descriptor) }
}
