private import CPlatform
import Text

/// Tells the service manager how the service is (sd_notify(3), `Type=notify`).
///
/// Started by anything else than a service manager, it does nothing. What cannot be delivered is
/// dropped: a service that works is not to be stopped by its manager's troubles.
public struct ServiceNotifier: ~Copyable {
  private let socket: FileDescriptor?

  /// How often `watchdog()` must be called before the manager restarts the service, in nanoseconds;
  /// `nil` where it does not watch. Calling at half of it is usual.
  public let watchdogNanoseconds: UInt64?

  /// Finds the manager in the environment.
  public init() {
    let opened = swl_notify_open()
    let watchdog = swl_notify_watchdog_us()
    socket = opened < 0 ? nil : FileDescriptor(number: opened, closesOnDeinit: true)
    watchdogNanoseconds =
      opened < 0 || watchdog == 0 ? nil : watchdog.multipliedReportingOverflow(by: 1000).0
  }

  /// Whether there is a manager to talk to.
  public var isActive: Bool { socket != nil }

  /// The service has started, or taken its new configuration.
  public func ready() { send("READY=1") }

  /// The service reads its configuration again; `ready()` ends it.
  public func reloading() {
    var message = TextBuffer<64>()
    message.append("RELOADING=1\nMONOTONIC_USEC=")
    message.append(MonotonicClock.now() / 1000)
    send(message.bytes)
  }

  /// The service is about to end.
  public func stopping() { send("STOPPING=1") }

  /// The service does its work.
  public func watchdog() { send("WATCHDOG=1") }

  /// One line for people, which `systemctl status` shows.
  public func status(_ text: borrowing Span<UInt8>) {
    var message = TextBuffer<256>()
    message.append("STATUS=")
    // A line break would begin another assignment.
    message.append(visible: text)
    send(message.bytes)
  }

  private func send(_ message: StaticString) {
    message.withUTF8Span { send($0) }
  }

  private func send(_ message: borrowing Span<UInt8>) {
    guard let number = socketNumber else { return }
    unsafe message.withUnsafeBufferPointer { message in
      guard let start = message.baseAddress else { return }
      // The kernel reads at most the count of bytes it is given.
      _ = unsafe swl_socket_write(number, start, UInt64(message.count))
    }
  }

  private var socketNumber: Int32? {
    switch socket {
    case .some(let socket): socket.number
    case .none: nil
    }
  }
}
