import Foundation

/// The daemon on an emulated board.
extension Emulator {
  static let configurationPath = "/etc/swiftlet/swiftletd.conf"

  /// Starts `swiftletd run` and waits until it says that it runs.
  func startDaemon(options: String = "") throws {
    try shell(": >/run/daemon.err; rm -f /run/daemon.status")
    try shell(
      "{ swiftletd run --config \(Self.configurationPath) \(options) >/run/daemon.out "
        + "2>/run/daemon.err; echo $? >/run/daemon.status; } & echo $! >/run/daemon.shell")
    let deadline = Date(timeIntervalSinceNow: 120)
    while try shell("cat /run/daemon.err") == "" || !daemonRuns() {
      guard try attempt("test -s /run/daemon.status").1 != 0, Date() < deadline else {
        throw BoardFailure(
          "\(board.name): swiftletd did not start: \(try shell("cat /run/daemon.*"))")
      }
      usleep(50_000)
    }
  }

  /// Whether the daemon is there.
  func daemonRuns() throws -> Bool { try attempt("pidof swiftletd").1 == 0 }

  /// Asks the daemon to end, waits for it and returns its exit status and its log lines.
  func stopDaemon() throws -> (status: Int, messages: String) {
    try shell("kill -TERM $(pidof swiftletd)")
    try shell("while test ! -s /run/daemon.status; do usleep 20000; done", within: 120)
    let status = try shell("cat /run/daemon.status")
    guard let number = Int(status.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw BoardFailure("\(board.name): swiftletd's exit status is \"\(status)\"")
    }
    return (number, try shell("cat /run/daemon.err"))
  }
}
