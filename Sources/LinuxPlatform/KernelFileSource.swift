public import Hardware

/// A kernel's file as sensors read it: its errors are those of a device.
public struct KernelFileSource: TextFileSource, ~Copyable {
  private var file: KernelTextFile

  /// A file that is opened at the first read.
  public init(_ path: FilePath) {
    file = KernelTextFile(path)
  }

  /// Reads the file anew, without the white space at its end.
  public mutating func read(into bytes: inout MutableSpan<UInt8>) throws(BusError) -> Int {
    do throws(PlatformError) {
      return try file.read(into: &bytes)
    } catch {
      // A driver that got no answer says so by an errno of its own choice (EIO, ETIMEDOUT).
      let kind: BusError.Kind =
        error.isMissingFile ? .missingFile : error.isNotPermitted ? .notPermitted : .other
      throw BusError(kind, code: error.code)
    }
  }
}
