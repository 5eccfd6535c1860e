import Foundation

/// A file system in memory for Linux to start from: the "newc" cpio format of the kernel's
/// Documentation/driver-api/early-userspace/buffer-format.rst.
struct InitialRamdisk {
  private(set) var archive = Data()
  private var inode = 0
  private var folders: Set<String> = []

  /// Adds a file and the folders above it.
  mutating func add(_ path: String, _ contents: Data, executable: Bool = false) {
    addFolder(String(path.split(separator: "/").dropLast().joined(separator: "/")))
    append(path, mode: executable ? 0o100755 : 0o100644, contents)
  }

  /// Adds a folder and those above it.
  mutating func addFolder(_ path: String) {
    var folder = ""
    for part in path.split(separator: "/") {
      folder += folder.isEmpty ? String(part) : "/\(part)"
      if folders.insert(folder).inserted { append(folder, mode: 0o040755, Data()) }
    }
  }

  /// Ends the archive and returns it.
  consuming func finished() -> Data {
    append("TRAILER!!!", mode: 0, Data())
    return archive
  }

  private mutating func append(_ path: String, mode: Int, _ contents: Data) {
    let name = path.hasPrefix("/") ? String(path.dropFirst()) : path
    inode += 1
    // inode, mode, user, group, links, time, size, device (2), special device (2), name, checksum
    let fields = [inode, mode, 0, 0, 1, 0, contents.count, 0, 0, 0, 0, name.utf8.count + 1, 0]
    archive.append(contentsOf: Array("070701".utf8))
    for field in fields {
      let digits = String(field, radix: 16)
      archive.append(
        contentsOf: Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8))
    }
    archive.append(contentsOf: Array(name.utf8) + [0])
    pad()
    archive.append(contents)
    pad()
  }

  private mutating func pad() {
    while archive.count % 4 != 0 { archive.append(0) }
  }
}
