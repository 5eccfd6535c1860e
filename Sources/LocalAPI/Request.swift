import Interchange
import Text

/// One line a client sent: a JSON object with an operation.
///
///     {"op":"subscribe","to":["predictions","drift"],"id":1}
///     {"op":"state"}   {"op":"health"}   {"op":"statistics"}   {"op":"model"}
///     {"op":"predict","samples":[[0.1,9.8],[0.2,9.7],…]}
public struct Request: Sendable {
  /// What is asked for.
  public enum Operation: Equatable, Sendable {
    case subscribe(Topics)
    case unsubscribe(Topics)
    /// The last prediction and the decision that stands.
    case state
    /// Whether everything works.
    case health
    /// Counters since the start.
    case statistics
    /// The model that runs: name, labels, contract.
    case model
    /// Predictions on so many samples, which were stored where the parser was told.
    case predict(sampleCount: Int)
  }

  /// What is asked for.
  public let operation: Operation

  /// What the answer carries, so that the client knows what it belongs to.
  public let identifier: RequestIdentifier

  /// The names of the operations, for messages.
  public static let operationNames: StaticString =
    "subscribe, unsubscribe, state, health, statistics, model, predict"

  /// Reads a line.
  ///
  /// - Parameters:
  ///   - line: The line, with or without its line feed.
  ///   - channelCount: Values in a sample.
  ///   - samples: Where samples are stored, one after another; as many as fit are accepted.
  ///   - identifier: Set as soon as it is read, so that also an error can carry it.
  @_lifetime(samples: copy samples)
  public init(
    _ line: borrowing Span<UInt8>, channelCount: Int, samples: inout MutableSpan<Float>,
    identifier: inout RequestIdentifier
  ) throws(RequestError) {
    identifier = .none
    var parser = RequestParser(channelCount: channelCount)
    do throws(JSONError) {
      try parser.parse(line, samples: &samples)
    } catch {
      identifier = parser.identifier
      throw .json(error)
    }
    identifier = parser.identifier
    self.identifier = parser.identifier
    operation = try parser.operation()
  }
}

/// What connects an answer with its request.
public enum RequestIdentifier: Sendable {
  case none
  case number(Int)
  case text(TextBuffer<64>)
}

/// The parts of a request as they come.
private struct RequestParser {
  private(set) var identifier = RequestIdentifier.none

  private let channelCount: Int
  private var name = TextBuffer<16>()
  private var topics = Topics.none
  private var sampleCount = 0
  private var hasTopics = false
  private var hasSamples = false
  /// The first thing that is wrong, told when the JSON itself is right.
  private var problem: RequestError?

  init(channelCount: Int) { self.channelCount = channelCount }

  @_lifetime(samples: copy samples)
  mutating func parse(
    _ line: borrowing Span<UInt8>, samples: inout MutableSpan<Float>
  ) throws(JSONError) {
    var cursor = JSONCursor(copy line)
    try cursor.beginObject()
    while let key = try cursor.nextKey() {
      if key.equals("op") {
        try cursor.string(into: &name)
      } else if key.equals("id") {
        try parseIdentifier(&cursor)
      } else if key.equals("to") {
        try parseTopics(&cursor)
      } else if key.equals("samples") {
        try parseSamples(&cursor, into: &samples)
      } else {
        note(.unknownKey)
        try cursor.skip()
      }
    }
    try cursor.end()
  }

  /// What the parts make together.
  func operation() throws(RequestError) -> Request.Operation {
    if let problem { throw problem }
    guard !name.isEmpty else { throw .missingOperation }
    let isAboutTopics = name.bytes.equals("subscribe") || name.bytes.equals("unsubscribe")
    let isPrediction = name.bytes.equals("predict")
    guard isAboutTopics || !hasTopics, isPrediction || !hasSamples else { throw .unknownKey }
    if isAboutTopics {
      // Without a list, everything.
      var topics = topics
      if !hasTopics {
        topics.insert(.predictions)
        topics.insert(.decisions)
        topics.insert(.drift)
        topics.insert(.sensors)
      }
      return name.bytes.equals("subscribe") ? .subscribe(topics) : .unsubscribe(topics)
    }
    if isPrediction { return .predict(sampleCount: sampleCount) }
    if name.bytes.equals("state") { return .state }
    if name.bytes.equals("health") { return .health }
    if name.bytes.equals("statistics") { return .statistics }
    if name.bytes.equals("model") { return .model }
    throw .unknownOperation
  }

  private mutating func parseIdentifier(_ cursor: inout JSONCursor) throws(JSONError) {
    if cursor.isAtNumber() {
      identifier = .number(try cursor.integer())
      return
    }
    var text = TextBuffer<64>()
    try cursor.string(into: &text)
    if text.overflowed { note(.badIdentifier) } else { identifier = .text(text) }
  }

  private mutating func parseTopics(_ cursor: inout JSONCursor) throws(JSONError) {
    hasTopics = true
    try cursor.beginArray()
    while try cursor.nextElement() {
      var name = TextBuffer<16>()
      try cursor.string(into: &name)
      if let topic = Topics(name: name.bytes) { topics.insert(topic) } else { note(.unknownTopic) }
    }
  }

  @_lifetime(samples: copy samples)
  private mutating func parseSamples(
    _ cursor: inout JSONCursor, into samples: inout MutableSpan<Float>
  ) throws(JSONError) {
    hasSamples = true
    sampleCount = 0
    let limit = samples.count / max(1, channelCount)
    try cursor.beginArray()
    while try cursor.nextElement() {
      try cursor.beginArray()
      var valueCount = 0
      while try cursor.nextElement() {
        let value = Float(try cursor.number())
        if !value.isFinite { note(.numberTooLarge) }
        if sampleCount < limit, valueCount < channelCount {
          samples[sampleCount * channelCount + valueCount] = value
        }
        valueCount += 1
      }
      if valueCount != channelCount {
        note(.wrongChannelCount(found: valueCount, expected: channelCount))
      }
      if sampleCount == limit { note(.tooManySamples(limit: limit)) }
      sampleCount += 1
    }
  }

  private mutating func note(_ error: RequestError) {
    if problem == nil { problem = error }
  }
}
