import Inference
import LinuxPlatform
import ModelFormat
import Text

/// Runs a model on every sample of a file: `swiftletd infer` and `swiftlet run`.
package enum InferCommand {
  /// Parses the words behind `command` and does what they say.
  // Compiled here and not into the program that calls it: the Embedded compiler cannot destroy this
  // module's noncopyable types there (Swift 6.3.1, "Metadata pointer requested").
  @export(interface)
  package static func run(
    _ words: inout CommandLineWords, as command: StaticString
  ) throws(CommandFailure) {
    let options = try InferOptions(&words, command)
    guard !options.wantsHelp else {
      try Help.printInfer(command)
      return
    }
    TerminationSignal.install()
    let path = try options.modelPath()
    let file = try mapModel(path)
    try run(options, file, path)
  }

  private static func run(
    _ options: InferOptions, _ file: borrowing MappedFile, _ path: FilePath
  ) throws(CommandFailure) {
    let model = try loadModel(file, path)
    try options.checkCounts(inputs: model.inputCount, outputs: model.outputCount)
    var arena = try allocateArena(for: model, path)
    try run(options, model, &arena, startThreads(options.threadCount), path)
  }

  private static func run(
    _ options: InferOptions, _ model: Model, _ arena: inout MemoryRegion,
    _ threads: borrowing ThreadTeam, _ path: FilePath
  ) throws(CommandFailure) {
    var engine = try makeEngine(model, &arena, threads: threads, path)
    var inputs = try SampleInputs(options, model)
    var outputs = try SampleOutputs(options, model, sampleCount: inputs.sampleCount)
    for sample in 0..<inputs.sampleCount {
      guard !TerminationSignal.isRaised else {
        throw .interrupted {
          $0.append("interrupted before sample ")
          $0.append(sample)
          $0.append(" of ")
          $0.append(inputs.sampleCount)
          $0.append("; no output was written, run it again")
        }
      }
      if options.isIndependent { engine.reset() }
      try inputs.fill(&engine)
      engine.invoke()
      try outputs.write(engine)
    }
    try inputs.finish()
    try outputs.commit()
  }
}

/// The command line of ``InferCommand``.
struct InferOptions {
  private let command: StaticString

  /// No model has more inputs, or more outputs, than this (`Layout.Limits.graphInputs`).
  static let maximumFileCount = 64

  private(set) var isRaw = false
  private(set) var isIndependent = false
  private(set) var threadCount = 1
  private(set) var wantsHelp = false
  private(set) var inputCount = 0
  private(set) var outputCount = 0
  private var model: CommandLineWords.Word?
  private var inputs = InlineArray<64, CommandLineWords.Word?>(repeating: nil)
  private var outputs = InlineArray<64, CommandLineWords.Word?>(repeating: nil)

  init(_ words: inout CommandLineWords, _ command: StaticString) throws(CommandFailure) {
    self.command = command
    while true {
      switch try words.next() {
      case .end:
        return
      case .operand(let word):
        guard model == nil else { throw CommandLineWords.superfluous(word, command) }
        model = word
      case .option(let word):
        if words.isOption(word, "--input") {
          let value = try words.value(of: word, command)
          try Self.add(value, to: &inputs, &inputCount, command)
        } else if words.isOption(word, "--output") {
          let value = try words.value(of: word, command)
          try Self.add(value, to: &outputs, &outputCount, command)
        } else if words.isOption(word, "--threads") {
          threadCount = try words.threadCount(of: word, command)
        } else if words.hasUnusedValue {
          throw CommandLineWords.unknown(word, command)
        } else if words.isOption(word, "--raw") {
          isRaw = true
        } else if words.isOption(word, "--independent") {
          isIndependent = true
        } else if words.isOption(word, "--help") || words.isOption(word, "-h") {
          wantsHelp = true
          return
        } else {
          throw CommandLineWords.unknown(word, command)
        }
      }
    }
  }

  private static func add(
    _ word: CommandLineWords.Word, to words: inout InlineArray<64, CommandLineWords.Word?>,
    _ count: inout Int, _ command: StaticString
  ) throws(CommandFailure) {
    guard count < maximumFileCount else {
      throw .usage(command) { $0.append("more than 64 files of one kind") }
    }
    words[count] = word
    count += 1
  }

  func modelPath() throws(CommandFailure) -> FilePath {
    guard let model else {
      throw .usage(command) { $0.append("the model is missing") }
    }
    return try FilePath(model, command)
  }

  func inputPath(_ index: Int) throws(CommandFailure) -> FilePath {
    guard let word = inputs[index] else { preconditionFailure("counted before") }
    return try FilePath(word, command)
  }

  func outputPath(_ index: Int) throws(CommandFailure) -> FilePath {
    guard let word = outputs[index] else { preconditionFailure("counted before") }
    return try FilePath(word, command)
  }

  /// Each tensor of the graph needs its file.
  func checkCounts(inputs: Int, outputs: Int) throws(CommandFailure) {
    try check(inputCount, inputs, "input")
    try check(outputCount, outputs, "output")
    for index in 0..<outputCount {
      for other in 0..<index {
        guard let word = self.outputs[index], let before = self.outputs[other],
          word.bytes.equals(before.bytes)
        else { continue }
        throw .usage(command) {
          $0.append("two outputs go to ")
          $0.append(visible: word.bytes)
        }
      }
    }
  }

  private func check(
    _ given: Int, _ needed: Int, _ kind: StaticString
  ) throws(CommandFailure) {
    guard given != needed else { return }
    throw .usage(command) {
      $0.append("the model has ")
      $0.append(needed)
      $0.append(" ")
      $0.append(kind)
      $0.append(needed == 1 ? "" : "s")
      $0.append(", --")
      $0.append(kind)
      $0.append(" was given ")
      $0.append(given)
      $0.append(given == 1 ? " time" : " times")
    }
  }
}
