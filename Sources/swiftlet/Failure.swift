import Conversion
import Foundation
import LinuxPlatform
import ModelFormat
import Text

/// What went wrong, as the user reads it, and the exit code (after `sysexits.h`) programs read.
struct Failure: Error {
  /// `FILE: place: what; what to try`.
  let message: String
  let exitCode: Int32

  static let badUsage: Int32 = 64
  static let badData: Int32 = 65

  init(_ message: String, exitCode: Int32 = Failure.badData) {
    self.message = message
    self.exitCode = exitCode
  }

  init(_ error: ConversionError, file: String) {
    var error = error
    if error.file.isEmpty { error.file = file }
    self.init(error.description, exitCode: error.exitCode)
  }

  init(_ error: ModelError, file: String) {
    self.init("\(file): " + String { error.describe(into: &$0) })
  }

  init(_ error: PlatformError, file: String) {
    self.init("\(file): \(error.description)", exitCode: error.exitCode)
  }

  func printAndExit() -> Never {
    FileHandle.standardError.write(Data("error: \(message)\n".utf8))
    Foundation.exit(exitCode)
  }
}
