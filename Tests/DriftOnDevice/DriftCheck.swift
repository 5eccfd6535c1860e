import Drift
import LinuxPlatform
import ModelFormat
import Text

/// Runs the drift monitor of a model's baseline over a synthetic stream and prints the check of its
/// state: the same number on every processor.
///
///     DriftCheck MODEL.swl SAMPLES [unwatched]
///
/// With a third argument the stream is made and not watched: what is left is the monitor's cost.
@main
struct DriftCheck {
  static func main() {
    let count = CommandLineArguments.count
    guard count == 3 || count == 4 else { Process.exit(64) }
    do throws(PlatformError) {
      let path = try FilePath(CommandLineArguments.bytes(1))
      let file = try MappedFile(path)
      try run(
        file, sampleCount: number(CommandLineArguments.bytes(2)), isWatched: count == 3)
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
    _ file: borrowing MappedFile, sampleCount: Int, isWatched: Bool
  ) throws(PlatformError) {
    guard let model = try? Model(file.bytes), let baseline = model.baseline else {
      Process.exit(65)
    }
    var memory = try MemoryRegion(byteCount: DriftMonitor.stateByteCount(for: baseline))
    try follow(baseline, &memory, sampleCount, isWatched)
  }

  private static func follow(
    _ baseline: Baseline, _ memory: inout MemoryRegion, _ sampleCount: Int, _ isWatched: Bool
  ) throws(PlatformError) {
    var monitor = DriftMonitor(baseline, state: memory.mutableBytes)
    var state: UInt32 = 12345
    for index in 0..<sampleCount {
      for channel in 0..<baseline.channelCount {
        state = (1_103_515_245 &* state &+ 12345) & 0x7FFF_FFFF
        let reference = baseline.channel(channel)
        // Uniform over three standard deviations to both sides, drifting slowly.
        let uniform = Double(state) / 2_147_483_648 - 0.5
        let drift = Double(index) / Double(sampleCount)
        let value =
          Float(reference.mean + reference.standardDeviation * (3.4 * uniform + drift))
        if isWatched { monitor.reading(channel, value) } else { state ^= value.bitPattern & 1 }
      }
      guard isWatched else { continue }
      if index % 10 == 9, baseline.classCount > 0 {
        monitor.prediction(index % baseline.classCount, confidence: Float(state & 255) / 255)
      }
      _ = monitor.endSample(at: Double(index))
    }
    monitor.seal()
    let bytes = monitor.stateBytes
    var check: UInt64 = 0xcbf2_9ce4_8422_2325
    for offset in 0..<bytes.byteCount {
      // In bounds: the offset is below the count.
      let byte = unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
      check = (check ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    // So that the stream is made, also where nobody watches.
    if !isWatched { check ^= UInt64(state) }
    var line = TextBuffer<64>()
    line.append(hexadecimal: check, digits: 16)
    line.append(" windows ")
    line.append(Int(monitor.windowIndex))
    line.append(" alarms ")
    line.append(Int(monitor.alarmCount))
    line.append("\n")
    try FileDescriptor.standardOutput.write(line.bytes)
  }
}
