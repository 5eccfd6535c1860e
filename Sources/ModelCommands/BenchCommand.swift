import Inference
import Journal
import LinuxPlatform
import ModelFormat
import Pipeline
import Text

/// Measures how long a model takes: `bench` of both programs.
package enum BenchCommand {
  /// Parses the words behind `command` and does what they say.
  // Compiled here and not into the program that calls it: the Embedded compiler cannot destroy this
  // module's noncopyable types there (Swift 6.3.1, "Metadata pointer requested").
  @export(interface)
  package static func run(
    _ words: inout CommandLineWords, as command: StaticString
  ) throws(CommandFailure) {
    let options = try BenchOptions(&words, command)
    guard !options.wantsHelp else {
      try Help.printBench(command)
      return
    }
    let path = try options.modelPath()
    let file = try mapModel(path)
    try run(options, file, path)
  }

  private static func run(
    _ options: BenchOptions, _ file: borrowing MappedFile, _ path: FilePath
  ) throws(CommandFailure) {
    let model = try loadModel(file, path)
    var arena = try allocateArena(for: model, path)
    var input = try allocate(model.inputByteCount, for: path)
    fill(&input)
    var durations = DurationLog(
      try allocate(8 * (options.iterations ?? DurationLog.maximumCount), for: path))
    var profile = try OperatorProfile(for: options.wantsOperators ? model : nil, path)
    let threads = try startThreads(options.threadCount)
    let outcome = try measure(options, model, &arena, input, threads, &durations, &profile, path)
    try report(options, model, durations, profile, outcome, path)
  }

  /// What a measurement found besides durations.
  private struct Outcome {
    /// Of the first run's output.
    var outputHash: UInt32
    var isa: KernelVariant
    var threadCount: Int
    var peak: PeakMeasurement

    /// Multiply-accumulates a nanosecond (GMAC/s) of the fastest run.
    func speed(_ model: Model, _ durations: borrowing DurationLog) -> Double {
      Double(model.multiplyAccumulateCount) / max(1, 1000 * durations.microseconds(at: 0))
    }

    /// Of the fastest run.
    func percentageOfPeak(_ model: Model, _ durations: borrowing DurationLog) -> Double {
      peak.percentage(
        of: model.multiplyAccumulateCount, nanoseconds: 1000 * durations.microseconds(at: 0))
    }
  }

  /// The high bytes of a linear congruential generator (modulus 2³²; W. H. Press et al.,
  /// "Numerical Recipes", section 7.1), the same on every machine.
  private static func fill(_ input: inout MemoryRegion) {
    var state: UInt32 = 12_345
    var bytes = input.mutableBytes
    for offset in 0..<bytes.byteCount {
      state = state &* 1_664_525 &+ 1_013_904_223
      bytes.storeBytes(of: UInt8(state >> 24), toByteOffset: offset, as: UInt8.self)
    }
  }

  /// Runs the model.
  private static func measure(
    _ options: BenchOptions, _ model: Model, _ arena: inout MemoryRegion,
    _ input: borrowing MemoryRegion, _ threads: borrowing ThreadTeam,
    _ durations: inout DurationLog, _ profile: inout OperatorProfile, _ path: FilePath
  ) throws(CommandFailure) -> Outcome {
    var engine = try makeEngine(model, &arena, threads: threads, path)
    let isa = engine.fastestKernel()
    var peak = PeakMeasurement(of: isa, threadCount: engine.threadCount)
    var outputHash = FowlerNollVoHash()
    let end = MonotonicClock.now() + UInt64(options.seconds * 1e9)
    while durations.count < options.iterations ?? DurationLog.maximumCount {
      copy(input, into: &engine)
      let start = MonotonicClock.now()
      engine.invoke()
      let now = MonotonicClock.now()
      durations.append(now - start)
      if durations.count == 1 { hash(engine, into: &outputHash) }
      if options.iterations == nil && now >= end { break }
    }
    if options.wantsOperators {
      for _ in 0..<min(durations.count, OperatorProfile.maximumRunCount) {
        copy(input, into: &engine)
        profile.run(&engine)
      }
      profile.finish(model)
    }
    peak.measure()
    return Outcome(
      outputHash: outputHash.value, isa: isa, threadCount: engine.threadCount, peak: peak)
  }

  private static func copy(_ input: borrowing MemoryRegion, into engine: inout Engine) {
    let source = input.bytes
    var next = 0
    for index in 0..<engine.model.inputCount {
      engine.withInput(index) { tensor in
        let piece = source.extracting(next..<next + tensor.byteCount)
        next += tensor.byteCount
        unsafe piece.withUnsafeBytes { bytes in
          unsafe tensor.withUnsafeMutableBytes { unsafe $0.copyMemory(from: bytes) }
        }
      }
    }
  }

  private static func hash(_ engine: borrowing Engine, into hash: inout FowlerNollVoHash) {
    for index in 0..<engine.model.outputCount {
      let bytes = Span<UInt8>(_bytes: engine.output(index))
      for offset in bytes.indices { hash.combine(bytes[offset]) }
    }
  }

  private static func report(
    _ options: BenchOptions, _ model: Model, _ durations: consuming DurationLog,
    _ profile: borrowing OperatorProfile, _ outcome: Outcome, _ path: FilePath
  ) throws(CommandFailure) {
    durations.sort()
    if options.isJSON {
      try reportJSON(options, model, durations, profile, outcome, path)
    } else {
      try reportText(model, durations, outcome, path)
      if options.wantsOperators { try profile.printTable(of: model, outcome.peak, path) }
    }
  }

  private static func reportJSON(
    _ options: BenchOptions, _ model: Model, _ durations: borrowing DurationLog,
    _ profile: borrowing OperatorProfile, _ outcome: Outcome, _ path: FilePath
  ) throws(CommandFailure) {
    let capacity = 32_768 + OperatorProfile.textByteCount * model.operatorCount
    let memory = try naming(path) { () throws(PlatformError) in
      try MemoryText(capacity: capacity)
    }
    var line = JSONLine(memory)
    line.begin()
    line.field("model", string: path.bytes)
    line.field("isa", string: outcome.isa.name)
    line.field("threads", integer: outcome.threadCount)
    line.field("runs", integer: durations.count)
    line.field("min_us", decimal: durations.microseconds(at: 0), fractionDigits: 3)
    line.field("median_us", decimal: durations.microseconds(at: 0.5), fractionDigits: 3)
    line.field("p99_us", decimal: durations.microseconds(at: 0.99), fractionDigits: 3)
    line.field("macs", integer: model.multiplyAccumulateCount)
    line.field("arena_bytes", integer: model.arenaByteCount)
    var hash = TextBuffer<8>()
    hash.append(hexadecimal: UInt64(outcome.outputHash), digits: 8)
    line.field("output_hash", string: hash.bytes)
    line.field(
      "gmacs_per_s", decimal: outcome.speed(model, durations), fractionDigits: 3)
    line.field("peak_gmacs_per_s", decimal: outcome.peak.speed, fractionDigits: 3)
    line.field(
      "of_peak_percent", decimal: outcome.percentageOfPeak(model, durations), fractionDigits: 3)
    if options.wantsOperators { profile.append(to: &line, of: model, outcome.peak) }
    line.end()
    try StandardOutput.write(line.bytes)
  }

  private static func reportText(
    _ model: Model, _ durations: borrowing DurationLog, _ outcome: Outcome, _ path: FilePath
  ) throws(CommandFailure) {
    var text = TextBuffer<8192>()
    text.append(visible: path.bytes)
    text.append(": ")
    text.append(durations.count)
    text.append(durations.count == 1 ? " run" : " runs")
    text.append(" on ")
    text.append(outcome.threadCount)
    text.append(outcome.threadCount == 1 ? " thread, " : " threads, ")
    text.append(outcome.isa.name)
    text.append(" kernels\n  min ")
    text.append(durations.microseconds(at: 0), fractionDigits: 1)
    text.append(" µs   median ")
    text.append(durations.microseconds(at: 0.5), fractionDigits: 1)
    text.append(" µs   p99 ")
    text.append(durations.microseconds(at: 0.99), fractionDigits: 1)
    text.append(" µs\n  ")
    text.append(model.multiplyAccumulateCount)
    text.append(" MACs at ")
    text.append(outcome.speed(model, durations), fractionDigits: 1)
    text.append(" GMAC/s, ")
    text.append(outcome.percentageOfPeak(model, durations), fractionDigits: 1)
    text.append("% of the measured peak of ")
    text.append(outcome.peak.speed, fractionDigits: 1)
    text.append("\n  arena ")
    text.append(model.arenaByteCount)
    text.append(" bytes   output hash ")
    text.append(hexadecimal: UInt64(outcome.outputHash), digits: 8)
    text.append("\n")
    try StandardOutput.write(text.bytes)
  }
}

