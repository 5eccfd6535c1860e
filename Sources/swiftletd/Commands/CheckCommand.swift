import Hardware
import LinuxPlatform
import ModelCommands
import ModelFormat
import Sensors
import Text

/// `swiftletd check`: whether `run` would work, without starting anything.
enum CheckCommand {
  static let name: StaticString = "swiftletd check"

  static func run(_ words: inout CommandLineWords) throws(CommandFailure) {
    let options = try RunOptions(&words, name)
    guard !options.wantsHelp else {
      try StandardOutput.print(Help.check)
      return
    }
    var list = CheckList()
    let path = try options.configurationPath(name)
    do throws(CommandFailure) {
      try check(Preparation(path), path, &list)
    } catch {
      // Nothing after it can be judged.
      list.problem("configuration", exitCode: error.exitCode) {
        $0.append(error.message.bytes)
      }
    }
    guard let exitCode = list.exitCode else { return }
    Process.exit(exitCode)
  }

  private static func check(
    _ preparation: borrowing Preparation, _ path: FilePath, _ list: inout CheckList
  ) throws(CommandFailure) {
    list.ok("configuration") { $0.append(visible: path.bytes) }
    let model = try checkedModel(preparation.model, preparation.settings.modelPath)
    check(model, preparation.settings.modelPath, &list)
    check(preparation.settings.log.folder, &list)
    check(preparation.settings.schedule, &list)
    switch preparation.source {
    case .replay(let path, _): check(recording: path, model, &list)
    case .sensors: try check(sensors: preparation.file, model, &list)
    }
    for index in 0..<preparation.file.count(.output) {
      guard let section = preparation.file.index(.output, index) else { continue }
      check(output: section, preparation.file, &list)
    }
  }

  private static func check(_ model: borrowing Model, _ path: FilePath, _ list: inout CheckList) {
    list.ok("model") {
      $0.append(visible: path.bytes)
      guard let contract = model.contract else { return }
      $0.append(": ")
      $0.append(contract.channelCount)
      $0.append(contract.channelCount == 1 ? " channel at " : " channels at ")
      $0.append(Double(contract.rateMillihertz) / 1000, fractionDigits: 3)
      $0.append(" Hz, all of them there, in their units")
    }
  }

  // MARK: The log

  private static func check(_ folder: FilePath, _ list: inout CheckList) {
    guard FileSystem.exists(folder) else {
      list.ok("log") {
        $0.append(visible: folder.bytes)
        $0.append(" is not there yet; `run` makes it, if it may")
      }
      return
    }
    do throws(FolderLockError) {
      release(try FolderLock(folder))
    } catch {
      if case .held(let process) = error {
        list.ok("log") {
          $0.append(visible: folder.bytes)
          $0.append(" is in use by a running daemon")
          guard let process else { return }
          $0.append(" (process ")
          $0.append(process)
          $0.append(")")
        }
      } else {
        list.problem("log", exitCode: 73) {
          $0.append(visible: folder.bytes)
          $0.append(": ")
          error.describe(into: &$0)
        }
      }
      return
    }
    list.ok("log") {
      $0.append(visible: folder.bytes)
      guard let free = try? FileSystem.freeByteCount(folder) else { return }
      $0.append(", ")
      $0.append(free / 1_048_576)
      $0.append(" MiB free")
    }
  }

  private static func release(_ lock: consuming FolderLock) {}

  // MARK: Scheduling

  private static func check(_ settings: ScheduleSettings, _ list: inout CheckList) {
    if settings.locksMemory == true {
      do throws(PlatformError) {
        try Process.lockMemory()
        list.ok("lock-memory") { $0.append("allowed") }
      } catch {
        list.problem("lock-memory", exitCode: CommandFailure.inputOutput) {
          error.describe(into: &$0)
          $0.append("; raise LimitMEMLOCK= of the unit")
        }
      }
    }
    check(threads: settings.threadCount, &list)
    guard let priority = settings.priority else { return }
    do throws(PlatformError) {
      try Process.setRealTimePriority(priority)
      list.ok("priority") { $0.append("allowed") }
    } catch {
      list.problem("priority", exitCode: CommandFailure.inputOutput) {
        error.describe(into: &$0)
        $0.append("; raise LimitRTPRIO= of the unit")
      }
    }
  }

  /// More threads than processors wait for each other, and at a real-time priority keep them busy
  /// with it.
  private static func check(threads count: Int, _ list: inout CheckList) {
    guard count > 1 else { return }
    let processors = Process.usableProcessorCount
    func describe(_ message: inout CommandFailure.Message) {
      message.append(count)
      message.append(" on ")
      message.append(processors)
      message.append(processors == 1 ? " processor" : " processors")
    }
    guard count > processors else {
      list.ok("threads", describe)
      return
    }
    list.problem("threads", exitCode: CommandFailure.badData) {
      describe(&$0)
      $0.append("; write at most threads = ")
      $0.append(processors)
      $0.append(" in [schedule]")
    }
  }

  // MARK: Samples

  private static func check(
    recording path: FilePath, _ model: borrowing Model, _ list: inout CheckList
  ) {
    do throws(CommandFailure) {
      _ = try ReplaySource.open(path, model)
      list.ok("recording") { $0.append(visible: path.bytes) }
    } catch {
      list.problem("recording", exitCode: error.exitCode) { $0.append(error.message.bytes) }
    }
  }

