import Foundation
import LinuxPlatform
import Testing

/// Serialized: the service manager is found through the environment.
@Suite(.serialized) struct ServiceNotifierTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The manager's end: a datagram socket at a path, or with `@` at an abstract name.
  private struct Manager: ~Copyable {
    let descriptor: Int32

    init(_ name: String) throws {
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      var bytes = [UInt8](name.utf8)
      if name.hasPrefix("@") { bytes[0] = 0 }
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
      descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
      let length = MemoryLayout<sa_family_t>.size + bytes.count
      let bound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(descriptor, $0, socklen_t(length))
        }
      }
      try #require(bound == 0)
    }

    func next() -> String {
      var bytes = [UInt8](repeating: 0, count: 512)
      let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      return count < 0 ? "" : String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    deinit { close(descriptor) }
  }

  private func withEnvironment<T>(_ values: [String: String], _ body: () throws -> T) rethrows -> T
  {
    for (name, value) in values { setenv(name, value, 1) }
    defer { for name in values.keys { unsetenv(name) } }
    return try body()
  }

  @Test(arguments: [false, true]) func everyMessageArrives(isAbstract: Bool) throws {
    let path =
      isAbstract
      ? "@swiftlet-test-\(UUID().uuidString)"
      : folder.url.appendingPathComponent("notify").path
    let manager = try Manager(path)
    try withEnvironment(["NOTIFY_SOCKET": path]) {
      let notifier = ServiceNotifier()
      let (isActive, interval) = (notifier.isActive, notifier.watchdogNanoseconds)
      #expect(isActive && interval == nil)
      notifier.ready()
      #expect(manager.next() == "READY=1")
      notifier.watchdog()
      #expect(manager.next() == "WATCHDOG=1")
      notifier.status(Array("3 sensors\nREADY=1".utf8).span)
      #expect(manager.next() == "STATUS=3 sensors\\x0aREADY=1")
      let before = MonotonicClock.now() / 1000
      notifier.reloading()
      let lines = manager.next().split(separator: "\n")
      try #require(lines.count == 2)
      #expect(lines[0] == "RELOADING=1")
      let stamp = try #require(UInt64(lines[1].dropFirst("MONOTONIC_USEC=".count)))
      #expect(lines[1].hasPrefix("MONOTONIC_USEC=") && stamp >= before)
      notifier.stopping()
      #expect(manager.next() == "STOPPING=1")
    }
  }

  @Test func aFullQueueStopsNobody() throws {
    let path = folder.url.appendingPathComponent("notify").path
    let manager = try Manager(path)
    withEnvironment(["NOTIFY_SOCKET": path]) {
      let notifier = ServiceNotifier()
      for _ in 0..<10_000 { notifier.watchdog() }
    }
    #expect(manager.next() == "WATCHDOG=1")
  }

  @Test func theWatchdogIsForTheProcessItNames() throws {
    let path = folder.url.appendingPathComponent("notify").path
    let manager = try Manager(path)
    let own = String(getpid())
    for (usec, pid, expected) in [
      ("5000000", own, 5_000_000_000 as UInt64?), ("5000000", "1", nil), ("", own, nil),
      ("ten", own, nil), ("0", own, nil),
    ] {
      withEnvironment(["NOTIFY_SOCKET": path, "WATCHDOG_USEC": usec, "WATCHDOG_PID": pid]) {
        let notifier = ServiceNotifier()
        let interval = notifier.watchdogNanoseconds
        #expect(interval == expected)
      }
    }
    _ = consume manager
  }

  @Test func withoutAManagerNothingHappens() {
    for name in ["", "relative", "/no/such/socket", "@swiftlet-nobody"] {
      withEnvironment(["NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000"]) {
        let notifier = ServiceNotifier()
        let (isActive, interval) = (notifier.isActive, notifier.watchdogNanoseconds)
        #expect(!isActive && interval == nil)
        notifier.ready()
      }
    }
  }
}
