import Foundation

/// The control socket of an emulator (QEMU Machine Protocol): sets what its sensors and inputs see.
final class MachineMonitor {
  private let descriptor: Int32
  private var received: [UInt8] = []

  /// Connects to the socket at `path`, which the emulator makes when it starts.
  init(path: String) throws {
    descriptor = try Self.connect(path, within: 120)
    _ = try message()  // the greeting
    try execute("qmp_capabilities")
  }

  deinit { close(descriptor) }

  /// Sets a property of a device, such as the temperature at a sensor.
  func set(_ path: String, _ property: String, to value: any Sendable) throws {
    try execute("qom-set", ["path": path, "property": property, "value": value])
  }

  /// The value of a device's property.
  func get(_ path: String, _ property: String) throws -> Any? {
    try execute("qom-get", ["path": path, "property": property])
  }

  /// Sends one command and returns its result.
  @discardableResult
  func execute(_ command: String, _ arguments: [String: Any] = [:]) throws -> Any? {
    let request: [String: Any] = ["execute": command, "arguments": arguments]
    var bytes = [UInt8](try JSONSerialization.data(withJSONObject: request)) + [0x0A]
    while !bytes.isEmpty {
      let count = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      guard count > 0 else { throw BoardFailure("QMP: \(command): the emulator is gone") }
      bytes.removeFirst(count)
    }
    while true {
      let answer = try message()
      if let error = answer["error"] {
        throw BoardFailure("QMP: \(command) \(arguments): \(error)")
      }
      // Anything else is an event.
      if answer.keys.contains("return") { return answer["return"] }
    }
  }

  private func message() throws -> [String: Any] {
    while true {
      if let end = received.firstIndex(of: 0x0A) {
        let line = Data(received[..<end])
        received.removeFirst(end + 1)
        return try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
      }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { throw BoardFailure("QMP: the emulator closed its control socket") }
      received.append(contentsOf: chunk[..<count])
    }
  }

  private static func connect(_ path: String, within seconds: Double) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw BoardFailure("\(path): too long for a socket's name; choose a shorter TMPDIR")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let deadline = Date(timeIntervalSinceNow: seconds)
    repeat {
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      if result == 0 { return descriptor }
      close(descriptor)
      usleep(50_000)
    } while Date() < deadline
    throw BoardFailure("\(path): the emulator made no control socket within \(seconds) s")
  }
}
