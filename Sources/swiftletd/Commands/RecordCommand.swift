import Acquisition
import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Sensors
import Text

/// `swiftletd record`: labelled samples for training, as `run` would take them.
enum RecordCommand {
  static let name: StaticString = "swiftletd record"

  static func run(_ words: inout CommandLineWords) throws(CommandFailure) {
    let options = try RecordOptions(&words, name)
    guard !options.wantsHelp else {
      try StandardOutput.print(Help.record)
      return
    }
    TerminationSignal.install()
    let preparation = try Preparation(options.configurationPath(name))
    guard case .sensors = preparation.source else {
      throw CommandFailure(exitCode: CommandFailure.badData, file: preparation.file.path) {
        $0.append("a replay is a recording already; configure sensors to record from")
      }
    }
    try record(preparation, options)
  }

  private static func record(
    _ preparation: consuming Preparation, _ options: borrowing RecordOptions
  ) throws(CommandFailure) {
    let settings = preparation.settings
    let memory = preparation.model
    let file = preparation.file
    try record(file, settings.modelPath, memory, options)
  }

  private static func record(
    _ file: consuming ConfigurationFile, _ modelPath: FilePath, _ memory: borrowing MemoryRegion,
    _ options: borrowing RecordOptions
  ) throws(CommandFailure) {
    let model = try checkedModel(memory, modelPath)
    let path = try options.outputPath(name)
    let description = try naming(path) { () throws(PlatformError) in
      var suffix = TextBuffer<8>()
      suffix.append(".json")
      return try path.appending(suffix: suffix.bytes)
    }
    var recorder = try Recorder(model, file, path)
    try recorder.run(model, nanoseconds: options.nanoseconds)
    try recorder.finish()
    try recorder.describe(model, modelPath, label: options.label(name), to: description)
    recorder.summarize(path)
  }
}

/// The loop of `swiftletd record`.
struct Recorder: ~Copyable {
  private var acquisition: Acquisition
  private var bank: DeviceBank
  private let binding: ChannelBinding
  private let path: FilePath
  /// What the loop waits for: deadlines, signals, and lines whose changes must not overflow the
  /// kernel's queue between two readings.
  private var events: EventLoop
  private var output: AtomicFile?
  private var buffer: MemoryText
  private let began: RecordStamp
  private var firstTime: Double?
  private var lastTime = 0.0
  private var written: UInt64 = 0
  private var incomplete: UInt64 = 0
  private var missed: UInt64 = 0
  private var suspect: UInt64 = 0

  /// Bytes collected before they are written.
  private static let bufferByteCount = 65_536
  private static let lineByteCount = 4_096

  init(
    _ model: borrowing Model, _ file: consuming ConfigurationFile, _ path: FilePath
  ) throws(CommandFailure) {
    guard let contract = model.contract else { preconditionFailure("checked before") }
    let output = try naming(path) { () throws(PlatformError) in try AtomicFile(path) }
    let buffer = try naming(path) { () throws(PlatformError) in
      try MemoryText(capacity: Self.bufferByteCount)
    }
    let events = try naming(path) { () throws(PlatformError) in try EventLoop() }
    let setups = try SensorSetups(file, contractRate: contract.rateMillihertz)
    let binding = try ChannelBinding(file, model, setups)
    acquisition = setups.acquisition(contract, binding, origin: MonotonicClock.now())
    bank = DeviceBank(file, setups)
    self.binding = binding
    self.path = path
    self.events = events
    self.output = consume output
    self.buffer = buffer
    began = Clock.stamp(boot: BootIdentifier.current() ?? 0)
  }

  /// Records until the time is over or a signal comes.
  mutating func run(_ model: borrowing Model, nanoseconds: UInt64?) throws(CommandFailure) {
    RecordingText.appendHeader(model, to: &buffer)
    var sample = Sample()
    var end: UInt64?
    while !TerminationSignal.isRaised {
      try wait(until: acquisition.nextDeadline)
      guard !TerminationSignal.isRaised else { return }
      acquisition.service(&bank)
      while let line = bank.takeUnwatched() {
        // Without it the line is looked at when its reading is due.
        try? events.add(line.descriptor, token: UInt32(line.sensor))
      }
      tellEvents()
      let due = acquisition.nextSample
      switch acquisition.assemble(into: &sample, at: MonotonicClock.now()) {
      case .notDue: continue
      case .sample: break
      case .sampleAfterGap(let skipped): missed += skipped
      }
      if end == nil, let nanoseconds { end = due + nanoseconds }
      if let end, due >= end { return }
      try take(sample)
    }
  }

