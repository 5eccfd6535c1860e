import Foundation
import LinuxPlatform
import Testing

@Suite struct FolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [0, 1, 500]) func everyNameIsListedOnce(count: Int) throws {
    // Names of many lengths: records of the kernel end at different places of the page.
    var expected: [String: Int64] = [:]
    for index in 0..<count {
      let name = String(repeating: "n", count: 1 + index % 200) + "-\(index)"
      try folder.write([UInt8](repeating: 0, count: index), to: name)
      expected[name] = Int64(index)
    }
    var listing = try FolderListing(FilePath(folder.url.path))
    var found: [String: Int64] = [:]
    while try listing.advance() {
      let name = String { $0.append(listing.name) }
      #expect(found[name] == nil)
      found[name] = try listing.byteCount()
      #expect(try listing.isRegularFile())
    }
    #expect(found == expected)
  }

  @Test func otherThingsAreNoRegularFiles() throws {
    try Process.makeFolder(folder.path("below"))
    let link = folder.url.appendingPathComponent("link").path
    symlink("/etc/passwd", link)
    var listing = try FolderListing(FilePath(folder.url.path))
    while try listing.advance() { #expect(try !listing.isRegularFile()) }
  }

  @Test func foldersThatAreNoneAreToldClearly() throws {
    try folder.write([1], to: "file")
    let error = #expect(throws: PlatformError.self) { _ = try FolderListing(folder.path("file")) }
    #expect(
      error?.description.hasPrefix("cannot list the folder: Not a directory (ENOTDIR)") == true)
  }

  @Test func oneProcessHasAFolder() throws {
    let path = try FilePath(folder.url.path)
    do {
      let lock = try FolderLock(path)
      // Opening the file again makes a lock of its own, in this process as in another.
      #expect(throws: FolderLockError.held(process: Int64(getpid()))) { _ = try FolderLock(path) }
      _ = consume lock
    }
    _ = try FolderLock(path)
    #expect(folder.names == ["swiftletd.lock"])
    let message = FolderLockError.held(process: 12).description
    #expect(message == "another process (12) uses the folder; stop it or choose another folder")
  }

  @Test func aKilledProcessLeavesNoLock() throws {
    let lockFile = folder.url.appendingPathComponent("swiftletd.lock").path
    let holder = Foundation.Process()
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/flock")
    holder.arguments = [lockFile, "sleep", "600"]
    try holder.run()
    let path = try FilePath(folder.url.path)
    let patience = MonotonicClock.now() + 120_000_000_000
    while (try? FolderLock(path)) != nil { try #require(MonotonicClock.now() < patience) }
    // It leaves no number of its own; this process may have left one while it was waiting.
    let error = #expect(throws: FolderLockError.self) { _ = try FolderLock(path) }
    #expect(error == .held(process: nil) || error == .held(process: Int64(getpid())))
    let children = try #require(childrenOf(holder.processIdentifier))
    kill(holder.processIdentifier, SIGKILL)
    for child in children { kill(child, SIGKILL) }
    holder.waitUntilExit()
    while (try? FolderLock(path)) == nil { try #require(MonotonicClock.now() < patience) }
  }

  /// The lock goes with the last process that has the file open; `flock` hands it to its child.
  private func childrenOf(_ process: Int32) -> [Int32]? {
    let path = "/proc/\(process)/task/\(process)/children"
    return (try? String(contentsOfFile: path, encoding: .utf8))?
      .split(separator: " ").compactMap { Int32($0) }
  }

  @Test func lockingWhatIsNotThereIsToldClearly() throws {
    let path = try folder.path("missing")
    do throws(FolderLockError) {
      _ = try FolderLock(path)
      Issue.record("locked a missing folder")
    } catch {
      #expect(error.description.hasPrefix("cannot lock: No such file or directory (ENOENT)"))
    }
  }

  @Test func freeSpaceIsThatOfTheFileSystem() throws {
    let free = try FileSystem.freeByteCount(FilePath(folder.url.path))
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: folder.url.path)
    let expected = try #require(attributes[.systemFreeSize] as? NSNumber).int64Value
    // Others write meanwhile, and root may use a reserve this does not count.
    #expect(free > 0 && free <= expected + 1_000_000_000)
  }

  @Test func filesAreRenamedAndRemoved() throws {
    try folder.write([1], to: "a")
    try folder.write([2], to: "b")
    try FileSystem.rename(folder.path("a"), to: folder.path("b"))
    try FileSystem.synchronizeFolder(FilePath(folder.url.path))
    #expect(try folder.read("b") == [1])
    #expect(try FileSystem.exists(folder.path("b")) && !FileSystem.exists(folder.path("a")))
    try FileSystem.remove(folder.path("b"))
    #expect(folder.names.isEmpty)
    #expect(throws: PlatformError.self) { try FileSystem.remove(folder.path("b")) }
  }
}
