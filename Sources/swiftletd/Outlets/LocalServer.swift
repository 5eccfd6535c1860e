import Journal
import LinuxPlatform
import LocalAPI
import ModelCommands
import ModelFormat
import Text

/// The local interface: a Unix socket, one JSON object a line.
///
/// Everything here happens between samples and is bounded: at most one request of a client at a
/// time, a few requests in a row, each begun only while the next deadline is far enough, and then a
/// pause in which clients are not even listened to. Memory is taken before the loop begins.
struct LocalServer: ~Copyable {
  /// Numbers of the event loop from here on are the server's: the socket's and then the clients'.
  static let firstToken: UInt32 = 64

  /// Requests that are taken in a row.
  private static let requestLimit = 4
  /// The pause after that: a client gets at most 500 answers a second.
  static let pauseNanoseconds: UInt64 = 2_000_000
  /// What a request is reckoned to take at most.
  private static let requestNanoseconds: UInt64 = 300_000
  /// Bytes that may wait for a client here, and in the kernel.
  static let outputByteCount = 16_384
  static let kernelByteCount = 16_384

  var listener: ListeningSocket
  var clients: ClientTable<SocketConnection>
  var memory: MemoryRegion
  /// Samples of a request.
  var samples: MemoryRegion
  let contract: InputContract
  var line: AnswerLine
  var batchLine: AnswerLine
  private var eventLine: MemoryText
  var batch: Batch?

  /// Places with something to read or room to write, as bits.
  var ready: UInt32 = 0
  var isCalled = false
  /// Places whose requests have to wait for the end of the pause, as bits.
  var paused: UInt32 = 0
  var watched: InlineArray<32, EventInterest>
  var isListening = true
  var pauseEnd: UInt64?
  /// Lines were queued since the last call of `serve`.
  private var hasOutput = false
  /// Who is served first.
  private var turn = 0

  /// Listens.
  init(_ settings: APISettings, _ model: borrowing Model) throws(CommandFailure) {
    guard let contract = model.contract else { preconditionFailure("checked before") }
    // A window in as many digits as single precision has, and a multiple of a page.
    let window = contract.windowLength * contract.channelCount * 14 + 1024
    let lineByteCount = min(max((window + 4095) / 4096 * 4096, 8192), 65_536)
    let clients = ClientTable<SocketConnection>(
      limit: settings.clientLimit, lineByteCount: lineByteCount,
      outputByteCount: Self.outputByteCount)
    let memory = try allocate(clients.memoryByteCount, for: settings.socket)
    // A value takes at least a digit and a comma.
    let samples = try allocate(4 * (lineByteCount / 2), for: settings.socket)
    let line = try Self.makeText(settings)
    let batchLine = try Self.makeText(settings)
    let eventLine = try Self.makeText(settings)
    let listener = try naming(settings.socket) { () throws(PlatformError) in
      try ListeningSocket(settings.socket, group: settings.group.bytes)
    }
    self.memory = memory
    self.samples = samples
    self.line = AnswerLine(line)
    self.batchLine = AnswerLine(batchLine)
    self.eventLine = eventLine
    self.listener = listener
    self.clients = clients
    self.contract = contract
    watched = InlineArray(repeating: .nothing)
  }

  private static func makeText(_ settings: APISettings) throws(CommandFailure) -> MemoryText {
    try naming(settings.socket) { () throws(PlatformError) in
      try MemoryText(capacity: outputByteCount)
    }
  }

  /// Begins to wait for callers.
  func attach(to events: inout EventLoop) throws(PlatformError) {
    try events.add(listener.eventDescriptor, token: Self.firstToken)
  }

  /// What happened to clients.
  var statistics: ClientStatistics { clients.statistics }

  // MARK: Events

