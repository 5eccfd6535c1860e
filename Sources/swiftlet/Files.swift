import Foundation
import LinuxPlatform

/// Whole files in and out, with failures in words.
enum Files {
  /// The bytes of `path`; `-` is standard input.
  static func read(_ path: String) throws -> [UInt8] {
    if path == "-" { return [UInt8](FileHandle.standardInput.readDataToEndOfFile()) }
    do throws(PlatformError) {
      let file = try MappedFile(FilePath(path))
      return file.bytes.withUnsafeBytes { [UInt8]($0) }
    } catch {
      throw Failure(error, file: path)
    }
  }

  /// Writes `bytes` to a temporary name and renames it, so that `path` is never half-written; `-`
  /// is standard output.
  static func write(_ bytes: [UInt8], to path: String) throws {
    do throws(PlatformError) {
      let file = try AtomicFile(FilePath(path))
      try file.write(bytes.span)
      try file.commit()
    } catch {
      throw Failure(error, file: path)
    }
  }
}
