import Journal
import ModelFormat
import Text

/// One prediction as the journal keeps it, between the fields every record has:
///
///     {"seq":71,"time":"2026-11-23T17:00:00.123Z","mono_ns":81204519733,"boot":"5f2c11d0","synced":true,
///      "kind":"prediction","prediction":12,"window_start_s":12.000,"window_end_s":15.900,
///      "class":"Walking","probability":0.9961,"probabilities":{"Standing":0.0000,"Walking":0.9961,…},
///      "decision":"Walking","latency_us":412,"crc":"0c8a41e7"}                       (one line)
public struct PredictionRecord: Sendable {
  /// What the model said.
  public var prediction: Prediction

  /// The class decided on after it; `nil` while undecided.
  public var decision: Int?

  /// From the deadline of the window's last sample to the prediction.
  public var latencyMicroseconds: UInt64

  /// A record of a prediction.
  public init(_ prediction: Prediction, decision: Int?, latencyMicroseconds: UInt64) {
    self.prediction = prediction
    self.decision = decision
    self.latencyMicroseconds = latencyMicroseconds
  }

  /// More classes than this are not listed with their scores; a line has its limits.
  public static let listedClassLimit = 32

  /// Writes the fields of the record's kind.
  public func write<Storage: TextStorage & ~Copyable>(
    to line: inout JSONLine<Storage>, model: borrowing Model,
    pipeline: borrowing PredictionPipeline
  ) {
    line.field("prediction", integer: prediction.sequence)
    line.field("window_start_s", decimal: prediction.windowStart, fractionDigits: 3)
    line.field("window_end_s", decimal: prediction.windowEnd, fractionDigits: 3)
    writeClass(prediction.classIndex, "class", to: &line, model)
    line.field("probability", decimal: Double(prediction.score), fractionDigits: 4)
    if pipeline.classCount <= Self.listedClassLimit {
      line.key("probabilities")
      line.beginObject()
      for index in 0..<pipeline.classCount {
        let score = pipeline.score(ofClass: index)
        let name = ClassName(index, of: copy model)
        line.field(name.bytes, decimal: Double(score), fractionDigits: 4)
      }
      line.endObject()
    }
    if let decision {
      writeClass(decision, "decision", to: &line, model)
    } else {
      line.key("decision")
      line.null()
    }
    if !prediction.condition.isClean {
      line.field("missing_samples", integer: prediction.condition.missingSampleCount)
      line.field("suspect_samples", integer: prediction.condition.suspectSampleCount)
    }
    line.field("latency_us", integer: latencyMicroseconds)
  }

  private func writeClass<Storage: TextStorage & ~Copyable>(
    _ index: Int, _ key: StaticString, to line: inout JSONLine<Storage>, _ model: borrowing Model
  ) {
    let name = ClassName(index, of: copy model)
    line.field(key, string: name.bytes)
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
