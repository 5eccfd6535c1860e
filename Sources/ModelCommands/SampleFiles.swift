import Inference
import LinuxPlatform
import ModelFormat
import Text

/// The files of all inputs of a graph, in its order.
struct SampleInputs: ~Copyable {
  /// How many samples each of them holds.
  let sampleCount: Int

  private var files: InlineArray<8, SampleInput?>
  private let count: Int

  init(_ options: InferOptions, _ model: Model) throws(CommandFailure) {
    var common: Int?
    files = try InlineArray<8, SampleInput?> { index throws(CommandFailure) in
      guard index < options.inputCount else { return nil }
      let path = try options.inputPath(index)
      let tensor = model.tensor(model.input(index))
      let file = try SampleInput(path, for: tensor, raw: options.isRaw)
      let first = common ?? file.sampleCount
      common = first
      guard file.sampleCount == first else {
        throw Self.differentCounts(file.sampleCount, first, path)
      }
      return file
    }
    sampleCount = common ?? 0
    count = options.inputCount
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
    for index in 0..<count { try files[index]?.fill(&engine, input: index) }
  }

  /// Checks that each ends with its last sample.
  mutating func finish() throws(CommandFailure) {
    for index in 0..<count { try files[index]?.finish() }
  }
}

/// The files of all outputs of a graph, in its order.
struct SampleOutputs: ~Copyable {
  private var files: InlineArray<8, SampleOutput?>
  private let count: Int

  init(_ options: InferOptions, _ model: Model, sampleCount: Int) throws(CommandFailure) {
    count = options.outputCount
    files = try InlineArray<8, SampleOutput?> { index throws(CommandFailure) in
      guard index < options.outputCount else { return nil }
      return try SampleOutput(
        options.outputPath(index), for: model.tensor(model.output(index)), raw: options.isRaw,
        sampleCount: sampleCount)
    }
  }

  /// Writes the next sample of each.
  mutating func write(_ engine: borrowing Engine) throws(CommandFailure) {
    for index in 0..<count { try files[index]?.write(engine, output: index) }
  }

  /// Makes each appear under its name.
  mutating func commit() throws(CommandFailure) {
    for index in 0..<count {
      var file: SampleOutput?
      swap(&file, &files[index])
      try file?.commit()
    }
  }
}
