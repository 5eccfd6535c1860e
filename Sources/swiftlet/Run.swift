import ArgumentParser
import Conversion
import Inference
import Interchange
import ModelFormat

/// `swiftlet run`: a batch of samples through a model, with the arithmetic of the board.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model over NumPy arrays; the bytes are those the board computes.",
    usage: """
      swiftlet run <model> --input <input> ... --output <output> ...
             [--raw] [--independent]
      """,
    discussion: """
      The leading dimension of every array is the number of samples. Give --input once for every \
      graph input and --output once for every graph output, in the model's order. Streaming state \
      survives from one sample to the next. The file - is standard input or output.
      """)

  @Argument(help: "The model (.swl).", completion: .file(extensions: ["swl"]))
  var model: String

  @Option(name: .shortAndLong, help: "Samples for a graph input (.npy).")
  var input: [String] = []

  @Option(name: .shortAndLong, help: "The file to write a graph output to (.npy).")
  var output: [String] = []

  @Flag(help: "Read and write the model's own integers; without it values are real numbers.")
  var raw = false

  @Flag(help: "Reset streaming state before every sample.")
  var independent = false

  func run() throws {
    let bytes = try Files.read(model)
    var results: [[UInt8]] = []
    try withEngine(bytes, file: model) { engine in
      try checkCount(of: input, is: engine.model.inputCount, "input")
      try checkCount(of: output, is: engine.model.outputCount, "output")
      results = try infer(&engine, try input.map(NumpyArray.init(reading:)))
    }
    for (path, bytes) in zip(output, results) { try Files.write(bytes, to: path) }
  }

  /// Refuses too few or too many files, and one name for two of them.
  private func checkCount(of paths: [String], is needed: Int, _ kind: String) throws {
    guard paths.count == needed else {
      throw Failure(
        "\(model): the model has \(needed) \(kind)\(needed == 1 ? "" : "s"), --\(kind) was given "
          + "\(paths.count) time\(paths.count == 1 ? "" : "s"); give one .npy for each",
        exitCode: Failure.badUsage)
    }
    guard kind == "output",
      let again = paths.indices.first(where: { paths[..<$0].contains(paths[$0]) })
    else { return }
    throw Failure(
      "\(paths[again]): the name is given for two outputs; give each a file of its own",
      exitCode: Failure.badUsage)
  }

  /// Runs every sample; returns one .npy file a graph output.
  private func infer(_ engine: inout Engine, _ arrays: [NumpyArray]) throws -> [[UInt8]] {
    let inputs = try borders(engine.model, inputs: true)
    let outputs = try borders(engine.model, inputs: false)
    for (border, array) in zip(inputs, arrays) { try border.check(array, raw: raw) }
    let count = arrays.first?.sampleCount ?? 1
    for array in arrays where array.sampleCount != count {
      throw Failure(
        "\(array.path): \(array.sampleCount) samples, but \(arrays[0].path) has \(count); "
          + "give all inputs the same number of samples")
    }
    var results = try outputs.map { try $0.header(sampleCount: count, raw: raw) }
    for sample in 0..<count {
      if independent { engine.reset() }
      for (position, border) in inputs.enumerated() {
        let bytes = border.bytes(of: arrays[position], sample: sample, raw: raw)
        engine.withInput(position) { memory in
          for index in bytes.indices {
            memory.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self)
          }
        }
      }
      engine.invoke()
      for (position, border) in outputs.enumerated() {
        let span = engine.output(position)
        let bytes = span.withUnsafeBytes { [UInt8]($0) }
        results[position] += border.exported(bytes, raw: raw)
      }
    }
    return results
  }

  private func borders(_ model: borrowing Model, inputs: Bool) throws -> [SampleBorder] {
    var result: [SampleBorder] = []
    for position in 0..<(inputs ? model.inputCount : model.outputCount) {
      let index = inputs ? model.input(position) : model.output(position)
      result.append(SampleBorder(TensorSummary(index, of: model), model.tensor(index)))
    }
    return result
  }
}
