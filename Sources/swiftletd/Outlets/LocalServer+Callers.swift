import Journal
import LinuxPlatform
import LocalAPI
import ModelCommands
import Text

// Callers: whoever connects, and what is watched of them. A caller that is not admitted now is
// admitted when the pause ends.
extension LocalServer {
  /// Callers that are taken in a row.
  private static let callerLimit = 2

  mutating func acceptCallers(_ events: inout EventLoop) {
    let wasListening = isListening
    if pauseEnd == nil { isListening = true }
    if isCalled, isListening {
      isCalled = false
      var count = 0
      while count < Self.callerLimit, let caller = try? listener.accept() {
        admit(caller, &events)
        count += 1
      }
      // Also when it could not be accepted: without descriptors left it would be told for ever.
      isListening = false
      pauseEnd = pauseEnd ?? MonotonicClock.now() + Self.pauseNanoseconds
    }
    guard isListening != wasListening else { return }
    try? events.change(
      listener.eventDescriptor, token: Self.firstToken,
      interest: isListening ? .readable : .nothing)
  }

  private mutating func admit(_ caller: consuming SocketConnection, _ events: inout EventLoop) {
    try? caller.limitSendBuffer(byteCount: Self.kernelByteCount)
    switch clients.add(caller) {
    case .place(let place):
      watched[place] = .readable
      var isWatched = true
      clients.withConnection(place) { connection in
        do throws(PlatformError) {
          try events.add(connection.eventDescriptor, token: Self.token(place))
        } catch {
          isWatched = false
        }
      }
      if !isWatched { clients.remove(place) }
    case .full(var connection):
      var text = TextBuffer<128>()
      text.append(clients.limit)
      text.append(" clients are connected already; close one, or raise clients in [api]")
      line.refuse(.none, text.bytes)
      _ = connection.send(line.bytes)
    }
  }

  static func token(_ place: Int) -> UInt32 { firstToken + 1 + UInt32(place) }
}
