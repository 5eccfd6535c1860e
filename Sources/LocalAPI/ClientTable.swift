/// The clients that are connected, and the bytes from and to them.
///
/// Every client has two buffers of fixed size in memory of the caller's, which is passed to each
/// call: one for lines that come, one for lines that wait to be taken. A client that does not take
/// them is lost, and one that sends nothing but nonsense is shown the door.
public struct ClientTable<Connection: ClientConnection & ~Copyable>: ~Copyable {
  /// The most clients a table has room for.
  public static var maximumCount: Int { 32 }

  /// Mistakes in a row after which a connection ends.
  public static var mistakeLimit: Int { 16 }

  /// How many clients there may be at once.
  public let limit: Int
  /// Bytes of the longest line of a client, its line feed included.
  public let lineByteCount: Int
  /// Bytes that may wait for a client.
  public let outputByteCount: Int

  /// What has happened.
  public private(set) var statistics = ClientStatistics()

  private var connections: InlineArray<32, Connection?>
  private var clients: InlineArray<32, ClientState>

  /// A table without clients.
  public init(limit: Int, lineByteCount: Int, outputByteCount: Int) {
    precondition((0...Self.maximumCount).contains(limit), "a number of clients")
    self.limit = limit
    self.lineByteCount = lineByteCount
    self.outputByteCount = outputByteCount
    connections = InlineArray { _ in nil }
    clients = InlineArray(repeating: ClientState())
  }

  /// Bytes of the memory for all clients.
  public var memoryByteCount: Int { limit * (lineByteCount + outputByteCount) }

  // MARK: Coming and going

  /// Takes a client in.
  ///
  /// - Returns: Its place, below `limit`; the connection itself when there is none.
  public mutating func add(_ connection: consuming Connection) -> Admission<Connection> {
    for place in 0..<limit where !clients[place].isConnected {
      connections[place] = consume connection
      clients[place] = ClientState()
      clients[place].isConnected = true
      statistics.connected += 1
      statistics.accepted += 1
      return .place(place)
    }
    statistics.refused += 1
    return .full(connection)
  }

  /// Ends a connection.
  public mutating func remove(_ place: Int) {
    guard clients[place].isConnected else { return }
    if clients[place].isLost { statistics.dropped += 1 }
    connections[place] = nil
    clients[place] = ClientState()
    statistics.connected -= 1
  }

  /// Lets `body` see a connection.
  public func withConnection(_ place: Int, _ body: (borrowing Connection) -> Void) {
    switch connections[place] {
    case .some(let connection): body(connection)
    case .none: break
    }
  }

  /// Whether somebody is at a place.
  public func isConnected(_ place: Int) -> Bool { clients[place].isConnected }

  /// Whether the connection has to end now.
  public func isOver(_ place: Int) -> Bool {
    let client = clients[place]
    return client.isLost
      || client.isLeaving && client.output.isEmpty && !client.mayHaveLine
  }

  /// Whether more bytes of the client are welcome: what it sent before has been dealt with.
  public func wantsToRead(_ place: Int) -> Bool {
    !clients[place].mayHaveLine && !clients[place].isLeaving
  }

  /// Whether bytes wait to be taken by the client.
  public func wantsToWrite(_ place: Int) -> Bool { !clients[place].output.isEmpty }

  /// The other end has gone and hears nothing more.
  public mutating func hangUp(_ place: Int) {
    clients[place].output = OutputQueue.Progress()
    clients[place].isLeaving = true
    clients[place].mayHaveLine = false
  }

  // MARK: Lines that come

  /// Whether there may be a line to take.
  public func mayHaveLine(_ place: Int) -> Bool { clients[place].mayHaveLine }

  /// Takes bytes that have come; only while `wantsToRead`.
  @_lifetime(memory: copy memory)
  public mutating func receive(_ place: Int, _ memory: inout MutableSpan<UInt8>) {
    guard wantsToRead(place), var connection = connections[place].take() else { return }
    var assembler = LineAssembler(
      memory._mutatingExtracting(inputRange(place)), resuming: clients[place].input)
    var progress = ConnectionProgress.nothing
    assembler.fill { room in
      progress = connection.receive(into: &room)
      guard case .bytes(let count) = progress else { return 0 }
      return count
    }
    clients[place].input = assembler.progress
    connections[place] = consume connection
    switch progress {
    case .bytes: clients[place].mayHaveLine = true
    case .nothing: break
    // What it sent before is still answered.
    case .closed: clients[place].isLeaving = true
    }
  }

