import Acquisition
import Inference
import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// The line of an answer while it is made.
typealias AnswerLine = JSONLine<MemoryText>

/// Predictions on samples that a client sent.
///
/// It has an engine, an arena and a window of its own: what the sensors' samples have led to so far
/// stays untouched, streaming state included. It goes on window by window, so that whoever runs it
/// can turn to something urgent in between.
struct BatchPrediction: ~Copyable, ~Escapable {
  private var pipeline: Optional<PredictionPipeline>
  private var sample = Sample()
  private var sampleCount = 0
  private var next = 0
  /// What the fastest window took, in nanoseconds; 0 before the first.
  private var fastest: UInt64 = 0

  /// What is asked for before anything is known.
  private static let firstWindowNanoseconds: UInt64 = 500_000

  /// Bytes of the arena, and of window and features; none where there is no interface to ask.
  static func byteCounts(
    for model: borrowing Model, _ settings: borrowing Settings
  ) -> (arena: Int, memory: Int) {
    guard settings.api != nil else { return (0, 0) }
    return (Engine.memoryByteCount(for: copy model), PredictionPipeline.memoryByteCount(for: model))
  }

  /// - Parameters:
  ///   - arena, memory: As many bytes as `byteCounts(for:_:)` says.
  @_lifetime(copy model, copy arena, copy memory)
  init(
    _ model: Model, _ settings: borrowing Settings, arena: consuming MutableRawSpan,
    memory: consuming MutableRawSpan
  ) throws(CommandFailure) {
    guard settings.api != nil else {
      pipeline = nil
      return
    }
    let kernels = try KernelSelection.fromEnvironment()
    do throws(ModelError) {
      pipeline = PredictionPipeline(
        model, engine: try Engine(model, arena: arena, kernels: kernels), memory: memory)
    } catch {
      throw CommandFailure(error, file: settings.modelPath)
    }
  }

  /// What a window is likely to take, with room for a processor that is busy, in nanoseconds.
  var windowNanoseconds: UInt64 { fastest == 0 ? Self.firstWindowNanoseconds : 2 * fastest }

  /// Begins with so many samples.
  mutating func begin(sampleCount: Int) {
    self.sampleCount = sampleCount
    next = 0
    pipeline?.restart()
  }

  /// Goes on to the end of the next window.
  ///
  /// - Parameter samples: Single-precision numbers, sample by sample.
  /// - Returns: Whether all samples were used.
  mutating func advance(
    _ samples: borrowing MemoryRegion, _ contract: InputContract, _ model: borrowing Model,
    _ line: inout AnswerLine
  ) -> Bool {
    let begin = MonotonicClock.now()
    while next < sampleCount {
      for channel in 0..<contract.channelCount {
        // In bounds, as the load checks, and every bit pattern is a number.
        sample[channel] = unsafe samples.bytes.unsafeLoad(
          fromByteOffset: 4 * (next * contract.channelCount + channel), as: Float.self)
      }
      sample.time = Double(next) * contract.samplePeriodSeconds
      next += 1
      guard case .some(.prediction(let prediction)) = pipeline?.accept(sample) else { continue }
      let duration = MonotonicClock.now() - begin
      fastest = fastest == 0 ? duration : min(fastest, duration)
      write(prediction, contract, model, &line)
      break
    }
    return next == sampleCount
  }

  private borrowing func write(
    _ prediction: Prediction, _ contract: InputContract, _ model: borrowing Model,
    _ line: inout AnswerLine
  ) {
    line.beginObject()
    line.field("first_sample", integer: next - contract.windowLength)
    line.field("last_sample", integer: next - 1)
    let name = ClassName(prediction.classIndex, of: copy model)
    line.field("class", string: name.bytes)
    line.field("probability", decimal: Double(prediction.score), fractionDigits: 4)
    writeScores(model, &line)
    line.endObject()
  }

  private borrowing func writeScores(_ model: borrowing Model, _ line: inout AnswerLine) {
    switch pipeline {
    case .some(let pipeline): ScoreList.write(pipeline, model, to: &line)
    case .none: break
    }
  }
}

/// The outputs of a prediction by class.
enum ScoreList {
  static func write<Storage: TextStorage & ~Copyable>(
    _ pipeline: borrowing PredictionPipeline, _ model: borrowing Model,
    to line: inout JSONLine<Storage>
  ) {
    guard pipeline.classCount <= PredictionRecord.listedClassLimit else { return }
    line.key("probabilities")
    line.beginObject()
    for index in 0..<pipeline.classCount {
      let name = ClassName(index, of: copy model)
      line.field(
        name.bytes, decimal: Double(pipeline.score(ofClass: index)), fractionDigits: 4)
    }
    line.endObject()
  }
}
