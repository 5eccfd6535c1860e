import Journal
import LinuxPlatform
import LocalAPI
import ModelCommands
import ModelFormat
import Text

// Batches: samples that a client sent, predicted on window by window between the daemon's own. There
// is one at a time, and no other request meanwhile.
extension LocalServer {
  /// A batch that is being predicted on.
  struct Batch {
    let place: Int
    let identifier: RequestIdentifier
    let end: UInt64
  }

  /// A batch for which there is no time between samples is given up.
  private static let batchNanoseconds: UInt64 = 10_000_000_000
  /// How long a batch goes on without a look at anything else, in nanoseconds.
  private static let turnNanoseconds: UInt64 = 20_000_000

  /// Begins the answer to a request for predictions.
  mutating func beginBatch(_ identifier: RequestIdentifier, _ place: Int) {
    batch = Batch(
      place: place, identifier: identifier, end: MonotonicClock.now() + Self.batchNanoseconds)
    batchLine.beginAnswer(identifier)
    batchLine.key("windows")
    batchLine.beginArray()
  }

  /// Goes on with the batch as long as there is time.
  mutating func advance(
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

  /// When to go on with the batch: at once where a window fits before the deadline, else after it.
  func continuation(_ batch: borrowing BatchPrediction, before deadline: UInt64) -> UInt64 {
    let now = MonotonicClock.now()
    return now + batch.windowNanoseconds < deadline ? now : deadline
  }
}
