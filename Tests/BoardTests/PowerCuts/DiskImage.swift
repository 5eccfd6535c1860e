import Foundation

/// A disk with one ext4 file system, as a file of this machine.
struct DiskImage {
  let url: URL

  /// An empty file system with the defaults of mkfs.
  static func empty(at url: URL, mebibytes: Int) throws -> DiskImage {
    try? FileManager.default.removeItem(at: url)
    try HostProgram.succeed("truncate", ["-s", "\(mebibytes)M", url.path])
    try HostProgram.succeed("mkfs.ext4", ["-q", "-F", url.path])
    return DiskImage(url: url)
  }

  func copy(to url: URL) throws -> DiskImage {
    try HostProgram.succeed("cp", ["--sparse=always", self.url.path, url.path])
    return DiskImage(url: url)
  }

  /// What a board does with the disk when it starts again: replays the file system's journal and
  /// clears what was deleted while open. Damage beyond that throws.
  func recover() throws {
    try HostProgram.succeed("e2fsck", ["-f", "-p", url.path], allowed: [0, 1])
  }

  /// Copies a folder of the (recovered) file system into `destination`, without mounting it.
  func extract(_ folder: String, into destination: URL) throws {
    try FileManager.default.createDirectory(at: destination, withIntermediateDirectories: true)
    try HostProgram.succeed(
      "debugfs", ["-R", "rdump \(folder) \(destination.path)", url.path])
  }
}
