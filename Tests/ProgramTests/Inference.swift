import Testing

/// The two commands that run a model over files: on the workstation and on the board.
enum Inference: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case run, infer

  var testDescription: String { "\(program.rawValue) \(rawValue)" }

  var program: Program { self == .run ? .swiftlet : .swiftletd }

  /// The command line for a model, its inputs and its outputs.
  func words(
    model: String = "model.swl", _ inputs: [String], _ outputs: [String], _ flags: [String] = []
  ) -> [String] {
    [rawValue, model] + inputs.flatMap { ["--input", $0] } + outputs.flatMap { ["--output", $0] }
      + flags
  }

  /// Runs a model with one input and one output.
  func run(
    _ input: String, _ output: String, _ flags: [String] = [], in folder: TemporaryFolder,
    standardInput: [UInt8] = [], asNobody: Bool = false
  ) async throws -> Outcome {
    try await program.start(
      words([input], [output], flags), in: folder, input: standardInput, asNobody: asNobody
    ).outcome()
  }
}
