import Testing

@Suite("Command lines")
struct CommandLineTests {
  /// A command and a sentence of its help.
  struct Help: Sendable, CustomTestStringConvertible {
    let program: Program
    let words: [String]
    let purpose: String

    var testDescription: String { ([program.rawValue] + words).joined(separator: " ") }
  }

  static let helps = [
    Help(program: .swiftlet, words: ["--help"], purpose: "int8 models"),
    Help(program: .swiftlet, words: ["convert", "--help"], purpose: ".tflite model to a .swl"),
    Help(program: .swiftlet, words: ["inspect", "--help"], purpose: "Show tensors, operators"),
    Help(program: .swiftlet, words: ["run", "--help"], purpose: "every sample of a file"),
    Help(program: .swiftlet, words: ["bench", "--help"], purpose: "how long the model"),
    Help(program: .swiftlet, words: ["ops", "--help"], purpose: "List the operators"),
    Help(program: .swiftletd, words: ["--help"], purpose: "Runs int8 models"),
    Help(program: .swiftletd, words: ["infer", "--help"], purpose: "every sample of a file"),
    Help(program: .swiftletd, words: ["bench", "--help"], purpose: "how long the model takes"),
    Help(program: .swiftletd, words: ["run", "--help"], purpose: "keeps a journal"),
    Help(program: .swiftletd, words: ["check", "--help"], purpose: "would work"),
    Help(program: .swiftletd, words: ["probe", "--help"], purpose: "GPIO chips"),
    Help(program: .swiftletd, words: ["record", "--help"], purpose: "labelled samples"),
  ]

  @Test("Help says what a command does and fits a terminal of 80 × 40", arguments: helps)
  func help(_ help: Help) async throws {
    let outcome = try await help.program.run(help.words, in: try TemporaryFolder())
    #expect(outcome.status == 0 && outcome.standardError.isEmpty)
    #expect(outcome.text.lowercased().contains(help.purpose.lowercased()), "\(outcome.text)")
    let lines = outcome.text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 40, "\(lines.count) lines")
    for line in lines { #expect(line.count <= 80, "\(line.count) columns: \(line)") }
  }

  @Test("Each program tells its version", arguments: Program.allCases)
  func version(_ program: Program) async throws {
    let outcome = try await program.run("--version", in: try TemporaryFolder())
    #expect(outcome.status == 0)
    #expect(outcome.text.hasPrefix("\(program.rawValue) ") && outcome.text.hasSuffix("\n"))
  }

  @Test(
    "A command line that means nothing is a usage error",
    arguments: [
      (Program.swiftlet, []), (.swiftlet, ["frob"]), (.swiftlet, ["--frob"]),
      (.swiftlet, ["convert"]), (.swiftlet, ["convert", "m.tflite"]),
      (.swiftlet, ["convert", "m.tflite", "-o", "m.swl", "--frob"]),
      (.swiftlet, ["inspect"]), (.swiftlet, ["inspect", "model.swl", "--frob"]),
      (.swiftlet, ["inspect", "model.swl", "another.swl"]), (.swiftlet, ["ops", "ADD"]),
      (.swiftlet, ["bench"]), (.swiftlet, ["bench", "model.swl", "--iterations", "x"]),
      (.swiftlet, ["run"]), (.swiftlet, ["run", "model.swl", "--input"]),
      (.swiftletd, []), (.swiftletd, ["frob"]), (.swiftletd, ["--frob"]),
      (.swiftletd, ["infer"]), (.swiftletd, ["infer", "model.swl", "--frob"]),
      (.swiftletd, ["infer", "model.swl", "--raw=yes"]),
      (.swiftletd, ["infer", "model.swl", "--input"]),
      (.swiftletd, ["bench", "model.swl", "--iterations", "0"]),
      (.swiftletd, ["bench", "model.swl", "--seconds", "nan"]),
      (.swiftletd, ["bench", "model.swl", "--iterations", "3", "--seconds", "1"]),
      (.swiftletd, ["run"]), (.swiftletd, ["run", "now"]), (.swiftletd, ["run", "--config"]),
      (.swiftletd, ["check"]), (.swiftletd, ["probe", "now"]), (.swiftletd, ["probe", "--frob"]),
      (.swiftletd, ["record"]), (.swiftletd, ["record", "--duration", "0"]),
    ])
  func usage(_ program: Program, _ words: [String]) async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await program.run(words, in: folder)
    #expect(outcome.status == 64, "\(outcome.standardError)")
    #expect(outcome.standardOutput.isEmpty)
    #expect(outcome.standardError.hasPrefix("error: "), "\(outcome.standardError)")
    #expect(outcome.standardError.contains("help"), "\(outcome.standardError)")
    #expect(folder.names == ["model.swl"])
  }
}
