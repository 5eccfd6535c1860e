import LinuxPlatform

/// Whole files in and out, with failures in words.
enum Files {
  /// The bytes of `path`, a file or a pipe; `-` is standard input.
  static func read(_ path: String) throws -> [UInt8] {
    do throws(PlatformError) {
      let file = try FileDescriptor(reading: FilePath(path))
      var bytes: [UInt8] = []
      bytes.reserveCapacity(try file.byteCount())
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        var span = piece.mutableSpan
        let count = try file.read(into: &span, at: 0)
        guard count > 0 else { break }
        bytes += piece[..<count]
      }
      guard !bytes.isEmpty else { throw PlatformError.emptyFile }
      return bytes
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
