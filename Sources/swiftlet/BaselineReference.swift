import Acquisition
import Conversion
import Inference
import Interchange
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// Reads a reference recording as the device would see it: through the model's contract, and with
/// the predictions the model makes of it.
enum BaselineReference {
  /// The series in the CSV file `path` for the model in `bytes`.
  static func read(_ path: String, model bytes: [UInt8], modelFile: String) throws
    -> ReferenceSeries
  {
    let csv = try Files.read(path)
    let file = HostBytes(bytes)
    let model: Model
    do throws(ModelError) {
      model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    } catch {
      throw Failure(error, file: modelFile)
    }
    do throws(PipelineModelError) {
      try PipelineModelError.check(model)
    } catch {
      throw Failure("\(modelFile): " + String { error.describe(into: &$0) })
    }
    let arena = HostBytes(byteCount: Engine.memoryByteCount(for: model))
    let kernels = try KernelSelection.fromEnvironment()
    let engine: Engine
    do throws(ModelError) {
      engine = try Engine(model, arena: arena.memory.mutableBytes, kernels: kernels)
    } catch {
      throw Failure(error, file: modelFile)
    }
    let ring = HostBytes(byteCount: PredictionPipeline.memoryByteCount(for: model))
    var pipeline = PredictionPipeline(model, engine: engine, memory: ring.memory.mutableBytes)
    do throws(RecordingError<Never>) {
      let series = try collect(csv, model, &pipeline)
      withExtendedLifetime((file, arena, ring)) {}
      return series
    } catch {
      throw Failure("\(path): " + String { error.describe(into: &$0) })
    }
  }

  private static func collect(
    _ csv: [UInt8], _ model: borrowing Model, _ pipeline: inout PredictionPipeline
  ) throws(RecordingError<Never>) -> ReferenceSeries {
    guard let contract = model.contract else { preconditionFailure("checked before") }
    var names: [String] = []
    for index in 0..<contract.channelCount {
      names.append(string(model.channel(index).name, of: model))
    }
    var series = ReferenceSeries(
      channelNames: names, samples: Array(repeating: [], count: names.count),
      rateHertz: Double(contract.rateMillihertz) / 1000)
    series.classCount = pipeline.classCount
    var recording = try Recording(BytesInMemory(csv), model: model)
    var sample = Sample()
    while true {
      let step = try recording.next(into: &sample)
      if case .end = step { break }
      if case .sampleAfterGap = step {
        pipeline.restart()
        series.pieceStarts.append(series.sampleCount)
      }
      for index in names.indices { series.samples[index].append(sample[index]) }
      if case .prediction(let prediction) = pipeline.accept(sample) {
        series.predictions.append(
          .init(
            sample: series.sampleCount - 1, classIndex: prediction.classIndex,
            confidence: prediction.score))
      }
    }
    if series.predictions.isEmpty { series.classCount = 0 }
    return series
  }
}

extension RecordingError<Never> {
  /// Appends the place and what is wrong.
  func describe(into sink: inout some TextSink & ~Copyable) {
    switch self {
    case .content(let error): error.describe(into: &sink)
    case .mapping(let error): error.describe(into: &sink)
    case .time(let error): error.describe(into: &sink)
    }
  }
}
