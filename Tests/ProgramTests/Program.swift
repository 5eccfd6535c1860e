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
    asNobody: Bool = false, environment: [String: String] = [:]
  ) throws -> RunningProgram {
    var words = arguments
    var executable = url
    if asNobody {
      words = ["--reuid=65534", "--regid=65534", "--clear-groups", url.path] + words
      executable = URL(fileURLWithPath: "/usr/bin/setpriv")
    }
    return try RunningProgram(
      executable, words, in: folder.url, input: input, environment: environment)
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

/// A program that has been started; ended by force five minutes after its end is waited for.
final class RunningProgram: Sendable {
  private let process: Process
  private let standardOutput: FileHandle
  private let standardError: FileHandle
  private let ended: Task<Void, Never>

  init(
    _ executable: URL, _ arguments: [String], in folder: URL, input: [UInt8],
    environment: [String: String] = [:]
  ) throws {
    let process = Process()
    standardOutput = try Self.file([])
    standardError = try Self.file([])
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    if !environment.isEmpty {
      process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    }
    process.standardInput = try Self.file(input)
    process.standardOutput = standardOutput
    process.standardError = standardError
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    process.terminationHandler = { _ in continuation.finish() }
    try process.run()
    self.process = process
    ended = Task { for await _ in stream {} }
  }

  /// Sends SIGTERM.
  func terminate() { process.terminate() }

  /// Sends SIGHUP.
  func hangUp() { kill(process.processIdentifier, SIGHUP) }

  /// What it has written to standard error so far.
  func messages() throws -> String {
    // Not through the descriptor: its position is the program's.
    let path = "/proc/self/fd/\(standardError.fileDescriptor)"
    return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
  }

  /// Waits for the end.
  func outcome() async throws -> Outcome {
    let watchdog = Task { [process] in
      try await Task.sleep(for: .seconds(300))
      kill(process.processIdentifier, SIGKILL)
    }
    await ended.value
    watchdog.cancel()
    return Outcome(
      status: process.terminationStatus, wasKilled: process.terminationReason == .uncaughtSignal,
      standardOutput: try Self.contents(of: standardOutput),
      standardError: String(decoding: try Self.contents(of: standardError), as: UTF8.self))
  }

  /// A file without a name, open at its beginning. Unlike a pipe it need not be read while the
  /// program runs, and nothing is left of it afterwards.
  private static func file(_ contents: [UInt8]) throws -> FileHandle {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("swiftlet-stream-\(UUID().uuidString)")
    try Data(contents).write(to: url)
    let handle = try FileHandle(forUpdating: url)
    try FileManager.default.removeItem(at: url)
    return handle
  }

  private static func contents(of file: FileHandle) throws -> [UInt8] {
    try file.seek(toOffset: 0)
    return [UInt8](try file.readToEnd() ?? Data())
  }
}
