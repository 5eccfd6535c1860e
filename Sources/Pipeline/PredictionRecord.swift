import Journal
import ModelFormat
import Text

/// One prediction as the log keeps it.
///
///     {"time":"2026-11-23T17:00:00.123Z","monotonic_ns":81204519733,"sequence":12,
///      "window_start_s":12.000,"window_end_s":15.900,"class":"Walking","probability":0.9961,
///      "probabilities":{"Standing":0.0000,"Walking":0.9961,…},"latency_us":412}      (one line)
public struct PredictionRecord: Sendable {
  /// What the model said.
  public var prediction: Prediction

  /// When it was decided, by the clock on the wall.
  public var time: Timestamp

  /// When it was decided, in nanoseconds of the monotonic clock.
  public var monotonicNanoseconds: UInt64

  /// From the arrival of the window's last sample to the decision.
  public var latencyMicroseconds: UInt64

  /// A record of a prediction.
  public init(
    _ prediction: Prediction, time: Timestamp, monotonicNanoseconds: UInt64,
    latencyMicroseconds: UInt64
  ) {
    self.prediction = prediction
    self.time = time
    self.monotonicNanoseconds = monotonicNanoseconds
    self.latencyMicroseconds = latencyMicroseconds
  }

  /// The longest line of a model's predictions in bytes.
  public static func maximumByteCount(for model: borrowing Model) -> Int {
    let classCount = model.tensor(model.output(0)).shape.elementCount
    // Each byte of a label takes at most six (\u001f); then quotation marks, colon, score, comma.
    var byteCount = 512
    var longestLabel = 20
    for index in 0..<model.labelCount {
      let label = 6 * model.label(index).byteCount
      byteCount += label
      longestLabel = max(longestLabel, label)
    }
    return byteCount + longestLabel + 48 * classCount
  }

  /// Writes the record as the next line.
  public func write<Storage: TextStorage & ~Copyable>(
    to line: inout JSONLine<Storage>, model: borrowing Model,
    pipeline: borrowing PredictionPipeline
  ) {
    line.begin()
    line.field("time", timestamp: time)
    line.field("monotonic_ns", integer: monotonicNanoseconds)
    line.field("sequence", integer: prediction.sequence)
    line.field("window_start_s", decimal: prediction.windowStart, fractionDigits: 3)
    line.field("window_end_s", decimal: prediction.windowEnd, fractionDigits: 3)
    let name = ClassName(prediction.classIndex, of: copy model)
    line.key("class")
    line.string(name.bytes)
    line.field("probability", decimal: Double(prediction.score), fractionDigits: 4)
    line.key("probabilities")
    line.beginObject()
    for index in 0..<pipeline.classCount {
      let name = ClassName(index, of: copy model)
      let score = pipeline.score(ofClass: index)
      line.field(name.bytes, decimal: Double(score), fractionDigits: 4)
    }
    line.endObject()
    line.field("latency_us", integer: latencyMicroseconds)
    line.end()
  }
}

/// The name of a class: the model's label, or `class 3` where it has none.
public struct ClassName: ~Escapable {
  private let model: Model
  private let index: Int
  private let generated: TextBuffer<20>

  /// The name of class `index` of a model.
  @_lifetime(copy model)
  public init(_ index: Int, of model: Model) {
    self.model = model
    self.index = index
    var generated = TextBuffer<20>()
    if index >= model.labelCount {
      generated.append("class ")
      generated.append(index)
    }
    self.generated = generated
  }

  /// The name's bytes.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get {
      guard index < model.labelCount else { return generated.bytes }
      return Span(_bytes: model.text(model.label(index)))
    }
  }
}