/// The command line of ``BenchCommand``.
struct BenchOptions {
  private let command: StaticString

  private(set) var isJSON = false
  private(set) var wantsHelp = false
  private(set) var wantsOperators = false
  /// Exactly so many runs; `nil` where time decides.
  private(set) var iterations: Int?
  private(set) var seconds = 1.0
  private(set) var threadCount = 1
  private var secondsWereGiven = false
  private var model: CommandLineWords.Word?

  init(_ words: inout CommandLineWords, _ command: StaticString) throws(CommandFailure) {
    self.command = command
    while true {
      switch try words.next() {
      case .end:
        guard iterations == nil || !secondsWereGiven else {
          throw .usage(command) { $0.append("--iterations and --seconds exclude each other") }
        }
        return
      case .operand(let word):
        guard model == nil else { throw CommandLineWords.superfluous(word, command) }
        model = word
      case .option(let word):
        try take(word, &words)
        if wantsHelp { return }
      }
    }
  }

  private mutating func take(
    _ word: CommandLineWords.Word, _ words: inout CommandLineWords
  ) throws(CommandFailure) {
    if words.isOption(word, "--iterations") {
      let limit = Double(DurationLog.maximumCount)
      iterations = Int(try words.number(of: word, atLeast: 1, atMost: limit, command))
    } else if words.isOption(word, "--seconds") {
      seconds = try words.number(of: word, atLeast: 0.001, atMost: 86_400, command)
      secondsWereGiven = true
    } else if words.isOption(word, "--threads") {
      threadCount = try words.threadCount(of: word, command)
    } else if words.hasUnusedValue {
      throw CommandLineWords.unknown(word, command)
    } else if words.isOption(word, "--json") {
      isJSON = true
    } else if words.isOption(word, "--operators") {
      wantsOperators = true
    } else if words.isOption(word, "--help") || words.isOption(word, "-h") {
      wantsHelp = true
    } else {
      throw CommandLineWords.unknown(word, command)
    }
  }

  func modelPath() throws(CommandFailure) -> FilePath {
    guard let model else {
      throw .usage(command) { $0.append("the model is missing") }
    }
    return try FilePath(model, command)
  }
}

/// The FNV-1a hash in 32 bits (G. Fowler, L. C. Noll, K.-P. Vo).
struct FowlerNollVoHash {
  private(set) var value: UInt32 = 2_166_136_261

  mutating func combine(_ byte: UInt8) {
    value = (value ^ UInt32(byte)) &* 16_777_619
  }
}
