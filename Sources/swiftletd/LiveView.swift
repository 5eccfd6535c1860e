import LinuxPlatform
import ModelFormat
import Pipeline
import Text

/// Predictions as a person watches them come, one line each:
///
///       12.0 s  running     0.98  ▇▇▇▇▇▇▇▇▇▇  (412 µs)
struct LiveView {
  private let isShown: Bool
  private let labelWidth: Int
  private static let barWidth = 10

  /// A view on standard output: shown where a person looks, or where it is asked for.
  init(_ model: borrowing Model, isVerbose: Bool) {
    isShown = isVerbose || FileDescriptor.standardOutput.isTerminal
    var width = 8
    for index in 0..<model.labelCount {
      width = max(width, ClassName(index, of: copy model).bytes.characterCount)
    }
    labelWidth = min(width, 40)
  }

  /// Shows one prediction. A viewer that has gone does not stop the work.
  func show(_ prediction: Prediction, latencyMicroseconds: UInt64, model: borrowing Model) {
    guard isShown else { return }
    var line = TextBuffer<512>()
    var time = TextBuffer<32>()
    time.append(prediction.windowEnd, fractionDigits: 1)
    line.append(byte: UInt8(ascii: " "), repeated: 8 - time.count)
    line.append(time.bytes)
    line.append(" s  ")
    var label = TextBuffer<160>()
    label.append(visible: ClassName(prediction.classIndex, of: copy model).bytes)
    line.append(label.bytes, paddedTo: labelWidth)
    line.append("  ")
    line.append(Double(prediction.score), fractionDigits: 2)
    line.append("  ")
    let filled = Int(min(max(prediction.score, 0), 1) * Float(Self.barWidth) + 0.5)
    for position in 0..<Self.barWidth { line.append(position < filled ? "▇" : " ") }
    line.append("  (")
    line.append(latencyMicroseconds)
    line.append(" µs)\n")
    try? FileDescriptor.standardOutput.write(line.bytes)
  }
}
