import ArgumentParser
import LinuxPlatform
import ModelCommands

// Commands that both programs have are one piece of code, which reads the command line itself: what
// works here works on the board.

/// `swiftlet run`: a batch of samples through a model, with the arithmetic of the board.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a model over NumPy arrays; the bytes are those the board computes.",
    helpNames: [])

  @Argument(parsing: .captureForPassthrough, help: "See `swiftlet run --help`.")
  var words: [String] = []

  func run() throws {
    var words = CommandLineWords(startingAt: 2)
    try InferCommand.run(&words, as: "swiftlet run")
  }
}

/// `swiftlet bench`: how long a model takes.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how long a model takes.", helpNames: [])

  @Argument(parsing: .captureForPassthrough, help: "See `swiftlet bench --help`.")
  var words: [String] = []

  func run() throws {
    var words = CommandLineWords(startingAt: 2)
    try BenchCommand.run(&words, as: "swiftlet bench")
  }
}
