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

  /// Requests and callers that are taken in a row.
  private static let requestLimit = 4
  private static let callerLimit = 2
  /// The pause after that: a client gets at most 500 answers a second.
  private static let pauseNanoseconds: UInt64 = 2_000_000
  /// What a request is reckoned to take at most.
  private static let requestNanoseconds: UInt64 = 300_000
  /// A batch for which there is no time between samples is given up.
  private static let batchNanoseconds: UInt64 = 10_000_000_000
  /// How long a batch goes on without a look at anything else, in nanoseconds.
  private static let turnNanoseconds: UInt64 = 20_000_000
  /// Bytes that may wait for a client here, and in the kernel.
  private static let outputByteCount = 16_384
  private static let kernelByteCount = 16_384

  private var listener: ListeningSocket
  private var clients: ClientTable<SocketConnection>
  private var memory: MemoryRegion
  /// Samples of a request.
  private var samples: MemoryRegion
  private let contract: InputContract
  private var line: AnswerLine
  private var batchLine: AnswerLine
  private var eventLine: MemoryText
  private var batch: Batch?

  /// Places with something to read or room to write, as bits.
  private var ready: UInt32 = 0
  private var isCalled = false
  /// Places whose requests have to wait for the end of the pause, as bits.
  private var paused: UInt32 = 0
  private var watched: InlineArray<32, EventInterest>
  private var isListening = true
  private var pauseEnd: UInt64?
  /// Lines were queued since the last call of `serve`.
  private var hasOutput = false
  /// Who is served first.
  private var turn = 0

  /// A batch that is being predicted on.
  private struct Batch {
    let place: Int
    let identifier: RequestIdentifier
    let end: UInt64
  }

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

  private func continuation(_ batch: borrowing BatchPrediction, before deadline: UInt64) -> UInt64 {
    let now = MonotonicClock.now()
    return now + batch.windowNanoseconds < deadline ? now : deadline
  }

  // MARK: Callers

  private mutating func acceptCallers(_ events: inout EventLoop) {
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

  private static func token(_ place: Int) -> UInt32 { firstToken + 1 + UInt32(place) }

  // MARK: Requests

  /// Reads what a client sent and answers one line of it.
  ///
  /// - Returns: Whether there was one.
  private mutating func takeRequest(
    _ place: Int, _ batch: inout BatchPrediction,
    _ answer: (Request.Operation, inout AnswerLine) -> Void
  ) -> Bool {
    let bit: UInt32 = 1 << UInt32(place)
    guard paused & bit == 0 else { return false }
    if ready & bit != 0, clients.wantsToRead(place) { clients.receive(place, &memory) }
    ready &= ~bit
    guard clients.mayHaveLine(place) else { return false }
    paused |= bit
    switch clients.nextLine(place, &memory) {
    case .none:
      return false
    case .tooLong:
      refuse(.lineTooLong(limit: clients.lineByteCount - 1), .none, place)
    case .line(let range):
      handle(range, place, &batch, answer)
    }
    return true
  }

  private mutating func handle(
    _ range: Range<Int>, _ place: Int, _ batch: inout BatchPrediction,
    _ answer: (Request.Operation, inout AnswerLine) -> Void
  ) {
    var identifier = RequestIdentifier.none
    do throws(RequestError) {
      let operation = try Self.parse(memory, range, contract, &samples, &identifier)
      clients.note(place, isRequest: true)
      switch operation {
      case .subscribe(let topics):
        clients[topics: place].insert(topics)
        answerTopics(identifier, place)
      case .unsubscribe(let topics):
        clients[topics: place].remove(topics)
        answerTopics(identifier, place)
      case .predict(let count):
        batch.begin(sampleCount: count)
        self.batch = Batch(
          place: place, identifier: identifier,
          end: MonotonicClock.now() + Self.batchNanoseconds)
        batchLine.beginAnswer(identifier)
        batchLine.key("windows")
        batchLine.beginArray()
      default:
        line.beginAnswer(identifier)
        answer(operation, &line)
        line.end()
        finishAnswer(identifier, place)
      }
    } catch {
      refuse(error, identifier, place)
    }
  }

  private static func parse(
    _ memory: borrowing MemoryRegion, _ range: Range<Int>, _ contract: InputContract,
    _ samples: inout MemoryRegion, _ identifier: inout RequestIdentifier
  ) throws(RequestError) -> Request.Operation {
    var sampleBytes = samples.mutableBytes
    var values = unsafe sampleBytes._unsafeMutableView(as: Float.self)
    let line = Span<UInt8>(_bytes: memory.bytes.extracting(range))
    let request = try Request(
      line, channelCount: contract.channelCount, samples: &values, identifier: &identifier)
    if case .predict(let count) = request.operation, count < contract.windowLength {
      throw .tooFewSamples(found: count, expected: contract.windowLength)
    }
    return request.operation
  }

  private mutating func answerTopics(_ identifier: RequestIdentifier, _ place: Int) {
    let topics = clients[topics: place]
    line.beginAnswer(identifier)
    line.key("topics")
    line.beginArray()
    for number in 0..<Topics.count {
      let topic = Topics(number: number)
      if topics.contains(topic) { line.string(topic.name) }
    }
    line.endArray()
    line.end()
    finishAnswer(identifier, place)
  }

  private mutating func refuse(
    _ error: RequestError, _ identifier: RequestIdentifier, _ place: Int
  ) {
    clients.note(place, isRequest: false)
    var text = TextBuffer<512>()
    error.describe(into: &text)
    line.refuse(identifier, text.bytes)
    queueLine(place)
  }

  /// Queues the answer, or says that it is too long.
  private mutating func finishAnswer(_ identifier: RequestIdentifier, _ place: Int) {
    if line.overflowed { refuseLength(identifier) }
    queueLine(place)
  }

  private mutating func refuseLength(_ identifier: RequestIdentifier) {
    var text = TextBuffer<128>()
    text.append("the answer would be longer than ")
    text.append(Self.outputByteCount)
    text.append(" bytes; send fewer samples at once")
    line.refuse(identifier, text.bytes)
  }

  private mutating func queueLine(_ place: Int) {
    clients.append(line, to: place, &memory)
  }

  // MARK: Batches

  private mutating func advance(
    _ prediction: inout BatchPrediction, _ model: borrowing Model, before deadline: UInt64
  ) {
    guard let batch else { return }
    guard clients.isConnected(batch.place) else {
      self.batch = nil
      return
    }
    let turnEnd = MonotonicClock.now() + Self.turnNanoseconds
    while true {
      let now = MonotonicClock.now()
      guard now < batch.end else { return giveUp(batch) }
      guard now < turnEnd, now + prediction.windowNanoseconds < deadline else { return }
      let isDone = prediction.advance(samples, contract, model, &batchLine)
      guard isDone || batchLine.overflowed else { continue }
      self.batch = nil
      batchLine.endArray()
      batchLine.end()
      return queueBatch(batch)
    }
  }

  private mutating func queueBatch(_ batch: Batch) {
    guard !batchLine.overflowed else {
      refuseLength(batch.identifier)
      return queueLine(batch.place)
    }
    clients.append(batchLine, to: batch.place, &memory)
  }

  private mutating func giveUp(_ batch: Batch) {
    self.batch = nil
    var text = TextBuffer<128>()
    text.append("there is no time between the samples; send fewer at once, or later")
    line.refuse(batch.identifier, text.bytes)
    queueLine(batch.place)
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