  private static func check(
    sensors file: borrowing ConfigurationFile, _ model: borrowing Model, _ list: inout CheckList
  ) throws(CommandFailure) {
    guard let contract = model.contract else { return }
    let setups = try SensorSetups(file, contractRate: contract.rateMillihertz)
    for index in 0..<setups.count {
      let setup = setups[index]
      var subject = TextBuffer<64>()
      subject.append("sensor ")
      subject.append(visible: file.name(ofSection: setup.section))
      switch setup.kind {
      case .i2c: checkDevice(setup, subject, file, &list)
      case .file: checkFile(setup, subject, file, &list)
      case .level, .counter, .frequency: checkLine(setup.section, "line", subject, file, &list)
      case .echo:
        checkLine(setup.section, "line", subject, file, &list)
        checkLine(setup.section, "trigger-line", subject, file, &list)
      }
    }
  }

  private static func checkDevice(
    _ setup: SensorSetup, _ subject: TextBuffer<64>, _ file: borrowing ConfigurationFile,
    _ list: inout CheckList
  ) {
    guard let entry = file.entry("bus", inSection: setup.section),
      let path = try? file.path(entry), let address = setup.address
    else { return }
    let result = outcome { () throws(BusError) in
      var bus = try I2CAdapter(path)
      return try bus.probe(address)
    }
    switch result {
    case .success(.answers):
      list.ok(subject) { Self.append(path, address, " answers", to: &$0) }
    case .success(.silent):
      list.problem(subject, exitCode: CommandFailure.inputOutput) {
        Self.append(path, address, ": ", to: &$0)
        BusError(.noAcknowledge).describe(into: &$0)
      }
    case .success(.usedByKernel):
      list.problem(subject, exitCode: CommandFailure.inputOutput) {
        Self.append(path, address, ": ", to: &$0)
        BusError(.busy).describe(into: &$0)
      }
    case .failure(let error):
      list.problem(subject, exitCode: CommandFailure.inputOutput) {
        Self.append(path, address, ": ", to: &$0)
        error.describe(into: &$0)
      }
    }
  }

  private static func append(
    _ path: FilePath, _ address: I2CAddress, _ rest: StaticString,
    to sink: inout some TextSink & ~Copyable
  ) {
    sink.append(visible: path.bytes)
    sink.append(" address ")
    address.append(to: &sink)
    sink.append(rest)
  }

  private static func checkFile(
    _ setup: SensorSetup, _ subject: TextBuffer<64>, _ file: borrowing ConfigurationFile,
    _ list: inout CheckList
  ) {
    guard let entry = file.entry("path", inSection: setup.section),
      let path = try? file.path(entry), let driver = setup.kernelFile
    else { return }
    let result = outcome { () throws(SensorError) in
      var source = KernelFileSource(path)
      var reading = Reading()
      return try driver.read(from: &source, into: &reading)
    }
    switch result {
    case .success: list.ok(subject) { $0.append(visible: path.bytes) }
    case .failure(let error):
      list.problem(subject, exitCode: CommandFailure.inputOutput) {
        $0.append(visible: path.bytes)
        $0.append(": ")
        error.describe(into: &$0)
      }
    }
  }

  // MARK: Lines

  private static func check(
    output section: Int, _ file: borrowing ConfigurationFile, _ list: inout CheckList
  ) {
    var subject = TextBuffer<64>()
    subject.append("output ")
    subject.append(visible: file.name(ofSection: section))
    checkLine(section, "line", subject, file, &list)
  }

  /// A line is looked at and not requested: that would drive an output, and take it from a daemon
  /// that runs.
  private static func checkLine(
    _ section: Int, _ key: StaticString, _ subject: TextBuffer<64>,
    _ file: borrowing ConfigurationFile, _ list: inout CheckList
  ) {
    do throws(GPIOError) {
      let line = try GPIOLine.find(LineSettings.choice(file, section, "chip", key))
      let info = try Self.information(line)
      list.ok(subject) {
        line.append(to: &$0)
        guard info.isUsed else { return }
        $0.append(", in use by ")
        $0.append(visible: info.consumer.bytes)
      }
    } catch {
      list.problem(subject, exitCode: CommandFailure.inputOutput) { error.describe(into: &$0) }
    }
  }

  private static func information(_ line: GPIOLine) throws(GPIOError) -> GPIOLineInfo {
    try GPIOChip(number: line.chipNumber).line(line.offset)
  }
}

/// One line an item: `ok       sensor room      /dev/i2c-1 address 0x76 answers`.
struct CheckList {
  /// The exit status of the first problem.
  private(set) var exitCode: Int32?

  mutating func ok(_ subject: StaticString, _ describe: (inout CommandFailure.Message) -> Void) {
    write("ok       ", subject.withUTF8Span { TextBuffer<64>($0) }, describe)
  }

  mutating func ok(
    _ subject: TextBuffer<64>, _ describe: (inout CommandFailure.Message) -> Void
  ) {
    write("ok       ", subject, describe)
  }

  mutating func problem(
    _ subject: StaticString, exitCode: Int32,
    _ describe: (inout CommandFailure.Message) -> Void
  ) {
    problem(subject.withUTF8Span { TextBuffer<64>($0) }, exitCode: exitCode, describe)
  }

  mutating func problem(
    _ subject: TextBuffer<64>, exitCode: Int32, _ describe: (inout CommandFailure.Message) -> Void
  ) {
    self.exitCode = self.exitCode ?? exitCode
    write("problem  ", subject, describe)
  }

  private func write(
    _ verdict: StaticString, _ subject: TextBuffer<64>,
    _ describe: (inout CommandFailure.Message) -> Void
  ) {
    var line = CommandFailure.Message()
    line.append(verdict)
    line.append(subject.bytes, paddedTo: 14)
    line.append("  ")
    describe(&line)
    line.append("\n")
    try? FileDescriptor.standardOutput.write(line.bytes)
  }
}
