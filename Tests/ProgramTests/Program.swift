import Foundation

/// One of the built programs, run as a user runs it.
enum Program: String, Sendable, CaseIterable {
  case swiftlet, swiftletd

  /// The folder that holds the programs, which is that of the tests.
  static let folder: URL = {
    let tests = URL(fileURLWithPath: CommandLine.arguments.first ?? ".")
    let candidates = [
      Bundle.main.bundleURL, Bundle.main.bundleURL.deletingLastPathComponent(),
      tests.deletingLastPathComponent(), Bundle.module.bundleURL.deletingLastPathComponent(),
    ]
    let found = candidates.first {
      FileManager.default.isExecutableFile(atPath: $0.appendingPathComponent("swiftletd").path)
    }
    return found ?? candidates[0]
  }()

  var url: URL { Self.folder.appendingPathComponent(rawValue) }

  /// Runs the program to its end.
  func run(
    _ arguments: String..., in folder: TemporaryFolder, input: [UInt8] = [],
    asNobody: Bool = false
  ) async throws -> Outcome {
    try await start(arguments, in: folder, input: input, asNobody: asNobody).outcome()
  }

  /// Runs the program to its end.
  func run(_ arguments: [String], in folder: TemporaryFolder) async throws -> Outcome {
    try await start(arguments, in: folder).outcome()
  }

  /// Starts the program and returns while it runs.
  func start(
    _ arguments: [String], in folder: TemporaryFolder, input: [UInt8] = [],
    asNobody: Bool = false
  ) throws -> RunningProgram {
    var words = arguments
    var executable = url
    if asNobody {
      words = ["--reuid=65534", "--regid=65534", "--clear-groups", url.path] + words
      executable = URL(fileURLWithPath: "/usr/bin/setpriv")
    }
    return try RunningProgram(executable, words, in: folder.url, input: input)
  }
}

/// What a program left behind.
struct Outcome: Sendable {
  let status: Int32
  /// True where a signal ended it.
  let wasKilled: Bool
  let standardOutput: [UInt8]
  let standardError: String

  var text: String { String(decoding: standardOutput, as: UTF8.self) }
}

/// A program that has been started; ended by force after a minute.
final class RunningProgram: Sendable {
  private let process: Process
  private let standardOutput: URL
  private let standardError: URL
  private let ended: Task<Void, Never>

  init(_ executable: URL, _ arguments: [String], in folder: URL, input: [UInt8]) throws {
    let process = Process()
    let scratch = FileManager.default.temporaryDirectory
    // Files instead of pipes: nothing has to be read while the program runs.
    func file(_ contents: [UInt8]) throws -> URL {
      let url = scratch.appendingPathComponent("swiftlet-stream-\(UUID().uuidString)")
      try Data(contents).write(to: url)
      return url
    }
    standardOutput = try file([])
    standardError = try file([])
    let standardInput = try file(input)
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.standardInput = try FileHandle(forReadingFrom: standardInput)
    process.standardOutput = try FileHandle(forWritingTo: standardOutput)
    process.standardError = try FileHandle(forWritingTo: standardError)
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    try FileManager.default.removeItem(at: standardInput)
    self.process = process
    ended = Task { for await _ in stream {} }
  }

  /// Sends SIGTERM.
  func terminate() { process.terminate() }

  /// Waits for the end.
  func outcome() async throws -> Outcome {
    let watchdog = Task { [process] in
      try await Task.sleep(for: .seconds(60))
      kill(process.processIdentifier, SIGKILL)
    }
    await ended.value
    watchdog.cancel()
    let output = [UInt8](try Data(contentsOf: standardOutput))
    let error = String(decoding: try Data(contentsOf: standardError), as: UTF8.self)
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      standardOutput: output, standardError: error)
  }

  deinit {
    for url in [standardOutput, standardError] { try? FileManager.default.removeItem(at: url) }
  }
}
