import Inference
import Journal
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// `swiftletd run`: samples in, predictions, decisions and a journal out.
enum RunCommand {
  static let name: StaticString = "swiftletd run"

  static func run(_ words: inout CommandLineWords) throws(CommandFailure) {
    let options = try RunOptions(&words, name)
    guard !options.wantsHelp else {
      try StandardOutput.print(Help.run)
      return
    }
    TerminationSignal.install()
    ReloadSignal.install()
    let preparation = try Preparation(options.configurationPath(name))
    let folder = preparation.settings.log.folder
    try checkSource(preparation)
    let lock = try lock(folder)
    try run(preparation, isVerbose: options.isVerbose)
    unlock(lock)
  }

  /// A recording that does not fit is refused before anything is written.
  private static func checkSource(_ preparation: borrowing Preparation) throws(CommandFailure) {
    guard case .replay(let path, _) = preparation.source else { return }
    let model = try checkedModel(preparation.model, preparation.settings.modelPath)
    _ = try ReplaySource.open(path, model)
  }

  /// Takes the log folder for this process alone. A folder that cannot be had is refused; a disk
  /// that is full or became read-only is not: the journal waits for it, the predictions do not.
  private static func lock(_ folder: FilePath) throws(CommandFailure) -> FolderLock? {
    do throws(PlatformError) {
      try Process.makeFolder(folder)
    } catch {
      guard isPassing(error) else { throw CommandFailure(error, file: folder) }
    }
    do throws(FolderLockError) {
      return try FolderLock(folder)
    } catch {
      if case .platform(let reason) = error, isPassing(reason) {
        LogLine.write(.warning) {
          $0.append(visible: folder.bytes)
          $0.append(" is not locked against a second daemon: ")
          reason.describe(into: &$0)
        }
        return nil
      }
      throw CommandFailure(exitCode: 73, file: folder) { error.describe(into: &$0) }
    }
  }

  private static func isPassing(_ error: PlatformError) -> Bool {
    error.isReadOnly || error.isNoSpace
  }

  private static func unlock(_ lock: consuming FolderLock?) {}

  /// One session after the other, until one ends that is not followed by another.
  private static func run(
    _ first: consuming Preparation, isVerbose: Bool
  ) throws(CommandFailure) {
    var context = try makeContext(first, isVerbose: isVerbose)
    var next: Preparation? = first
    try context.update { context throws(CommandFailure) in
      var failure: CommandFailure?
      while let preparation = next.take() {
        do throws(CommandFailure) {
          next = try session(preparation, &context)
        } catch {
          failure = error
        }
      }
      if let failure {
        context.journal.record(.stop) { $0.field("error", string: failure.message.bytes) }
      }
      context.notifier.stopping()
      context.journal.close()
      if let failure { throw failure }
    }
  }

  private static func session(
    _ preparation: consuming Preparation, _ context: inout DaemonContext
  ) throws(CommandFailure) -> Preparation? {
    let settings = preparation.settings
    let source = preparation.source
    let memory = preparation.model
    var arena = preparation.arena
    var ring = preparation.ring
    let file = preparation.file
    let threads = try startThreads(settings.schedule.threadCount)
    return try session(file, settings, source, memory, &arena, &ring, threads, &context)
  }

  private static func session(
    _ file: consuming ConfigurationFile, _ settings: Settings, _ source: SampleSourceKind,
    _ memory: borrowing MemoryRegion, _ arena: inout MemoryRegion, _ ring: inout MemoryRegion,
    _ threads: borrowing ThreadTeam, _ context: inout DaemonContext
  ) throws(CommandFailure) -> Preparation? {
    let model = try checkedModel(memory, settings.modelPath)
    let engine = try makeEngine(model, &arena, threads: threads, settings.modelPath)
    var pipeline = PredictionPipeline(
      model, engine: engine, policy: settings.window, memory: ring.mutableBytes)
    let sizes = BatchPrediction.byteCounts(for: model, settings)
    var batchArena = try allocate(sizes.arena, for: settings.modelPath)
    var batchMemory = try allocate(sizes.memory, for: settings.modelPath)
    var batch = try BatchPrediction(
      model, settings, arena: batchArena.mutableBytes, memory: batchMemory.mutableBytes)
    try context.openOutlets(settings, model)
    DriftState.restore(&pipeline, from: settings.log.folder)
    context.state.hasDriftAlarm = pipeline.hasDriftAlarm
    Announcement.start(model, settings, source, file.path, &context)
    switch source {
    case .replay(let path, let pace):
      try replay(path, pace, file, settings, model, threads, &pipeline, &batch, &context)
      return nil
    case .sensors:
      return try sense(file, settings, model, threads, &pipeline, &batch, &context)
    }
  }

  // Each kind of session has a function of its own that is never inlined, and so are the steps of the
  // start: what only the others need would lie on the stack, in locked memory, as long as the loop runs.
  // What lasts is placed in memory of its own.

