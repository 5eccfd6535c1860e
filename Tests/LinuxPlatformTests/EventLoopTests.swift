import Foundation
import LinuxPlatform
import Testing

/// Serialized: signals wake the loop that was made last.
@Suite(.serialized) struct EventLoopTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aDeadlineEndsTheWaitAtItsTime() throws {
    var loop = try EventLoop()
    // The second one is set while the first has been told and nothing was read from the timer.
    for _ in 1...2 {
      let deadline = MonotonicClock.now() + 20_000_000
      let wake = try loop.wait(until: deadline)
      #expect(wake.readyCount == 0 && wake.deadlineReached && !wake.signalled)
      #expect(MonotonicClock.now() >= deadline)
    }
  }

  @Test func aDeadlineThatHasPassedStillLooksAtTheOthers() throws {
    var loop = try EventLoop()
    let bell = try Wakeup()
    try loop.add(bell.eventDescriptor, token: 7)
    bell.notify()
    let wake = try loop.wait(until: 1)
    #expect(wake.readyCount == 1 && wake.deadlineReached && !wake.signalled)
    #expect(loop.ready(0).token == 7)
    #expect(loop.ready(0).isReadable)
  }

  @Test func whatIsNotTakenIsToldAgain() throws {
    var loop = try EventLoop()
    let bell = try Wakeup()
    try loop.add(bell.eventDescriptor, token: 1)
    bell.notify()
    #expect(try loop.wait(until: nil).readyCount == 1)
    #expect(try loop.wait(until: nil).readyCount == 1)
    bell.clear()
    let soon = MonotonicClock.now() + 5_000_000
    #expect(try loop.wait(until: soon).readyCount == 0)
    loop.remove(bell.eventDescriptor)
    bell.notify()
    #expect(try loop.wait(until: 1).readyCount == 0)
  }

  @Test func watchingTwiceIsToldClearly() throws {
    var loop = try EventLoop()
    let bell = try Wakeup()
    try loop.add(bell.eventDescriptor, token: 1)
    do throws(PlatformError) {
      try loop.add(bell.eventDescriptor, token: 2)
      Issue.record("added twice")
    } catch {
      #expect(error.description.hasPrefix("cannot wait for events: File exists (EEXIST)"))
    }
  }

  @Test func writabilityAndTheOtherEndGoing() throws {
    let path = try folder.path("socket")
    var listener = try ListeningSocket(path)
    var loop = try EventLoop()
    try loop.add(listener.eventDescriptor, token: 1)
    do {
      let client = try SocketConnection(connectingTo: path)
      #expect(try loop.wait(until: nil).readyCount == 1)
      #expect(loop.ready(0).token == 1)
      let server = try listener.acceptNow()
      loop.remove(listener.eventDescriptor)
      try loop.add(server.eventDescriptor, token: 2, interest: .both)
      #expect(try loop.wait(until: nil).readyCount == 1)
      let ready = loop.ready(0)
      #expect(ready.isWritable && !ready.isReadable && !ready.isHangUp)
      try loop.change(server.eventDescriptor, token: 3, interest: .nothing)
      #expect(try loop.wait(until: 1).readyCount == 0)
      _ = consume client
      #expect(try loop.wait(until: nil).readyCount == 1)
      let gone = loop.ready(0)
      #expect(gone.token == 3 && gone.isHangUp)
    }
    // Closed descriptors are forgotten by themselves.
    #expect(try loop.wait(until: 1).readyCount == 0)
  }

  @Test func moreThanOneWaitHolds() throws {
    var loop = try EventLoop()
    let path = try folder.path("many")
    var listener = try ListeningSocket(path)
    var clients = Connections()
    for number in 0..<100 {
      try clients.add(SocketConnection(connectingTo: path), to: &loop, token: UInt32(number))
      // The queue of those who wait is shorter than 100.
      clients.keep(try listener.acceptNow())
    }
    #expect(try loop.wait(until: nil).readyCount == EventLoop.capacity)
    clients.removeAll()
    #expect(try loop.wait(until: 1).readyCount == 0)
  }

  @Test func hangUpSignalsAreRememberedAndWake() throws {
    ReloadSignal.install()
    var loop = try EventLoop()
    #expect(!ReloadSignal.take())
    kill(getpid(), SIGHUP)
    var signalled = false
    let patience = MonotonicClock.now() + 120_000_000_000
    while !signalled, MonotonicClock.now() < patience {
      signalled = try loop.wait(until: patience).signalled
    }
    #expect(signalled)
    #expect(ReloadSignal.take())
    #expect(!ReloadSignal.take())
    #expect(try !loop.wait(until: 1).signalled)
  }

  @Test func aLoopThatIsGoneIsNotWoken() throws {
    ReloadSignal.install()
    do { _ = try EventLoop() }
    kill(getpid(), SIGHUP)
    let patience = MonotonicClock.now() + 120_000_000_000
    while !ReloadSignal.take() { try #require(MonotonicClock.now() < patience) }
  }

  /// Another thread may receive the signal while this one looks for it.
  @Test func noRequestIsLostWhileItIsLookedFor() throws {
    ReloadSignal.install()
    let patience = MonotonicClock.now() + 60_000_000_000
    for _ in 0..<20_000 {
      kill(getpid(), SIGHUP)
      while !ReloadSignal.take() { try #require(MonotonicClock.now() < patience) }
    }
  }
}

/// Connections cannot be in an array; they are here as boxes.
private struct Connections {
  private final class Box {
    let connection: SocketConnection
    init(_ connection: consuming SocketConnection) { self.connection = connection }
  }
  private var boxes: [Box] = []

  mutating func add(
    _ connection: consuming SocketConnection, to loop: inout EventLoop, token: UInt32
  ) throws {
    try loop.add(connection.eventDescriptor, token: token, interest: .writable)
    boxes.append(Box(connection))
  }

  mutating func keep(_ connection: consuming SocketConnection) { boxes.append(Box(connection)) }

  mutating func removeAll() { boxes.removeAll() }
}
