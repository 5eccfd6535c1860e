import Inference
import Interchange
import LinuxPlatform
import ModelFormat
import Pipeline
import Text

/// A `.npy` file that is read sample by sample, a pipe as well as a file, in memory for one sample.
struct SampleInput: ~Copyable {
  /// How many samples the file holds.
  let sampleCount: Int

  private let path: FilePath
  private let file: FileDescriptor
  private let header: NumpyHeader
  private let border: TensorBorder
  private let isRaw: Bool
  private var buffer: MemoryRegion
  private var samplesRead = 0

  /// Opens a file and checks that it fits a tensor.
  init(_ path: FilePath, for tensor: TensorRecord, raw: Bool) throws(CommandFailure) {
    let file = try naming(path) { () throws(PlatformError) in try FileDescriptor(reading: path) }
    let header = try NumpyHeader(of: file, path)
    let sampleCount = try naming(path) { () throws(SampleFormatError) in
      try SampleFormat.sampleCount(of: header, for: tensor, raw: raw)
    }
    let buffer = try allocate(
      tensor.shape.elementCount * header.elementType.byteCount, for: path)
    self.path = path
    self.file = file
    self.header = header
    self.sampleCount = sampleCount
    self.buffer = buffer
    border = TensorBorder(tensor)
    isRaw = raw
  }

  /// Reads the next sample into an input of the engine.
  mutating func fill(_ engine: inout Engine, input: Int) throws(CommandFailure) {
    let byteCount = try read()
    guard byteCount == buffer.byteCount else {
      // A pipe that ends early, or a file cut while it was read.
      let available = samplesRead * buffer.byteCount + byteCount
      throw CommandFailure(
        NumpyError(
          .missingData(needed: header.dataByteCount, available: available),
          at: header.dataOffset + available),
        file: path)
    }
    try checkNumbers()
    load(into: &engine, input)
    samplesRead += 1
  }

  /// Real numbers must be numbers: a prediction from NaN would look like any other.
  private borrowing func checkNumbers() throws(CommandFailure) {
    guard !isRaw, let index = border.firstNonFinite(in: buffer.bytes, of: header.elementType)
    else { return }
    throw CommandFailure(exitCode: CommandFailure.badData, file: path) {
      $0.append("sample ")
      $0.append(samplesRead)
      $0.append(", element ")
      $0.append(index)
      $0.append(": not a finite number; repair or remove the sample")
    }
  }

  /// Checks that the file ends after its last sample; only of a pipe this was not known before.
  mutating func finish() throws(CommandFailure) {
    guard try read() == 0 else {
      let end = header.dataOffset + header.dataByteCount
      throw CommandFailure(NumpyError(.trailingData, at: end), file: path)
    }
  }

  private mutating func read() throws(CommandFailure) -> Int {
    do throws(PlatformError) {
      return try buffer.fill(0..<buffer.byteCount, from: file)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  private borrowing func load(into engine: inout Engine, _ input: Int) {
    engine.withInput(input) { tensor in
      border.load(buffer.bytes, of: header.elementType, raw: isRaw, into: &tensor)
    }
  }
}

extension NumpyHeader {
  /// Reads the header of an open file, and of a regular file checks the length.
  fileprivate init(
    of file: borrowing FileDescriptor, _ path: FilePath
  ) throws(CommandFailure) {
    var memory = try allocate(Self.maximumByteCount, for: path)
    let prefix = try Self.read(0..<Self.prefixByteCount, of: file, into: &memory, path)
    let end = try Self.byteCount(memory, prefix, path)
    let rest = end > prefix ? try Self.read(prefix..<end, of: file, into: &memory, path) : 0
    self = try Self.parse(memory, prefix + rest, path)
    guard file.isRegularFile else { return }
    let fileByteCount = try naming(path) { () throws(PlatformError) in try file.byteCount() }
    let available = fileByteCount - dataOffset
    guard available >= dataByteCount else {
      let kind = NumpyError.Kind.missingData(needed: dataByteCount, available: max(0, available))
      throw CommandFailure(NumpyError(kind, at: fileByteCount), file: path)
    }
    guard available == dataByteCount else {
      throw CommandFailure(NumpyError(.trailingData, at: dataOffset + dataByteCount), file: path)
    }
  }

  private static func read(
    _ range: Range<Int>, of file: borrowing FileDescriptor, into memory: inout MemoryRegion,
    _ path: FilePath
  ) throws(CommandFailure) -> Int {
    do throws(PlatformError) {
      return try memory.fill(range, from: file)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  private static func byteCount(
    _ memory: borrowing MemoryRegion, _ available: Int, _ path: FilePath
  ) throws(CommandFailure) -> Int {
    do throws(NumpyError) {
      return try byteCount(prefix: Span(_bytes: memory.bytes.extracting(first: available)))
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  private static func parse(
    _ memory: borrowing MemoryRegion, _ available: Int, _ path: FilePath
  ) throws(CommandFailure) -> NumpyHeader {
    do throws(NumpyError) {
      return try NumpyHeader(parsing: Span(_bytes: memory.bytes.extracting(first: available)))
    } catch {
      throw CommandFailure(error, file: path)
    }
  }
}
