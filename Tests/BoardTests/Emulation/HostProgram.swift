import Foundation

/// A program on this machine, run to its end.
enum HostProgram {
  struct Outcome {
    let status: Int32
    let output: String
  }

  /// Runs `name` from the PATH, /sbin included, and returns what it printed on both streams.
  static func run(_ name: String, _ arguments: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["PATH": path + ":/usr/sbin:/sbin"], uniquingKeysWith: { $1 })
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    try? pipe.fileHandleForWriting.close()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
  }

  /// Runs `name`; throws with what it printed where its exit status is not among `allowed`.
  @discardableResult
  static func succeed(
    _ name: String, _ arguments: [String], allowed: Set<Int32> = [0]
  ) throws -> String {
    let outcome = try run(name, arguments)
    guard allowed.contains(outcome.status) else {
      throw BoardFailure(
        "\(name) \(arguments.joined(separator: " ")): exit status \(outcome.status)\n\(outcome.output)"
      )
    }
    return outcome.output
  }

  /// The workstation program: beside the tests, where `swift build` puts it, or in `SWIFTLET`.
  static let swiftlet: String = {
    if let path = ProcessInfo.processInfo.environment["SWIFTLET"] { return path }
    let tests = URL(fileURLWithPath: CommandLine.arguments.first ?? ".")
    let candidates = [
      Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
      tests.deletingLastPathComponent(),
    ]
    let paths = candidates.map { $0.appendingPathComponent("swiftlet").path }
    return paths.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "swiftlet"
  }()
}
