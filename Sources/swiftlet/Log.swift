import ArgumentParser

/// `swiftlet log`: the journal of a board, on the workstation.
struct Log: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check and read the journal of a board.",
    discussion: "FOLDER is /var/lib/swiftlet/log of the board, or a copy of it.",
    subcommands: [LogVerify.self, LogCat.self])

  /// Exit code where there is no journal.
  static let noInput: Int32 = 66
}
