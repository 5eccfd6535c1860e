private import CPlatform

/// What a descriptor is watched for.
public enum EventInterest: Sendable {
  case readable
  case writable
  case both
  /// Only that the other end went, which is always told.
  case nothing

  fileprivate var bits: UInt32 {
    switch self {
    case .readable: UInt32(SWL_READABLE)
    case .writable: UInt32(SWL_WRITABLE)
    case .both: UInt32(SWL_READABLE | SWL_WRITABLE)
    case .nothing: 0
    }
  }
}

/// Why a wait ended. More than one reason may hold, and none does after a signal that is nobody's.
public struct EventLoopWake: Equatable, Sendable {
  /// Descriptors to ask `ready(_:)` for.
  public let readyCount: Int

  /// Whether the deadline has passed.
  public let deadlineReached: Bool

  /// Whether `TerminationSignal` or `ReloadSignal` may have something to say.
  public let signalled: Bool
}

/// A descriptor that is ready.
public struct ReadyDescriptor: Equatable, Sendable {
  /// The number given to it when it was added.
  public let token: UInt32
  /// There is something to read, or the end of it.
  public let isReadable: Bool
  /// A write will not wait.
  public let isWritable: Bool
  /// The other end went, or the device did.
  public let isHangUp: Bool
}

/// One place to wait for everything: descriptors, an absolute deadline, signals.
///
/// Descriptors are watched level-triggered: what is not taken is told again. A wait allocates
/// nothing. A passed deadline is told even when descriptors are ready all the time, and the other
/// way round.
@safe
public struct EventLoop: ~Copyable {
  /// The most descriptors one wait tells; others that are ready come with the next.
  public static let capacity = 64

  private let events: FileDescriptor
  private let timer: FileDescriptor
  private let signals: Wakeup
  private var armedDeadline: UInt64 = 0
  private var ready: InlineArray<64, swl_ready>

  private static let timerToken = UInt32.max
  private static let signalToken = UInt32.max - 1

  /// A loop that waits for signals only. The signals themselves are installed by
  /// `TerminationSignal` and `ReloadSignal`; of several loops they wake the one made last.
  public init() throws(PlatformError) {
    let events = try Self.opened(swl_events_create())
    let timer = try Self.opened(swl_timer_create())
    let signals = try Wakeup()
    let interest = EventInterest.readable.bits
    try Self.check(swl_events_add(events.number, timer.number, Self.timerToken, interest))
    try Self.check(swl_events_add(events.number, signals.number, Self.signalToken, interest))
    swl_wake_by_signals(signals.number)
    self.events = events
    self.timer = timer
    self.signals = signals
    ready = InlineArray(repeating: swl_ready())
  }

  private static func opened(_ result: Int32) throws(PlatformError) -> FileDescriptor {
    try check(result)
    return FileDescriptor(number: result, closesOnDeinit: true)
  }

  private static func check(_ result: Int32) throws(PlatformError) {
    guard result >= 0 else { throw PlatformError(.watch, code: result) }
  }

  /// Watches a descriptor.
  ///
  /// - Parameter token: Any number below 2³² − 2, to know it by.
  public mutating func add(
    _ descriptor: EventDescriptor, token: UInt32, interest: EventInterest = .readable
  ) throws(PlatformError) {
    precondition(token < Self.signalToken, "the two highest tokens are taken")
    try Self.check(swl_events_add(events.number, descriptor.number, token, interest.bits))
  }

  /// Watches a descriptor for something else from now on.
  public mutating func change(
    _ descriptor: EventDescriptor, token: UInt32, interest: EventInterest
  ) throws(PlatformError) {
    precondition(token < Self.signalToken, "the two highest tokens are taken")
    try Self.check(swl_events_change(events.number, descriptor.number, token, interest.bits))
  }

  /// Watches a descriptor no more. Not needed for one that is closed.
  public mutating func remove(_ descriptor: EventDescriptor) {
    // Fails for what is not watched, which is what was wanted.
    _ = swl_events_remove(events.number, descriptor.number)
  }

  /// Waits until something is ready, the deadline has passed or a signal came.
  ///
  /// - Parameter deadline: Nanoseconds of the monotonic clock; `nil` is never.
  public mutating func wait(until deadline: UInt64?) throws(PlatformError) -> EventLoopWake {
    let hasPassed = deadline.map { $0 <= MonotonicClock.now() } ?? false
    if !hasPassed { try arm(deadline ?? 0) }
    // The kernel fills in at most `capacity` entries, the size of the array.
    let descriptor = events.number
    var entries = ready.mutableSpan
    let count = unsafe entries.withUnsafeMutableBufferPointer { entries in
      unsafe swl_events_wait(descriptor, entries.baseAddress.unsafelyUnwrapped, !hasPassed)
    }
    guard count >= 0 else { throw PlatformError(.watch, code: count) }
    return sorted(Int(count), hasPassed: hasPassed)
  }

  /// Setting the timer is a call of the system, left out for a deadline it is set to already. Zero
  /// disarms it.
  private mutating func arm(_ deadline: UInt64) throws(PlatformError) {
    guard deadline != armedDeadline else { return }
    try Self.check(swl_timer_arm(timer.number, deadline))
    armedDeadline = deadline
  }

  /// Takes the loop's own two descriptors out of what is ready.
  private mutating func sorted(_ count: Int, hasPassed: Bool) -> EventLoopWake {
    var kept = 0
    var deadlineReached = hasPassed
    var signalled = false
    for index in 0..<count {
      let entry = ready[index]
      switch entry.token {
      case Self.timerToken:
        // Without a deadline the timer is not armed; a late tick of the one before is none.
        if armedDeadline != 0, armedDeadline <= MonotonicClock.now() { deadlineReached = true }
      case Self.signalToken:
        signalled = true
        signals.clear()
      default:
        ready[kept] = entry
        kept += 1
      }
    }
    return EventLoopWake(
      readyCount: kept, deadlineReached: deadlineReached, signalled: signalled)
  }

  /// What the last wait found.
  ///
  /// - Parameter index: Below its `readyCount`.
  public func ready(_ index: Int) -> ReadyDescriptor {
    let entry = ready[index]
    return ReadyDescriptor(
      token: entry.token,
      isReadable: entry.state & UInt32(SWL_READABLE) != 0,
      isWritable: entry.state & UInt32(SWL_WRITABLE) != 0,
      isHangUp: entry.state & UInt32(SWL_HANG_UP) != 0)
  }

  deinit {
    // The descriptor's number may be somebody else's soon.
    swl_stop_waking_by_signals(signals.number)
  }
}
