import Foundation
import Testing

/// The files the emulated boards are made of, fetched by `scripts/boards`, and the programs built
/// for them by `scripts/cross-build`.
///
/// Tests never download. They run where `SWIFTLET_BOARDS` names the folder `scripts/boards` made,
/// and are reported as skipped where it does not (`scripts/test emulated` sets it).
enum BoardFiles {
  /// The folder made by `scripts/boards`, or nil where it is not there.
  static let folder: URL? = {
    guard let path = ProcessInfo.processInfo.environment["SWIFTLET_BOARDS"],
      FileManager.default.fileExists(atPath: path + "/.stamp")
    else { return nil }
    return URL(fileURLWithPath: path)
  }()

  static var areAvailable: Bool { folder != nil }

  /// Why tests on boards were skipped.
  static let howToGetThem: Comment =
    "no emulated boards: run scripts/test emulated, which fetches them, or set SWIFTLET_BOARDS"

  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// `path` inside the folder.
  static func url(_ path: String) throws -> URL {
    guard let folder else { throw BoardFailure("\(howToGetThem)") }
    return folder.appendingPathComponent(path)
  }

  /// The static program for a board's processor; `SWIFTLET_BOARD_PROGRAM_<ARCH>` names another.
  static func daemon(for processor: Processor) throws -> URL {
    let environment = ProcessInfo.processInfo.environment
    let name = processor.crossBuildName
    let cross =
      environment["SWIFTLET_CROSS"].map { URL(fileURLWithPath: $0) }
      ?? package.appendingPathComponent(".build/cross")
    let program =
      environment["SWIFTLET_BOARD_PROGRAM_\(name.uppercased())"].map { URL(fileURLWithPath: $0) }
      ?? cross.appendingPathComponent("bin/\(name)/swiftletd")
    guard FileManager.default.isReadableFile(atPath: program.path) else {
      throw BoardFailure(
        "\(program.path): no such program; build it with scripts/cross-build \(name)")
    }
    return program
  }

  /// The device build of the program for this machine: static, as on a board.
  static var nativeDaemon: URL {
    let environment = ProcessInfo.processInfo.environment
    let cross =
      environment["SWIFTLET_CROSS"].map { URL(fileURLWithPath: $0) }
      ?? package.appendingPathComponent(".build/cross")
    return cross.appendingPathComponent("bin/x86_64/swiftletd")
  }

  /// Where the libraries lie that came with the emulator.
  static func libraryPath() throws -> String {
    let fileManager = FileManager.default
    return try ["qemu/usr/lib", "qemu/lib"].flatMap { path -> [String] in
      let folder = try url(path)
      let names = (try? fileManager.contentsOfDirectory(atPath: folder.path)) ?? []
      return names.filter { $0.hasSuffix("-linux-gnu") }.map { folder.path + "/" + $0 }
    }.joined(separator: ":")
  }
}

/// What went wrong with a board, with the end of what it said.
struct BoardFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
