private import CPlatform

/// A bell one thread rings and another waits for, alone or in an `EventLoop`.
///
/// Ringing twice before the other looks is one ring.
public struct Wakeup: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// A bell that has not been rung.
  public init() throws(PlatformError) {
    let opened = swl_wakeup_create()
    guard opened >= 0 else { throw PlatformError(.watch, code: opened) }
    descriptor = FileDescriptor(number: opened, closesOnDeinit: true)
  }

  var number: Int32 { descriptor.number }

  /// Readable while the bell was rung and not cleared.
  public var eventDescriptor: EventDescriptor { EventDescriptor(number: number) }

  /// Rings; from any thread.
  public func notify() { swl_wakeup_raise(number) }

  /// Takes the ring back.
  public func clear() { _ = swl_wakeup_take(number) }

  /// Waits for the bell and clears it.
  ///
  /// - Parameter deadline: Nanoseconds of the monotonic clock; `nil` is never.
  /// - Returns: Whether it was rung; `false` at the deadline.
  public func wait(until deadline: UInt64? = nil) throws(PlatformError) -> Bool {
    let result = swl_wakeup_wait(number, deadline ?? .max)
    guard result >= 0 else { throw PlatformError(.watch, code: result) }
    return result == 1
  }
}
