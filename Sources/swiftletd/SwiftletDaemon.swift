import LinuxPlatform
import ModelCommands
import Text

/// The program that runs on the board.
@main
struct SwiftletDaemon {
  static func main() {
    do {
      try run()
    } catch {
      // The service manager takes the priority off again.
      if error.exitCode != CommandFailure.badUsage, CommandLineArguments.count > 1,
        CommandLineArguments.bytes(1).equals("run")
      {
        LogLine.writePriority(.error)
      }
      error.print()
      Process.exit(error.exitCode)
    }
    Process.exit(0)
  }

  private static func run() throws(CommandFailure) {
    guard CommandLineArguments.count > 1 else {
      throw .usage("swiftletd") { $0.append("a command is missing") }
    }
    let command = CommandLineArguments.bytes(1)
    var words = CommandLineWords(startingAt: 2)
    if command.equals("infer") {
      try InferCommand.run(&words, as: "swiftletd infer")
    } else if command.equals("bench") {
      try BenchCommand.run(&words, as: "swiftletd bench")
    } else if command.equals("run") {
      try RunCommand.run(&words)
    } else if command.equals("check") {
      try CheckCommand.run(&words)
    } else if command.equals("probe") {
      try ProbeCommand.run(&words)
    } else if command.equals("record") {
      try RecordCommand.run(&words)
    } else if command.equals("--help") || command.equals("-h") || command.equals("help") {
      try StandardOutput.print(Help.program)
    } else if command.equals("--version") {
      try StandardOutput.print("swiftletd 0.1.0\n")
    } else {
      throw .usage("swiftletd") {
        $0.append("no command \"")
        $0.append(visible: CommandLineArguments.bytes(1))
        $0.append("\"")
      }
    }
  }
}
