import Interchange
import LinuxPlatform
import ModelFormat
import Pipeline
import Text

/// Why a command ends early: what the user reads, and the exit status programs read.
package struct CommandFailure: Error {
  /// Room for the longest path and a sentence about it.
  package typealias Message = TextBuffer<5120>

  package let exitCode: Int32
  package private(set) var message: Message

  package static let badUsage: Int32 = 64
  package static let badData: Int32 = 65
  package static let internalError: Int32 = 70
  package static let inputOutput: Int32 = 74

  package init(exitCode: Int32, _ describe: (inout Message) -> Void) {
    self.exitCode = exitCode
    message = Message()
    describe(&message)
  }

  /// `FILE: place: what; what to try`.
  package init(exitCode: Int32, file: FilePath, _ describe: (inout Message) -> Void) {
    self.exitCode = exitCode
    message = Message()
    if file.isStandardStream {
      message.append("standard stream")
    } else {
      message.append(visible: file.bytes)
    }
    message.append(": ")
    describe(&message)
  }

  /// An error of one of the modules below, about a file.
  package init(_ error: some ExplainedError, file: FilePath) {
    self.init(exitCode: error.exitCode, file: file) { error.describe(into: &$0) }
  }

  /// A command line that means nothing.
  package static func usage(
    _ command: StaticString, _ describe: (inout Message) -> Void
  ) -> CommandFailure {
    CommandFailure(exitCode: badUsage) {
      $0.append(command)
      $0.append(": ")
      describe(&$0)
      $0.append("; see `")
      $0.append(command)
      $0.append(" --help`")
    }
  }

  /// SIGINT or SIGTERM came before the work was done.
  package static func interrupted(_ describe: (inout Message) -> Void) -> CommandFailure {
    CommandFailure(exitCode: 128 + TerminationSignal.number) { describe(&$0) }
  }

  /// Writes `error: …` to standard error.
  package func print() {
    var line = TextBuffer<5140>()
    line.append("error: ")
    line.append(message.bytes)
    line.append("\n")
    // Nobody is left to tell when even this fails.
    try? FileDescriptor.standardError.write(line.bytes)
  }
}

/// An error that says place, what is wrong and what to try.
package protocol ExplainedError: Error {
  var exitCode: Int32 { get }
  func describe(into sink: inout some TextSink & ~Copyable)
}

extension PlatformError: ExplainedError {}

extension ModelError: ExplainedError {
  package var exitCode: Int32 { CommandFailure.badData }
}

extension NumpyError: ExplainedError {
  package var exitCode: Int32 { CommandFailure.badData }
}

extension SampleFormatError: ExplainedError {
  package var exitCode: Int32 { CommandFailure.badData }
}

extension PipelineModelError: ExplainedError {
  package var exitCode: Int32 { CommandFailure.badData }
}

/// Does something with a file and puts the file's name before what goes wrong.
package func naming<Result: ~Copyable, Failure: ExplainedError>(
  _ file: FilePath, _ body: () throws(Failure) -> Result
) throws(CommandFailure) -> Result {
  do throws(Failure) {
    return try body()
  } catch {
    throw CommandFailure(error, file: file)
  }
}

/// Where answers go.
package enum StandardOutput {
  package static func print(_ text: StaticString) throws(CommandFailure) {
    var buffer = TextBuffer<4096>()
    buffer.append(text)
    try write(buffer.bytes)
  }

  package static func write(_ text: borrowing Span<UInt8>) throws(CommandFailure) {
    do throws(PlatformError) {
      try FileDescriptor.standardOutput.write(text)
    } catch {
      throw CommandFailure(exitCode: error.exitCode) {
        $0.append("standard output: ")
        error.describe(into: &$0)
      }
    }
  }
}

/// Where progress goes; whether anybody sees it does not matter.
package enum StandardError {
  package static func write(_ text: borrowing Span<UInt8>) {
    try? FileDescriptor.standardError.write(text)
  }
}
