import Inference
import Interchange
import LinuxPlatform
import ModelFormat
import Pipeline
import Text

/// A `.npy` file that is written sample by sample and appears when it is complete.
struct SampleOutput: ~Copyable {
  private let path: FilePath
  private let file: AtomicFile
  private let border: TensorBorder
  private let isRaw: Bool
  private var buffer: MemoryRegion

  /// Makes the file and writes its header.
  init(
    _ path: FilePath, for tensor: TensorRecord, raw: Bool, sampleCount: Int
  ) throws(CommandFailure) {
    let border = TensorBorder(tensor)
    let type = border.outsideType(raw: raw)
    let header = try naming(path) { () throws(NumpyError) in
      try NumpyHeader(
        elementType: type, shape: SampleFormat.shape(of: tensor, sampleCount: sampleCount))
    }
    let file = try naming(path) { () throws(PlatformError) in
      let file = try AtomicFile(path)
      var text = TextBuffer<512>()
      header.append(to: &text)
      try file.write(text.bytes)
      return file
    }
    let buffer = try allocate(border.elementCount * type.byteCount, for: path)
    self.path = path
    self.file = file
    self.border = border
    isRaw = raw
    self.buffer = buffer
  }

  /// Writes an output of the engine as the next sample.
  mutating func write(_ engine: borrowing Engine, output: Int) throws(CommandFailure) {
    Self.unload(engine, output, border, raw: isRaw, into: &buffer)
    do throws(PlatformError) {
      try file.write(buffer.bytes)
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  /// Makes the file appear under its name.
  consuming func commit() throws(CommandFailure) {
    let path = self.path
    do throws(PlatformError) {
      try file.commit()
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  private static func unload(
    _ engine: borrowing Engine, _ output: Int, _ border: TensorBorder, raw: Bool,
    into buffer: inout MemoryRegion
  ) {
    var bytes = buffer.mutableBytes
    border.unload(engine.output(output), raw: raw, into: &bytes)
  }
}
