import Inference
import LinuxPlatform
import ModelCommands
import ModelFormat
import Pipeline
import Text

/// `swiftletd run`: predicts from a stream of samples and keeps a log.
enum RunCommand {
  static func run(_ words: inout CommandLineWords) throws(CommandFailure) {
    let options = try RunOptions(&words)
    guard !options.wantsHelp else {
      try StandardOutput.print(Help.run)
      return
    }
    TerminationSignal.install()
    let configuration = try Configuration(options.configurationPath())
    let file = try mapModel(configuration.modelPath)
    try run(configuration, file, isVerbose: options.isVerbose)
  }

  private static func run(
    _ configuration: Configuration, _ file: borrowing MappedFile, isVerbose: Bool
  ) throws(CommandFailure) {
    let path = configuration.modelPath
    let model = try loadModel(file, path)
    do throws(PipelineModelError) {
      try PipelineModelError.check(model)
    } catch {
      throw CommandFailure(error, file: path)
    }
    var arena = try allocateArena(for: model, path)
    var ring = try allocate(PredictionPipeline.ringByteCount(for: model), for: path)
    try run(configuration, model, &arena, &ring, isVerbose: isVerbose)
  }

  private static func run(
    _ configuration: Configuration, _ model: Model, _ arena: inout MemoryRegion,
    _ ring: inout MemoryRegion, isVerbose: Bool
  ) throws(CommandFailure) {
    var replay = Replay(
      model,
      recording: try ReplaySource.open(configuration.recordingPath, model),
      log: try PredictionLog(folder: configuration.logFolder, model: model),
      counts: try ClassCounts(model),
      configuration: configuration, view: LiveView(model, isVerbose: isVerbose))
    let engine = try makeEngine(model, &arena, configuration.modelPath)
    var pipeline = PredictionPipeline(model, engine: engine, ring: ring.mutableBytes)
    replay.announce()
    try replay.run(&pipeline)
    replay.summarize()
  }
}

/// The command line of `swiftletd run`.
struct RunOptions {
  static let command: StaticString = "swiftletd run"

  private(set) var isVerbose = false
  private(set) var wantsHelp = false
  private var configuration: CommandLineWords.Word?

  init(_ words: inout CommandLineWords) throws(CommandFailure) {
    while true {
      switch try words.next() {
      case .end:
        return
      case .operand(let word):
        throw CommandLineWords.superfluous(word, Self.command)
      case .option(let word):
        if words.isOption(word, "--config") {
          configuration = try words.value(of: word, Self.command)
        } else if words.hasUnusedValue {
          throw CommandLineWords.unknown(word, Self.command)
        } else if words.isOption(word, "--verbose") {
          isVerbose = true
        } else if words.isOption(word, "--help") || words.isOption(word, "-h") {
          wantsHelp = true
          return
        } else {
          throw CommandLineWords.unknown(word, Self.command)
        }
      }
    }
  }

  func configurationPath() throws(CommandFailure) -> FilePath {
    guard let configuration else {
      throw .usage(Self.command) { $0.append("--config FILE is missing") }
    }
    return try FilePath(configuration, Self.command)
  }
}
