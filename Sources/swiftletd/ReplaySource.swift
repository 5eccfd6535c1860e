import Interchange
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// Bytes of an open file.
struct FileSource: ByteSource, ~Copyable {
  private let file: FileDescriptor

  init(_ file: consuming FileDescriptor) {
    self.file = file
  }

  mutating func read(
    into buffer: inout MutableSpan<UInt8>, at offset: Int
  ) throws(PlatformError) -> Int {
    try file.read(into: &buffer, at: offset)
  }
}

/// A recorded CSV file as a source of samples.
enum ReplaySource {
  static func open(
    _ path: FilePath, _ model: borrowing Model
  ) throws(CommandFailure) -> Recording<FileSource> {
    let file = try naming(path) { () throws(PlatformError) in try FileDescriptor(reading: path) }
    do throws(RecordingError<PlatformError>) {
      return try Recording(FileSource(file), model: model)
    } catch {
      throw CommandFailure(error, recording: path)
    }
  }
}

extension CommandFailure {
  /// Why a recording cannot be replayed.
  init(_ error: RecordingError<PlatformError>, recording path: FilePath) {
    switch error {
    case .source(let failure):
      self.init(failure, file: path)
    case .content(let failure):
      self.init(exitCode: Self.badData, file: path) { failure.describe(into: &$0) }
    case .mapping(let failure):
      self.init(exitCode: Self.badData, file: path) { failure.describe(into: &$0) }
    case .time(let failure):
      self.init(exitCode: Self.badData, file: path) { failure.describe(into: &$0) }
    }
  }
}
