import Interchange
import Text

/// Why a recording cannot be replayed.
public enum RecordingError<SourceFailure: Error>: Error {
  /// The file could not be read.
  case source(SourceFailure)
  /// It is no CSV of numbers.
  case content(CSVError)
  /// Its columns do not fit the model.
  case mapping(ChannelMappingError)
  /// Its times make no sense.
  case time(RecordingTimeError)

  init(_ error: CSVReadError<SourceFailure>) {
    switch error {
    case .source(let failure): self = .source(failure)
    case .content(let error): self = .content(error)
    }
  }
}

/// What is wrong with the time of a sample.
public struct RecordingTimeError: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Kind: Equatable, Sendable {
    /// Time stands still or goes back.
    case notIncreasing
    /// The first samples do not come at the model's rate.
    case wrongRate
  }

  /// What is wrong.
  public let kind: Kind

  /// The line of the sample, from 1.
  public let line: Int

  /// The time, or the step from sample to sample, in seconds.
  public let found: Double

  /// The time before, or the model's sample period, in seconds.
  public let expected: Double

  init(_ kind: Kind, line: Int, found: Double, expected: Double) {
    self.kind = kind
    self.line = line
    self.found = found
    self.expected = expected
  }

  /// Appends place, what is wrong and what to try.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("line ")
    sink.append(line)
    sink.append(": ")
    switch kind {
    case .notIncreasing:
      sink.append("the time ")
      append(seconds: found, to: &sink)
      sink.append(" does not come after ")
      append(seconds: expected, to: &sink)
      sink.append(" of the line before; sort the lines, or remove the repeated one")
    case .wrongRate:
      sink.append("the samples are ")
      append(seconds: found, to: &sink)
      sink.append(" apart, the model takes one every ")
      append(seconds: expected, to: &sink)
      sink.append("; resample the recording")
    }
  }

  private func append(seconds: Double, to sink: inout some TextSink & ~Copyable) {
    if !sink.append(seconds, fractionDigits: 6) { sink.append("(out of range)") }
    sink.append(" s")
  }
}
