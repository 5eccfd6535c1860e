import Interchange
import Text

/// Why a line of a client is not a request.
public enum RequestError: Error, Equatable, Sendable {
  case json(JSONError)
  /// There is no `op`.
  case missingOperation
  /// No operation has that name.
  case unknownOperation
  /// No key of the operation has that name.
  case unknownKey
  /// No topic has that name.
  case unknownTopic
  /// `id` is neither a text of at most 64 bytes nor a whole number.
  case badIdentifier
  /// A sample has another number of values than the model has channels.
  case wrongChannelCount(found: Int, expected: Int)
  /// More samples than one request may have.
  case tooManySamples(limit: Int)
  /// `predict` without samples, or with fewer than a window has.
  case tooFewSamples(found: Int, expected: Int)
  /// A number that does not fit single precision.
  case numberTooLarge
  /// The line is longer than the limit.
  case lineTooLong(limit: Int)

  /// Appends what is wrong and what to send instead.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    switch self {
    case .json(let error):
      error.describe(into: &sink)
      sink.append("; send one JSON object a line")
    case .missingOperation:
      sink.append("op is missing; it is one of ")
      sink.append(Request.operationNames)
    case .unknownOperation:
      sink.append("op is not known; it is one of ")
      sink.append(Request.operationNames)
    case .unknownKey:
      sink.append("a key is not known; there are op, id, to (subscribe, unsubscribe) and samples ")
      sink.append("(predict)")
    case .unknownTopic:
      sink.append("a topic is not known; there are ")
      sink.append(Topics.names)
    case .badIdentifier:
      sink.append("id is neither a text of at most 64 bytes nor a whole number")
    case .wrongChannelCount(let found, let expected):
      sink.append("a sample has ")
      sink.append(found)
      sink.append(" values, the model has ")
      sink.append(expected)
      sink.append(" channels; send one value a channel, in the order of the contract")
    case .tooManySamples(let limit):
      sink.append("there are more than ")
      sink.append(limit)
      sink.append(" samples; send them in several requests")
    case .tooFewSamples(let found, let expected):
      sink.append("there are ")
      sink.append(found)
      sink.append(" samples, a window has ")
      sink.append(expected)
    case .numberTooLarge:
      sink.append("a value does not fit a single-precision number")
    case .lineTooLong(let limit):
      sink.append("the line is longer than ")
      sink.append(limit)
      sink.append(" bytes; send fewer samples at once")
    }
  }
}

#if !hasFeature(Embedded)
  extension RequestError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