  @inline(never)
  private static func makeContext(
    _ preparation: borrowing Preparation, isVerbose: Bool
  ) throws(CommandFailure) -> Placed<DaemonContext> {
    let file = preparation.file.path
    let log = preparation.settings.log
    return try Placed(for: file) { () throws(CommandFailure) in
      let journal = try JournalService(log, boot: BootIdentifier.current() ?? 0)
      let events = try naming(file) { () throws(PlatformError) in try EventLoop() }
      return DaemonContext(journal, events, isVerbose: isVerbose)
    }
  }

  @inline(never)
  private static func replay(
    _ path: FilePath, _ pace: ReplayPace, _ file: consuming ConfigurationFile,
    _ settings: Settings, _ model: borrowing Model, _ threads: borrowing ThreadTeam,
    _ pipeline: inout PredictionPipeline, _ batch: inout BatchPrediction,
    _ context: inout DaemonContext
  ) throws(CommandFailure) {
    var session = try makeReplay(
      path, pace, file, settings, model, isVerbose: context.isVerbose)
    try applySchedule(settings.schedule, threads)
    try session.update { session throws(CommandFailure) in
      try session.run(model, &pipeline, &batch, &context)
      Announcement.stop(&context, settings) { session.appendSummary(to: &$0, model) }
    }
  }

  @inline(never)
  private static func makeReplay(
    _ path: FilePath, _ pace: ReplayPace, _ file: consuming ConfigurationFile,
    _ settings: Settings, _ model: borrowing Model, isVerbose: Bool
  ) throws(CommandFailure) -> Placed<ReplaySession> {
    var file: ConfigurationFile? = file
    return try Placed(for: path) { () throws(CommandFailure) in
      guard let file = file.take() else { preconditionFailure("made once") }
      return try ReplaySession(
        model, file, settings, recording: path, pace: pace, isVerbose: isVerbose)
    }
  }

  @inline(never)
  private static func sense(
    _ file: consuming ConfigurationFile, _ settings: Settings, _ model: borrowing Model,
    _ threads: borrowing ThreadTeam, _ pipeline: inout PredictionPipeline,
    _ batch: inout BatchPrediction,
    _ context: inout DaemonContext
  ) throws(CommandFailure) -> Preparation? {
    var session = try makeSession(file, settings, model, isVerbose: context.isVerbose)
    try applySchedule(settings.schedule, threads)
    return try session.update { session throws(CommandFailure) -> Preparation? in
      switch try session.run(model, &pipeline, &batch, &context) {
      case .reload(let next):
        return next
      case .stop:
        session.recordHealth(&context)
        Announcement.stop(&context, settings) { session.appendCounts(to: &$0, model) }
        return nil
      }
    }
  }

  @inline(never)
  private static func makeSession(
    _ file: consuming ConfigurationFile, _ settings: Settings, _ model: borrowing Model,
    isVerbose: Bool
  ) throws(CommandFailure) -> Placed<SensorSession> {
    var file: ConfigurationFile? = file
    return try Placed(for: settings.modelPath) { () throws(CommandFailure) in
      guard let file = file.take() else { preconditionFailure("made once") }
      return try SensorSession(model, file, settings, isVerbose: isVerbose)
    }
  }

  /// Memory and priority. Locking memory is tried unless it is forbidden, and demanded where the
  /// configuration says so.
  private static func applySchedule(
    _ settings: ScheduleSettings, _ threads: borrowing ThreadTeam
  ) throws(CommandFailure) {
    var isLocked = false
    if settings.locksMemory != false {
      do throws(PlatformError) {
        try Process.lockMemory()
        isLocked = true
      } catch {
        guard settings.locksMemory == nil else {
          throw CommandFailure(exitCode: CommandFailure.inputOutput) {
            $0.append("[schedule] lock-memory: ")
            error.describe(into: &$0)
            $0.append("; raise LimitMEMLOCK= of the unit, or write lock-memory = no")
          }
        }
      }
    }
    // The start went deeper than the loop will, and locking brought all of that back.
    Process.releaseStack()
    if isLocked { Process.prefaultStack() }
    guard let priority = settings.priority else { return }
    do throws(PlatformError) {
      try Process.setRealTimePriority(priority)
      try threads.adoptPriority()
    } catch {
      throw CommandFailure(exitCode: CommandFailure.inputOutput) {
        $0.append("[schedule] priority: ")
        error.describe(into: &$0)
        $0.append("; raise LimitRTPRIO= of the unit, or remove the key")
      }
    }
  }
}

/// The command line of `swiftletd run` and `swiftletd check`.
struct RunOptions {
  private(set) var isVerbose = false
  private(set) var wantsHelp = false
  private var configuration: CommandLineWords.Word?

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
        } else if words.hasUnusedValue {
          throw CommandLineWords.unknown(word, command)
        } else if words.isOption(word, "--verbose") {
          isVerbose = true
        } else if words.isOption(word, "--help") || words.isOption(word, "-h") {
          wantsHelp = true
          return
        } else {
          throw CommandLineWords.unknown(word, command)
        }
      }
    }
  }

  func configurationPath(_ command: StaticString) throws(CommandFailure) -> FilePath {
    guard let configuration else {
      throw .usage(command) { $0.append("--config FILE is missing") }
    }
    return try FilePath(configuration, command)
  }
}
