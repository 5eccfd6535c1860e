import LinuxPlatform
import LocalAPI
import ModelCommands
import Text

/// `[api]`
struct APISettings {
  let socket: FilePath
  /// The group that may connect; empty for the daemon's own.
  let group: TextBuffer<64>
  /// The most connections at once.
  let clientLimit: Int

  static let defaultClientLimit = 8

  init?(_ file: borrowing ConfigurationFile) throws(CommandFailure) {
    guard let section = file.index(.api) else { return nil }
    let entry = try file.required(
      "socket", inSection: section, example: "/run/swiftlet/swiftletd.sock")
    socket = try file.path(entry)
    guard socket.byteCount <= 107 else {
      throw file.refusal(of: entry) { $0.append("the path of a socket has at most 107 bytes") }
    }
    var group = TextBuffer<64>()
    if let entry = file.entry("group", inSection: section) {
      group.append(file.value(of: entry))
      guard !group.isEmpty, !group.overflowed else {
        throw file.refusal(of: entry) { $0.append("write the name of a group, such as swiftlet") }
      }
    }
    self.group = group
    clientLimit =
      try file.integer(
        "clients", inSection: section, in: 1...ClientTable<SocketConnection>.maximumCount)
      ?? Self.defaultClientLimit
  }
}

/// `[metrics]`
struct MetricsSettings {
  let path: FilePath
  let intervalNanoseconds: UInt64

  static let defaultInterval: UInt64 = 15_000_000_000

  init?(_ file: borrowing ConfigurationFile) throws(CommandFailure) {
    guard let section = file.index(.metrics) else { return nil }
    let entry = try file.required(
      "path", inSection: section, example: "/var/lib/prometheus/node-exporter/swiftlet.prom")
    path = try file.path(entry)
    guard path.hasSuffix(".prom") else {
      throw file.refusal(of: entry) {
        $0.append("the collector reads only files whose name ends in .prom")
      }
    }
    intervalNanoseconds =
      try file.duration(
        "interval", inSection: section, from: 1_000_000_000, to: 86_400_000_000_000)
      ?? Self.defaultInterval
  }
}

extension FilePath {
  fileprivate func hasSuffix(_ suffix: StaticString) -> Bool {
    let count = suffix.utf8CodeUnitCount
    return byteCount > count && bytes.extracting(last: count).equals(suffix)
  }

  /// The last component.
  var name: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get {
      var start = byteCount
      while start > 0, bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
      return bytes.extracting(start..<byteCount)
    }
  }
}

extension SocketConnection: ClientConnection {
  /// Takes bytes that have come; an error ends the connection as the client's going does.
  public mutating func receive(into buffer: inout MutableSpan<UInt8>) -> ConnectionProgress {
    guard let progress = try? read(into: &buffer) else { return .closed }
    return ConnectionProgress(progress)
  }

  /// Sends what there is room for; an error ends the connection as the client's going does.
  public mutating func send(_ bytes: borrowing Span<UInt8>) -> ConnectionProgress {
    guard let progress = try? write(bytes) else { return .closed }
    return ConnectionProgress(progress)
  }
}

extension ConnectionProgress {
  fileprivate init(_ progress: TransferProgress) {
    switch progress {
    case .bytes(let count): self = .bytes(count)
    case .wouldBlock: self = .nothing
    case .closed: self = .closed
    }
  }
}
