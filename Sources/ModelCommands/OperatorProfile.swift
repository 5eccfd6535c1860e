import Inference
import Journal
import LinuxPlatform
import ModelFormat
import Text

/// How long each operator of a model takes, in many runs.
///
/// Every operator is timed alone, in the order of execution, so that caches are as warm as in a
/// whole run; the clock itself costs some 30 ns a measurement. Operators of a group are timed together,
/// at the last of them.
struct OperatorProfile: ~Copyable {
  /// Runs after the measurement of the whole model.
  static let maximumRunCount = 10_000
  /// Room for one operator in a report.
  static let textByteCount = 320

  /// Of each operator, `maximumRunCount` durations.
  private var durations: DurationLog
  /// Of each operator, the kernel.
  private var kernels: MemoryRegion
  private var runCount = 0

  /// - Parameter model: Nil where nothing will be measured.
  init(for model: Model?, _ path: FilePath) throws(CommandFailure) {
    let count = model?.operatorCount ?? 0
    let memory = try allocate(8 * Self.maximumRunCount * count, for: path)
    kernels = try allocate(count, for: path)
    durations = DurationLog(memory)
  }

  /// Runs the model once, operator by operator.
  mutating func run(_ engine: inout Engine) {
    for index in 0..<engine.model.operatorCount {
      if runCount == 0 { store(engine.kernel(of: index), at: index) }
      guard !Self.runsLater(index, engine.model) else { continue }
      let start = MonotonicClock.now()
      engine.execute(index)
      let elapsed = MonotonicClock.now() - start
      durations.store(elapsed, at: index * Self.maximumRunCount + runCount)
    }
    runCount += 1
  }

  /// Makes the report possible; nothing may run after it.
  mutating func finish(_ model: Model) {
    for index in 0..<model.operatorCount { durations.sort(runs(of: index)) }
  }

  /// Prints one line an operator.
  borrowing func printTable(
    of model: Model, _ peak: PeakMeasurement, _ path: FilePath
  ) throws(CommandFailure) {
    var text = try naming(path) { () throws(PlatformError) in
      try MemoryText(capacity: Self.textByteCount * (model.operatorCount + 1))
    }
    text.append("\n    #  operator                kernel          min µs    median       p99")
    text.append("   share        MACs  GMAC/s  of peak\n")
    let total = total(of: model)
    for index in 0..<model.operatorCount {
      let macs = Self.multiplyAccumulateCount(ofOperator: index, model)
      let nanoseconds = max(1, 1000 * microseconds(index, at: 0))
      text.appendRight(width: 5) { $0.append(index) }
      text.append("  ")
      text.appendLeft(width: 24) { $0.append(model.operator(index).kind.name) }
      text.appendLeft(width: 12) { $0.append(kernel(of: index).name) }
      if let last = model.bandGroup(containing: index)?.lastOperator, last != index {
        text.append("  in bands with ")
        text.append(last)
        text.append("\n")
        continue
      }
      let (median, p99) = (microseconds(index, at: 0.5), microseconds(index, at: 0.99))
      text.appendRight(width: 10) { $0.append(nanoseconds / 1000, fractionDigits: 2) }
      text.appendRight(width: 10) { $0.append(median, fractionDigits: 2) }
      text.appendRight(width: 10) { $0.append(p99, fractionDigits: 2) }
      text.appendRight(width: 7) { $0.append(100 * nanoseconds / total, fractionDigits: 1) }
      text.append("%")
      guard macs > 0 else {
        text.append("\n")
        continue
      }
      text.appendRight(width: 12) { $0.append(macs) }
      text.appendRight(width: 8) { $0.append(Double(macs) / nanoseconds, fractionDigits: 2) }
      let percentage = peak.percentage(of: macs, nanoseconds: nanoseconds)
      text.appendRight(width: 8) { $0.append(percentage, fractionDigits: 1) }
      text.append("%\n")
    }
    try StandardOutput.write(text.bytes)
  }

  /// Adds the array `operators` to a line of JSON.
  borrowing func append(
    to line: inout JSONLine<MemoryText>, of model: Model, _ peak: PeakMeasurement
  ) {
    line.key("operators")
    line.beginArray()
    for index in 0..<model.operatorCount {
      line.beginObject()
      line.field("index", integer: index)
      line.field("kind", string: model.operator(index).kind.name)
      line.field("isa", string: kernel(of: index).name)
      if let last = model.bandGroup(containing: index)?.lastOperator {
        line.field("group_end", integer: last)
      }
      let least = microseconds(index, at: 0)
      line.field("min_us", decimal: least, fractionDigits: 3)
      line.field("median_us", decimal: microseconds(index, at: 0.5), fractionDigits: 3)
      line.field("p99_us", decimal: microseconds(index, at: 0.99), fractionDigits: 3)
      let macs = Self.multiplyAccumulateCount(ofOperator: index, model)
      line.field("macs", integer: macs)
      let nanoseconds = max(1, 1000 * least)
      line.field("gmacs_per_s", decimal: Double(macs) / nanoseconds, fractionDigits: 3)
      let percentage = peak.percentage(of: macs, nanoseconds: nanoseconds)
      line.field("of_peak_percent", decimal: percentage, fractionDigits: 3)
      line.endObject()
    }
    line.endArray()
  }

  /// Whether an operator runs when the last of its group does.
  private static func runsLater(_ index: Int, _ model: Model) -> Bool {
    guard let group = model.bandGroup(containing: index) else { return false }
    return index < group.lastOperator
  }

  /// The multiplications that are done when operator `index` is timed.
  private static func multiplyAccumulateCount(ofOperator index: Int, _ model: Model) -> Int64 {
    guard !runsLater(index, model) else { return 0 }
    var total: Int64 = 0
    for member in model.bandGroup(containing: index)?.operators ?? index..<index + 1 {
      total += model.multiplyAccumulateCount(ofOperator: member)
    }
    return total
  }

  private borrowing func total(of model: Model) -> Double {
    var total = 0.0
    for index in 0..<model.operatorCount { total += 1000 * microseconds(index, at: 0) }
    return max(1, total)
  }

  /// Where the durations of an operator are.
  private borrowing func runs(of index: Int) -> Range<Int> {
    let start = index * Self.maximumRunCount
    return start..<start + runCount
  }

  /// The time that a part of an operator's runs does not exceed.
  private borrowing func microseconds(_ index: Int, at part: Double) -> Double {
    durations.microseconds(at: part, of: runs(of: index))
  }

  private borrowing func kernel(of index: Int) -> KernelVariant {
    // In bounds, as the load checks, and every bit pattern is a value.
    let rawValue = unsafe kernels.bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    return KernelVariant(rawValue: rawValue) ?? .portable
  }

  private mutating func store(_ kernel: KernelVariant, at index: Int) {
    var bytes = kernels.mutableBytes
    bytes.storeBytes(of: kernel.rawValue, toByteOffset: index, as: UInt8.self)
  }
}

extension MemoryText {
  /// Appends what `describe` writes, with spaces in front of it up to `width` characters.
  fileprivate mutating func appendRight(
    width: Int, _ describe: (inout TextBuffer<32>) -> Void
  ) {
    var cell = TextBuffer<32>()
    describe(&cell)
    append(byte: UInt8(ascii: " "), repeated: width - cell.count)
    append(cell.bytes)
  }

  /// Appends what `describe` writes, with spaces behind it up to `width` characters.
  fileprivate mutating func appendLeft(
    width: Int, _ describe: (inout TextBuffer<32>) -> Void
  ) {
    var cell = TextBuffer<32>()
    describe(&cell)
    append(cell.bytes, paddedTo: width)
  }
}
