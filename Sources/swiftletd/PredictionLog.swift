import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// `predictions.jsonl` in the log folder: one line a prediction, each appended by one write.
struct PredictionLog: ~Copyable {
  /// The file.
  let path: FilePath

  private let file: FileDescriptor
  private var line: JSONLine<MemoryText>
  /// Bytes up to the end of the last complete line.
  private var byteCount: Int

  /// Opens the log, making folder and file where they are missing.
  init(folder: FilePath, model: borrowing Model) throws(CommandFailure) {
    try naming(folder) { () throws(PlatformError) in try Process.makeFolder(folder) }
    let path = try naming(folder) { () throws(PlatformError) in
      try folder.appending(component: "predictions.jsonl")
    }
    let file = try naming(path) { () throws(PlatformError) in try FileDescriptor(appending: path) }
    let byteCount = try naming(path) { () throws(PlatformError) in try file.byteCount() }
    let capacity = PredictionRecord.maximumByteCount(for: model)
    let text = try naming(path) { () throws(PlatformError) in try MemoryText(capacity: capacity) }
    self.path = path
    self.file = file
    self.byteCount = byteCount
    line = JSONLine(text)
  }

  /// Appends a prediction.
  ///
  /// - Throws: When the file takes no more. A part of a line that was written is taken back.
  mutating func append(
    _ record: PredictionRecord, model: borrowing Model, pipeline: borrowing PredictionPipeline
  ) throws(CommandFailure) {
    record.write(to: &line, model: model, pipeline: pipeline)
    precondition(!line.overflowed, "the line was measured for the model")
    do throws(PlatformError) {
      try file.write(line.bytes)
    } catch {
      try? file.truncate(to: byteCount)
      throw CommandFailure(error, file: path)
    }
    let written = line.bytes.count
    byteCount += written
  }
}
