import Acquisition
import Interchange
import LinuxPlatform
import ModelFormat
import Pipeline
import Text

/// Writes what a model would be fed of every window of a recording: the bytes `swiftlet features`
/// writes behind its header, on every processor.
///
///     FeatureCheck MODEL.swl RECORDING.csv [TIMES] >INPUTS
///
/// TIMES computes each window so often, to count what it costs.
@main
struct FeatureCheck {
  static func main() {
    let count = CommandLineArguments.count
    guard count == 3 || count == 4 else { Process.exit(64) }
    do throws(PlatformError) {
      let model = try MappedFile(FilePath(CommandLineArguments.bytes(1)))
      let recording = try FileDescriptor(reading: FilePath(CommandLineArguments.bytes(2)))
      try run(model, recording, times: count == 4 ? number(CommandLineArguments.bytes(3)) : 1)
    } catch {
      Process.exit(74)
    }
    Process.exit(0)
  }

  private static func number(_ text: borrowing Span<UInt8>) -> Int {
    var value = 0
    for index in text.indices { value = 10 * value + Int(text[index] & 15) }
    return value
  }

  private static func run(
    _ file: borrowing MappedFile, _ recording: consuming FileDescriptor, times: Int
  ) throws(PlatformError) {
    guard let model = try? Model(file.bytes), let contract = model.contract,
      (try? PipelineModelError.check(model)) != nil
    else { Process.exit(65) }
    var ring = try MemoryRegion(
      byteCount: SampleWindow.ringByteCount(
        channelCount: contract.channelCount, length: contract.windowLength))
    var scratch = try MemoryRegion(byteCount: max(16, InputStage.byteCount(for: model)))
    var input = try MemoryRegion(byteCount: model.tensor(model.input(0)).byteCount)
    var window = SampleWindow(
      channelCount: contract.channelCount, length: contract.windowLength, hop: contract.hop,
      policy: WindowPolicy(), ring: ring.mutableBytes)
    var stage = InputStage(copy model, memory: scratch.mutableBytes)
    guard var samples = try? Recording(OpenFile(recording), model: model) else { Process.exit(65) }
    var sample = Sample()
    while true {
      guard let step = try? samples.next(into: &sample) else { Process.exit(65) }
      if case .end = step { return }
      if case .sampleAfterGap = step { window.restart() }
      guard window.push(sample) else { continue }
      for _ in 0..<times { fill(&stage, &input, window) }
      try write(input)
    }
  }

  private static func fill(
    _ stage: inout InputStage, _ input: inout MemoryRegion, _ window: borrowing SampleWindow
  ) {
    var bytes = input.mutableBytes
    stage.fill(&bytes, from: window)
  }

  private static func write(_ input: borrowing MemoryRegion) throws(PlatformError) {
    let bytes = Span<UInt8>(_bytes: input.bytes)
    try FileDescriptor.standardOutput.write(bytes)
  }
}

/// Bytes of an open file.
private struct OpenFile: ByteSource, ~Copyable {
  private let file: FileDescriptor

  init(_ file: consuming FileDescriptor) { self.file = file }

  mutating func read(
    into buffer: inout MutableSpan<UInt8>, at offset: Int
  ) throws(PlatformError) -> Int {
    try file.read(into: &buffer, at: offset)
  }
}
