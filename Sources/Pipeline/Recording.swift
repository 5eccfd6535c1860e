import Acquisition
import Interchange
import ModelFormat

/// Samples of a recorded CSV file, one a line, in the order of a model's channels.
public struct Recording<Source: ByteSource & ~Copyable>: ~Copyable {
  private var reader: CSVReader<Source>
  private let mapping: ChannelMapping
  private let channelCount: Int
  private let samplePeriod: Double
  private var previousTime: Double?
  private var hasRightRate = false

  /// Samples read so far.
  public private(set) var sampleCount: UInt64 = 0

  /// Places where samples are missing.
  public private(set) var gapCount: UInt64 = 0

  /// What a call of `next(into:)` found.
  public enum Step: Sendable {
    /// A sample that follows the one before, or the first.
    case sample
    /// A sample after a gap: some before it are missing.
    case sampleAfterGap
    case end
  }

  /// Reads the header and finds the model's channels in it.
  ///
  /// - Parameter model: A model `PipelineModelError.check(_:)` accepts.
  public init(
    _ source: consuming Source, model: borrowing Model
  ) throws(RecordingError<Source.Failure>) {
    guard let contract = model.contract else {
      preconditionFailure("checked before")
    }
    var reader = CSVReader(source)
    do {
      _ = try reader.nextRecord()
    } catch {
      throw RecordingError(error)
    }
    do {
      mapping = try ChannelMapping(model, header: reader)
    } catch {
      throw .mapping(error)
    }
    self.reader = reader
    channelCount = contract.channelCount
    samplePeriod = contract.samplePeriodSeconds
  }

  /// Reads the next sample.
  public mutating func next(
    into sample: inout Sample
  ) throws(RecordingError<Source.Failure>) -> Step {
    do {
      guard try reader.nextRecord() else { return .end }
    } catch {
      throw RecordingError(error)
    }
    do {
      try readCells(into: &sample)
    } catch {
      throw .content(error)
    }
    do {
      let follows = try checkTime(sample.time)
      sampleCount += 1
      if !follows { gapCount += 1 }
      return follows ? .sample : .sampleAfterGap
    } catch {
      throw .time(error)
    }
  }

  private borrowing func readCells(into sample: inout Sample) throws(CSVError) {
    sample.time = try reader.number(mapping.timeColumn)
    for index in 0..<channelCount {
      sample[index] = Float(try reader.number(mapping[index]))
    }
  }

  /// Whether the sample follows the one before within half a period of the contract's rate.
  private mutating func checkTime(_ time: Double) throws(RecordingTimeError) -> Bool {
    defer { previousTime = time }
    guard let previousTime else { return true }
    let step = time - previousTime
    guard step > 0 else {
      throw RecordingTimeError(
        .notIncreasing, line: reader.line, found: time, expected: previousTime)
    }
    let follows = step > 0.5 * samplePeriod && step < 1.5 * samplePeriod
    guard follows || hasRightRate else {
      throw RecordingTimeError(.wrongRate, line: reader.line, found: step, expected: samplePeriod)
    }
    hasRightRate = true
    return follows
  }
}
