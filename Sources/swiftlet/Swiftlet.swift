import ArgumentParser
import LinuxPlatform
import ModelCommands

/// The workstation program: converts, inspects and runs models.
@main
struct Swiftlet: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "swiftlet",
    abstract: "Small int8 models for small ARM Linux boards.",
    discussion: """
      Convert a trained model once, copy the one .swl file to the board, and get the same bytes \
      there as here. The program that runs on the board is swiftletd.
      """,
    version: "swiftlet \(swiftletVersion)",
    subcommands: [
      Convert.self, Features.self, BaselineCommand.self, Inspect.self, Run.self, Bench.self,
      Ops.self, Log.self, ReportCommand.self,
    ])

  /// Parses and runs, and turns every failure into a message on standard error and an exit code.
  static func main() {
    do {
      var command = try parseAsRoot()
      if command is Self {
        Failure("a command is missing\n\n\(helpMessage())", exitCode: Failure.badUsage)
          .printAndExit()
      }
      try command.run()
    } catch let failure as Failure {
      failure.printAndExit()
    } catch let failure as CommandFailure {
      failure.print()
      Process.exit(failure.exitCode)
    } catch {
      let code = exitCode(for: error).rawValue
      // Help and version, asked for, arrive as errors as well.
      guard code != 0 else { exit(withError: error) }
      let text = fullMessage(for: error)
      let prefix = "Error: "
      Failure(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text, exitCode: code)
        .printAndExit()
    }
  }
}

/// The version of this program, as `--version` prints it and models record it.
let swiftletVersion = "0.1.0"