  /// Takes note of what the event loop found.
  mutating func take(_ event: ReadyDescriptor) {
    guard event.token > Self.firstToken else {
      isCalled = true
      return
    }
    let place = Int(event.token - Self.firstToken) - 1
    guard place < clients.limit else { return }
    if event.isHangUp {
      clients.hangUp(place)
      if batch?.place == place { batch = nil }
    }
    if event.isReadable { ready |= 1 << UInt32(place) }
    hasOutput = true
  }

  /// Tells a line to whoever wants to hear of its topic.
  ///
  /// - Parameter record: A JSON object with its line feed; the topic is put before its fields.
  mutating func publish(_ record: borrowing Span<UInt8>, _ topic: Topics) {
    guard clients.isHeard(topic), record.count > 1 else { return }
    eventLine.removeAll()
    eventLine.append("{\"topic\":\"")
    eventLine.append(topic.name)
    eventLine.append("\",")
    eventLine.append(record.extracting(1..<record.count))
    guard !eventLine.overflowed else { return }
    for place in 0..<clients.limit where clients[topics: place].contains(topic) {
      clients.append(eventLine, to: place, &memory)
    }
    hasOutput = true
  }

  /// Whether there is something to do.
  func isDue(at now: UInt64) -> Bool {
    ready != 0 || isCalled || hasOutput || pauseEnd.map { now >= $0 } ?? false
  }

  /// When there is something to do without an event.
  var nextDeadline: UInt64 { pauseEnd ?? .max }

  // MARK: Serving

  /// Does what is due, as long as there is time.
  ///
  /// - Parameters:
  ///   - deadline: When the loop has to be elsewhere.
  ///   - answer: Writes the fields of an answer.
  mutating func serve(
    before deadline: UInt64, _ events: inout EventLoop, _ batch: inout BatchPrediction,
    _ model: borrowing Model,
    answer: (Request.Operation, inout AnswerLine) -> Void
  ) {
    let now = MonotonicClock.now()
    if let end = pauseEnd, now >= end {
      pauseEnd = nil
      paused = 0
    }
    hasOutput = false
    acceptCallers(&events)
    if self.batch != nil { advance(&batch, model, before: deadline) }
    var requests = 0
    var hasLines = false
    let first = turn
    for step in 0..<clients.limit {
      let place = (first + step) % clients.limit
      guard clients.isConnected(place) else { continue }
      let hasTime =
        requests < Self.requestLimit
        && MonotonicClock.now() + Self.requestNanoseconds < deadline
      if hasTime, self.batch == nil, takeRequest(place, &batch, answer) {
        requests += 1
        turn = place + 1
      }
      send(place)
      // No event tells of lines that have come already and for which there was no time.
      if clients.mayHaveLine(place) { hasLines = true }
      settle(place, &events)
    }
    let hasPaused = hasLines || paused != 0 || !isListening || self.batch != nil || requests > 0
    if hasPaused, pauseEnd == nil { pauseEnd = MonotonicClock.now() + Self.pauseNanoseconds }
    // A batch goes on at once where the next sample leaves it time, else after the sample.
    if self.batch != nil { pauseEnd = continuation(batch, before: deadline) }
  }

  // MARK: Ends

  private mutating func send(_ place: Int) {
    guard clients.wantsToWrite(place) else { return }
    clients.flush(place, &memory)
  }

  /// Ends a connection that is over, and watches the others for what matters now.
  private mutating func settle(_ place: Int, _ events: inout EventLoop) {
    let isPaused = paused & (1 << UInt32(place)) != 0
    if clients.isOver(place), batch?.place != place {
      clients.remove(place)
      ready &= ~(1 << UInt32(place))
      return
    }
    let reads = clients.wantsToRead(place) && !isPaused && batch == nil
    let writes = clients.wantsToWrite(place)
    let interest: EventInterest =
      reads ? (writes ? .both : .readable) : (writes ? .writable : .nothing)
    guard interest != watched[place] else { return }
    watched[place] = interest
    clients.withConnection(place) {
      try? events.change($0.eventDescriptor, token: Self.token(place), interest: interest)
    }
  }
}
