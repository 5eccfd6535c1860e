import Inference
import LinuxPlatform
import ModelFormat
import Text

/// The files of all inputs of a graph, in its order.
struct SampleInputs: ~Copyable {
  /// How many samples each of them holds.
  let sampleCount: Int

  private var files: MappedArray<SampleInput>

  init(_ options: InferOptions, _ model: Model) throws(CommandFailure) {
    var files: MappedArray<SampleInput> = try room(for: options.inputCount, options)
    var common: Int?
    for index in 0..<options.inputCount {
      let path = try options.inputPath(index)
      let file = try SampleInput(path, for: model.tensor(model.input(index)), raw: options.isRaw)
      let first = common ?? file.sampleCount
      common = first
      guard file.sampleCount == first else {
        throw Self.differentCounts(file.sampleCount, first, path)
      }
      files.append(file)
    }
    sampleCount = common ?? 0
    self.files = files
  }

  private static func differentCounts(
    _ found: Int, _ expected: Int, _ path: FilePath
  ) -> CommandFailure {
    CommandFailure(exitCode: CommandFailure.badData, file: path) {
      $0.append("header: ")
      $0.append(found)
      $0.append(" samples where the first input has ")
      $0.append(expected)
      $0.append("; give files of the same number of samples")
    }
  }

  /// Reads the next sample of each.
  mutating func fill(_ engine: inout Engine) throws(CommandFailure) {
    for index in 0..<files.count {
      try files.update(index) { file throws(CommandFailure) in
        try file.fill(&engine, input: index)
      }
    }
  }

  /// Checks that each ends with its last sample.
  mutating func finish() throws(CommandFailure) {
    for index in 0..<files.count {
      try files.update(index) { file throws(CommandFailure) in try file.finish() }
    }
  }
}

/// The files of all outputs of a graph, in its order.
struct SampleOutputs: ~Copyable {
  private var files: MappedArray<SampleOutput>

  init(_ options: InferOptions, _ model: Model, sampleCount: Int) throws(CommandFailure) {
    var files: MappedArray<SampleOutput> = try room(for: options.outputCount, options)
    for index in 0..<options.outputCount {
      files.append(
        try SampleOutput(
          options.outputPath(index), for: model.tensor(model.output(index)), raw: options.isRaw,
          sampleCount: sampleCount))
    }
    self.files = files
  }

  /// Writes the next sample of each.
  mutating func write(_ engine: borrowing Engine) throws(CommandFailure) {
    for index in 0..<files.count {
      try files.update(index) { file throws(CommandFailure) in
        try file.write(engine, output: index)
      }
    }
  }

  /// Makes each appear under its name.
  mutating func commit() throws(CommandFailure) {
    while files.count > 0 { try files.removeLast().commit() }
  }
}

/// Room for `count` files of `options`, its failure in words.
private func room<File: ~Copyable>(
  for count: Int, _ options: InferOptions
) throws(CommandFailure) -> MappedArray<File> {
  let path = try options.modelPath()
  return try naming(path) { () throws(PlatformError) in try MappedArray<File>(capacity: count) }
}
