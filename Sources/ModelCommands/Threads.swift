import Inference
import LinuxPlatform

extension Workers {
  /// The threads of a team, which must live as long as the engine that uses them; nil for a team of
  /// one.
  package static func of(_ team: borrowing ThreadTeam) -> Workers? {
    guard team.count > 1 else { return nil }
    return unsafe Workers(
      count: team.count, handle: team.handle,
      run: { handle, body, argument in unsafe ThreadTeam.run(handle, body, argument) },
      meet: { handle in unsafe ThreadTeam.meet(handle) })
  }
}

/// Starts the threads an engine is to run on, the calling one among them.
package func startThreads(_ count: Int) throws(CommandFailure) -> ThreadTeam {
  do throws(PlatformError) {
    return try ThreadTeam(count: count)
  } catch {
    throw CommandFailure(exitCode: CommandFailure.inputOutput) {
      error.describe(into: &$0)
    }
  }
}

extension CommandLineWords {
  /// The value of `--threads`.
  mutating func threadCount(
    of word: Word, _ command: StaticString
  ) throws(CommandFailure) -> Int {
    Int(try number(of: word, atLeast: 1, atMost: Double(ThreadTeam.maximumCount), command))
  }
}