  /// The next line, as a range of the memory.
  @_lifetime(memory: copy memory)
  public mutating func nextLine(
    _ place: Int, _ memory: inout MutableSpan<UInt8>
  ) -> LineAssembler.Step {
    guard clients[place].isConnected else { return .none }
    let range = inputRange(place)
    var assembler = LineAssembler(
      memory._mutatingExtracting(range), resuming: clients[place].input)
    let step = assembler.next()
    clients[place].input = assembler.progress
    switch step {
    case .none:
      clients[place].mayHaveLine = false
      return .none
    case .tooLong:
      return .tooLong
    case .line(let line):
      return .line(range.lowerBound + line.lowerBound..<range.lowerBound + line.upperBound)
    }
  }

  /// Says whether what a client sent was a request; after too many that were none, it has to go.
  public mutating func note(_ place: Int, isRequest: Bool) {
    statistics.requests += isRequest ? 1 : 0
    statistics.mistakes += isRequest ? 0 : 1
    clients[place].mistakes = isRequest ? 0 : clients[place].mistakes + 1
    guard clients[place].mistakes >= Self.mistakeLimit else { return }
    clients[place].isLeaving = true
    clients[place].mayHaveLine = false
  }

  // MARK: Lines that go

  /// What a client hears of; setting it replaces all.
  public subscript(topics place: Int) -> Topics {
    get { clients[place].topics }
    set { clients[place].topics = newValue }
  }

  /// Whether anybody hears of a topic.
  public func isHeard(_ topic: Topics) -> Bool {
    for place in 0..<limit where clients[place].isConnected {
      if clients[place].topics.contains(topic) { return true }
    }
    return false
  }

  /// Puts a line into the queue of a client; one without room for it is lost.
  @_lifetime(memory: copy memory)
  public mutating func append(
    _ line: borrowing Span<UInt8>, to place: Int, _ memory: inout MutableSpan<UInt8>
  ) {
    guard clients[place].isConnected, !clients[place].isLost else { return }
    var queue = OutputQueue(
      memory._mutatingExtracting(outputRange(place)), resuming: clients[place].output)
    let isTaken = queue.append(line)
    clients[place].output = queue.progress
    if !isTaken { clients[place].isLost = true }
  }

  /// Sends what waits, as far as the client takes it.
  @_lifetime(memory: copy memory)
  public mutating func flush(_ place: Int, _ memory: inout MutableSpan<UInt8>) {
    guard wantsToWrite(place), !clients[place].isLost, var connection = connections[place].take()
    else { return }
    var queue = OutputQueue(
      memory._mutatingExtracting(outputRange(place)), resuming: clients[place].output)
    var progress = ConnectionProgress.nothing
    queue.drain { bytes in
      progress = connection.send(bytes)
      guard case .bytes(let count) = progress else { return 0 }
      return count
    }
    clients[place].output = queue.progress
    connections[place] = consume connection
    // It went without waiting for its answers; nothing was done to it.
    if progress == .closed { hangUp(place) }
  }

  // MARK: Memory

  private func inputRange(_ place: Int) -> Range<Int> {
    let start = place * lineByteCount
    return start..<start + lineByteCount
  }

  private func outputRange(_ place: Int) -> Range<Int> {
    let start = limit * lineByteCount + place * outputByteCount
    return start..<start + outputByteCount
  }
}

/// Whether a client was taken in.
public enum Admission<Connection: ~Copyable>: ~Copyable {
  case place(Int)
  case full(Connection)
}

/// What is known of one client.
struct ClientState: Sendable {
  var isConnected = false
  var input = LineAssembler.Progress()
  var output = OutputQueue.Progress()
  var topics = Topics.none
  /// Lines in a row that were no requests.
  var mistakes = 0
  /// Whether bytes have come that were not looked through.
  var mayHaveLine = false
  /// Whether the connection ends when all answers are out.
  var isLeaving = false
  /// Whether a line had to be thrown away, so that the rest is worth nothing.
  var isLost = false
}

/// What happened to clients since the program began.
public struct ClientStatistics: Sendable {
  /// Connected now.
  public var connected = 0
  /// Connections accepted.
  public var accepted: UInt64 = 0
  /// Connections refused since there were too many.
  public var refused: UInt64 = 0
  /// Clients dropped since they did not read.
  public var dropped: UInt64 = 0
  /// Requests answered.
  public var requests: UInt64 = 0
  /// Lines that were no requests.
  public var mistakes: UInt64 = 0

  /// Nothing yet.
  public init() {}
}
