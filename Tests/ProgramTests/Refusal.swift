import Testing

/// Expects that a program refused its work as it should: the exit code, one line on standard error
/// that begins with `error: ` and has all `fragments`, what to try behind a semicolon, nothing on
/// standard output, and no file besides those that were there.
func expectRefusal(
  _ outcome: Outcome, _ status: Int32, _ fragments: [String], in folder: TemporaryFolder,
  leaving names: [String], sourceLocation: SourceLocation = #_sourceLocation
) {
  let message = outcome.standardError
  #expect(!outcome.wasKilled, "\(message)", sourceLocation: sourceLocation)
  #expect(outcome.status == status, "\(message)", sourceLocation: sourceLocation)
  // What the daemon says beside, with its priority for the service manager; errors have priority 3.
  let lines = message.split(separator: "\n").filter {
    !$0.hasPrefix("swiftletd: ") && !["<4>", "<5>", "<6>"].contains($0.prefix(3))
  }
  #expect(lines.count == 1, "\(message)", sourceLocation: sourceLocation)
  #expect(
    ["error: ", "<3>error: "].contains { lines.last?.hasPrefix($0) == true }, "\(message)",
    sourceLocation: sourceLocation)
  #expect(message.hasSuffix("\n"), sourceLocation: sourceLocation)
  #expect(
    message.contains("; "), "says not what to try: \(message)", sourceLocation: sourceLocation)
  for fragment in fragments {
    #expect(
      message.contains(fragment), "\"\(fragment)\" in: \(message)", sourceLocation: sourceLocation)
  }
  #expect(outcome.standardOutput.isEmpty, sourceLocation: sourceLocation)
  #expect(folder.names == names, sourceLocation: sourceLocation)
}
