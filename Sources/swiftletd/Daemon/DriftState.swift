import Drift
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// What the watch for drift knows, from one run of the daemon to the next.
enum DriftState {
  /// The file beside the journal.
  static func path(in folder: FilePath) throws(PlatformError) -> FilePath {
    try folder.appending(component: "drift.state")
  }

  /// Continues from the file, if there is one that fits. One that does not is told; the watch begins
  /// anew then.
  static func restore(_ pipeline: inout PredictionPipeline, from folder: FilePath) {
    guard pipeline.watchesDrift else { return }
    do throws(PlatformError) {
      let file = try MappedFile(path(in: folder))
      restore(&pipeline, from: file)
    } catch {
      guard !error.isMissingFile else { return }
      LogLine.write(.warning) {
        $0.append("drift.state: ")
        error.describe(into: &$0)
        $0.append("; the watch for drift begins anew")
      }
    }
  }

  private static func restore(
    _ pipeline: inout PredictionPipeline, from file: borrowing MappedFile
  ) {
    do throws(DriftStateError) {
      try pipeline.restoreMonitor(file.bytes, at: Double(WallClock.now()) / 1e9)
    } catch {
      LogLine.write(.notice) {
        $0.append("drift.state: ")
        $0.append(error.message)
        $0.append("; the watch for drift begins anew")
      }
    }
  }
}
