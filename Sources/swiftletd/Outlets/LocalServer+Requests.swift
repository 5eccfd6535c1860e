import Journal
import LinuxPlatform
import LocalAPI
import ModelCommands
import ModelFormat
import Text

// Requests: one line of one client, and its answer.
extension LocalServer {
  /// Reads what a client sent and answers one line of it.
  ///
  /// - Returns: Whether there was one.
  mutating func takeRequest(
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
        beginBatch(identifier, place)
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

  mutating func refuseLength(_ identifier: RequestIdentifier) {
    var text = TextBuffer<128>()
    text.append("the answer would be longer than ")
    text.append(Self.outputByteCount)
    text.append(" bytes; send fewer samples at once")
    line.refuse(identifier, text.bytes)
  }

  mutating func queueLine(_ place: Int) {
    clients.append(line, to: place, &memory)
  }
}
