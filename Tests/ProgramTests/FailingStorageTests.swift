import Foundation
import Testing

@Suite("Full disks and missing permissions")
struct FailingStorageTests {
  // MARK: - No space

  @Test("A device without space is an output error", arguments: Inference.allCases)
  func fullDevice(_ inference: Inference) async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await inference.run(
      Sample.path("golden-inputs.npy"), "/dev/full", ["--raw"], in: folder)
    expectRefusal(
      outcome, 74, ["/dev/full: cannot write", "ENOSPC", "free some space"], in: folder,
      leaving: ["model.swl"])
  }

  @Test("A converted model that does not fit on the device is an output error")
  func fullDeviceConvert() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.swiftlet.run(
      "convert", Sample.path("imu-activity.tflite"), "-o", "/dev/full", in: folder)
    expectRefusal(outcome, 74, ["/dev/full: cannot write", "ENOSPC"], in: folder, leaving: [])
  }

  @Test(
    "On a full disk nothing is left behind, and the log keeps whole lines",
    .enabled("needs the right to mount a file system of 8 KiB") { try await SmallDisk.canBeMade })
  func fullDisk() async throws {
    let folder = try await Sample.workingFolder()
    // 3,000 results of four bytes: more than the disk holds.
    let samples = NumpyFile(Array(repeating: Int8(1), count: 3000 * 240), shape: [3000, 40, 1, 6])
    try folder.write(samples.bytes, to: "x.npy")
    try folder.write(
      RecordingTests.configuration
        .replacing("path = recording.csv", with: "path = \(Sample.path("recording.csv"))")
        .replacing("folder = log", with: "folder = disk/log\nfree-space = 0"),
      to: "swiftletd.conf")
    let names = (folder.names + ["disk"]).sorted()
    try await SmallDisk.with(in: folder, named: "disk") { disk in
      let convert = try await Program.swiftlet.run(
        "convert", Sample.path("imu-activity.tflite"), "-o", "disk/m.swl", in: folder)
      expectRefusal(convert, 74, ["disk/m.swl: ", "ENOSPC"], in: folder, leaving: names)
      for inference in Inference.allCases {
        let outcome = try await inference.run("x.npy", "disk/y.npy", ["--raw"], in: folder)
        expectRefusal(outcome, 74, ["disk/y.npy: ", "ENOSPC"], in: folder, leaving: names)
      }
      #expect(disk.names == [])
      // A full disk costs records and no predictions.
      let run = try await Program.swiftletd.run("run", "--config", "swiftletd.conf", in: folder)
      #expect(run.status == 0, "\(run.standardError)")
      #expect(run.standardError.contains("77 predictions from 800 samples"))
      #expect(run.standardError.contains("<4>journal cannot write (disk-full)"))
      let log = try DaemonLog(folder, "disk/log", mayBeTorn: true)
      #expect(log.records.map { $0["seq"] as? Int } == (1..<log.records.count + 1).map { $0 })
    }
  }

  // MARK: - No permission

  @Test(
    "Files that may not be read are no input, folders that may not be written cannot be used",
    .enabled("needs a user without root's rights who can run the programs") {
      try await Unprivileged.isPossible
    })
  func permissions() async throws {
    let folder = try await Sample.workingFolder()
    try folder.setPermissions(0o755)
    try folder.write(Sample.bytes("golden-inputs.npy"), to: "x.npy")
    try folder.write(Sample.bytes("imu-activity.tflite"), to: "m.tflite")
    try folder.write("", to: "no.conf")
    for name in ["hidden.swl", "hidden.npy", "no.conf"] {
      if name != "no.conf" { try folder.write("secret", to: name) }
      try folder.setPermissions(0o000, of: name)
    }
    if !Unprivileged.isNeeded { try folder.setPermissions(0o555) }
    let names = folder.names
    let refusals: [(Program, [String], Int32, String)] = [
      (.swiftlet, ["convert", "hidden.npy", "-o", "m.swl"], 66, "hidden.npy: cannot open"),
      (.swiftlet, ["inspect", "hidden.swl"], 66, "hidden.swl: cannot open"),
      (.swiftlet, Inference.run.words(["hidden.npy"], ["y.npy"]), 66, "hidden.npy: cannot open"),
      (.swiftletd, Inference.infer.words(["hidden.npy"], ["y.npy"]), 66, "hidden.npy: cannot open"),
      (.swiftletd, ["bench", "hidden.swl"], 66, "hidden.swl: cannot open"),
      (.swiftletd, ["run", "--config", "no.conf"], 66, "no.conf: cannot open"),
      (.swiftlet, ["convert", "m.tflite", "-o", "m.swl"], 73, "m.swl: cannot create"),
      (.swiftlet, Inference.run.words(["x.npy"], ["y.npy"], ["--raw"]), 73, "y.npy: cannot create"),
      (
        .swiftletd, Inference.infer.words(["x.npy"], ["y.npy"], ["--raw"]), 73,
        "y.npy: cannot create"
      ),
    ]
    for (program, words, status, fragment) in refusals {
      let outcome = try await program.start(
        words, in: folder, asNobody: Unprivileged.isNeeded
      ).outcome()
      expectRefusal(outcome, status, [fragment, "EACCES"], in: folder, leaving: names)
    }
    try folder.setPermissions(0o755)
  }
}

/// A file system of 8 KiB that lives in memory.
private struct SmallDisk {
  private let url: URL

  var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? [] }

  /// Mounts it at `name` in a folder as long as `body` runs.
  static func with(
    in folder: TemporaryFolder, named name: String, _ body: (SmallDisk) async throws -> Void
  ) async throws {
    try folder.makeFolder(name)
    let disk = SmallDisk(url: folder.url.appendingPathComponent(name))
    let path = disk.url.path
    try await run("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=8k", "tmpfs", path], in: folder)
    do {
      try await body(disk)
    } catch {
      try await run("/usr/bin/umount", [path], in: folder)
      throw error
    }
    try await run("/usr/bin/umount", [path], in: folder)
  }

  private static func run(
    _ program: String, _ arguments: [String], in folder: TemporaryFolder
  ) async throws {
    let outcome = try await RunningProgram(
      URL(fileURLWithPath: program), arguments, in: folder.url, input: []
    ).outcome()
    guard outcome.status == 0 else { throw UnexpectedRefusal(message: outcome.standardError) }
  }

  /// Whether this machine lets the tests make one.
  static var canBeMade: Bool {
    get async throws {
      do {
        try await with(in: try TemporaryFolder(), named: "disk") { _ in }
        return true
      } catch {
        return false
      }
    }
  }
}

/// A user whom permissions stop.
private enum Unprivileged {
  /// Whether the tests run as root, whom nothing stops.
  static var isNeeded: Bool { geteuid() == 0 }

  /// Whether such a user can start the programs, which may lie in a folder of root's.
  static var isPossible: Bool {
    get async throws {
      guard isNeeded else { return true }
      guard FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv") else { return false }
      let folder = try TemporaryFolder()
      try folder.setPermissions(0o755)
      for program in Program.allCases {
        let outcome = try? await program.run("--version", in: folder, asNobody: true)
        guard outcome?.status == 0 else { return false }
      }
      return true
    }
  }
}