  private mutating func wait(until deadline: UInt64) throws(CommandFailure) {
    do throws(PlatformError) {
      let wake = try events.wait(until: deadline)
      for index in 0..<wake.readyCount { bank.collect(Int(events.ready(index).token)) }
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  /// A sample that lacks a reading is left out: training data has no made-up numbers.
  private mutating func take(_ sample: borrowing Sample) throws(CommandFailure) {
    var isSuspect = false
    for channel in 0..<acquisition.channelCount {
      guard !sample[quality: channel].isMissing else {
        incomplete += 1
        return
      }
      if sample[quality: channel].isSuspect { isSuspect = true }
    }
    if isSuspect { suspect += 1 }
    let time = sample.time
    let first = firstTime ?? time
    firstTime = first
    lastTime = time - first
    RecordingText.appendTime(lastTime, to: &buffer)
    for channel in 0..<acquisition.channelCount {
      RecordingText.appendReading(sample[channel], to: &buffer)
    }
    buffer.append("\n")
    written += 1
    if buffer.count > Self.bufferByteCount - Self.lineByteCount { try flush() }
  }

  private mutating func flush() throws(CommandFailure) {
    do throws(PlatformError) {
      try write()
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  private mutating func write() throws(PlatformError) {
    guard let file = output.take() else { return }
    try file.write(buffer.bytes)
    output = consume file
    buffer.removeAll()
  }

  /// Makes the recording complete under its name.
  mutating func finish() throws(CommandFailure) {
    try flush()
    guard let file = output.take() else { return }
    do throws(PlatformError) {
      try file.commit()
    } catch {
      throw CommandFailure(error, file: path)
    }
  }

  private mutating func tellEvents() {
    for index in 0..<acquisition.sensorCount {
      guard let event = acquisition.takeEvent(index) else { continue }
      var text = TextBuffer<2048>()
      text.append("swiftletd: sensor ")
      bank.appendName(index, to: &text)
      switch event {
      case .failed(let error, _):
        text.append(": ")
        bank.describe(error, of: index, into: &text)
      case .recovered(let missing):
        text.append(" answers again, ")
        text.append(missing)
        text.append(" readings are missing")
      }
      text.append("\n")
      StandardError.write(text.bytes)
    }
  }

  /// Writes what is needed to use the recording years later.
  mutating func describe(
    _ model: borrowing Model, _ modelPath: FilePath, label: CommandLineWords.Word,
    to path: FilePath
  ) throws(CommandFailure) {
    guard let contract = model.contract else { return }
    let text = try naming(path) { () throws(PlatformError) in try MemoryText(capacity: 65_536) }
    var line = JSONLine(text)
    line.begin()
    line.field("label", string: label.bytes)
    line.field(
      "rate_hz", decimal: Double(contract.rateMillihertz) / 1000, fractionDigits: 3)
    line.field("samples", integer: written)
    line.field("duration_s", decimal: lastTime, fractionDigits: 3)
    line.key("lost")
    line.beginObject()
    line.field("incomplete_samples", integer: incomplete)
    line.field("missed_deadlines", integer: missed)
    line.endObject()
    line.field("suspect_samples", integer: suspect)
    line.field(
      "began", timestamp: Timestamp(nanosecondsSinceEpoch: began.wallNanoseconds))
    line.field("mono_ns", integer: began.monotonicNanoseconds)
    line.key("boot")
    var boot = TextBuffer<8>()
    boot.append(hexadecimal: UInt64(began.bootIdentifier), digits: 8)
    line.string(boot.bytes)
    line.field("synced", boolean: began.isSynchronized)
    line.field("program", string: "swiftletd")
    line.field("version", string: Announcement.version)
    line.field("model", string: modelPath.bytes)
    line.key("channels")
    line.beginArray()
    for index in 0..<contract.channelCount { describe(index, model, to: &line) }
    line.endArray()
    HealthRecord.write(acquisition, &bank, to: &line)
    line.end()
    guard !line.overflowed else {
      throw CommandFailure(exitCode: CommandFailure.internalError, file: path) {
        $0.append("the description is too long; use shorter names")
      }
    }
    try naming(path) { () throws(PlatformError) in
      let file = try AtomicFile(path)
      try file.write(line.bytes)
      try file.commit()
    }
  }

  private mutating func describe(
    _ index: Int, _ model: borrowing Model, to line: inout JSONLine<MemoryText>
  ) {
    let channel = model.channel(index)
    let source = binding.channels[index]
    line.beginObject()
    line.field("name", string: Span(_bytes: model.text(channel.name)))
    line.field("unit", string: Span(_bytes: model.text(channel.unit)))
    var sensor = TextBuffer<64>()
    bank.appendName(source.sensor, to: &sensor)
    line.field("sensor", string: sensor.bytes)
    line.field("quantity", integer: source.quantity)
    let calibration = source.calibration
    line.field("unit_scale", decimal: calibration.unitScale, fractionDigits: 9)
    line.field("unit_offset", decimal: calibration.unitOffset, fractionDigits: 9)
    line.field("gain", decimal: calibration.gain, fractionDigits: 9)
    line.field("offset", decimal: calibration.offset, fractionDigits: 9)
    line.field("median", integer: calibration.medianLength)
    line.endObject()
  }

  /// Says on standard error what was recorded.
  func summarize(_ path: FilePath) {
    var text = TextBuffer<5120>()
    text.append("swiftletd: ")
    text.append(written)
    text.append(" samples in ")
    text.append(lastTime, fractionDigits: 1)
    text.append(" s, ")
    text.append(incomplete + missed)
    text.append(" lost, in ")
    text.append(visible: path.bytes)
    text.append("\n")
    StandardError.write(text.bytes)
  }
}

/// The command line of `swiftletd record`.
struct RecordOptions {
  private(set) var wantsHelp = false
  /// How long to record; `nil` until a signal.
  private(set) var nanoseconds: UInt64?
  private var configuration: CommandLineWords.Word?
  private var labelWord: CommandLineWords.Word?
  private var output: CommandLineWords.Word?

  init(_ words: inout CommandLineWords, _ command: StaticString) throws(CommandFailure) {
    while true {
      switch try words.next() {
      case .end:
        return
      case .operand(let word):
        throw CommandLineWords.superfluous(word, command)
      case .option(let word):
        if words.isOption(word, "--config") {
          configuration = try words.value(of: word, command)
        } else if words.isOption(word, "--label") {
          labelWord = try words.value(of: word, command)
        } else if words.isOption(word, "--output") || words.isOption(word, "-o") {
          output = try words.value(of: word, command)
        } else if words.isOption(word, "--duration") {
          let seconds = try words.number(of: word, atLeast: 0.001, atMost: 31_536_000, command)
          nanoseconds = UInt64(seconds * 1e9)
        } else if !words.hasUnusedValue,
          words.isOption(word, "--help") || words.isOption(word, "-h")
        {
          wantsHelp = true
          return
        } else {
          throw CommandLineWords.unknown(word, command)
        }
      }
    }
  }

  func configurationPath(_ command: StaticString) throws(CommandFailure) -> FilePath {
    try path(configuration, "--config FILE", command)
  }

  func outputPath(_ command: StaticString) throws(CommandFailure) -> FilePath {
    try path(output, "--output FILE.csv", command)
  }

  func label(_ command: StaticString) throws(CommandFailure) -> CommandLineWords.Word {
    guard let labelWord else {
      throw .usage(command) { $0.append("--label NAME is missing") }
    }
    return labelWord
  }

  private func path(
    _ word: CommandLineWords.Word?, _ option: StaticString, _ command: StaticString
  ) throws(CommandFailure) -> FilePath {
    guard let word else {
      throw .usage(command) {
        $0.append(option)
        $0.append(" is missing")
      }
    }
    return try FilePath(word, command)
  }
}
