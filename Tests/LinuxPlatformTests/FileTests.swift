import Foundation
import LinuxPlatform
import Testing

@Suite struct FileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func aMappedFileShowsItsBytes() throws {
    let content = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try folder.write(content, to: "model")
    let file = try MappedFile(folder.path("model"))
    let bytes = unsafe file.bytes.withUnsafeBytes { unsafe Array($0) }
    #expect(bytes == content)
    let byteCount = file.byteCount
    #expect(byteCount == content.count)
  }

  @Test func whatCannotBeMappedIsToldClearly() throws {
    try folder.write([], to: "empty")
    #expect(
      mappingError("missing") == "cannot open: No such file or directory (ENOENT); check the path")
    #expect(mappingError("empty") == "the file is empty; make or copy it again")
    #expect(mappingError(".")?.hasPrefix("cannot open: Is a directory (EISDIR)") == true)
    #expect(
      mappingError("/dev/null")
        == "cannot map into memory: Not a regular file (ENODEV); "
        + "copy the content to a file and name that")
    #expect(mappingError("empty/below")?.hasPrefix("cannot open: Not a directory") == true)
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything"))
  func unreadableFilesAreToldClearly() throws {
    try folder.write([1], to: "secret")
    chmod(folder.url.appendingPathComponent("secret").path, 0)
    #expect(mappingError("secret")?.hasPrefix("cannot open: Permission denied (EACCES)") == true)
  }

  private func mappingError(_ name: String) -> String? {
    do throws(PlatformError) {
      let inFolder = folder.url.appendingPathComponent(name).path
      _ = try MappedFile(FilePath(name.hasPrefix("/") ? name : inFolder))
      return nil
    } catch {
      #expect(error.exitCode == (name == "empty" ? 65 : 66))
      return error.description
    }
  }

  @Test func readingStopsAtTheEnd() throws {
    try folder.write(Array(0..<100), to: "data")
    let file = try FileDescriptor(reading: folder.path("data"))
    var region = try MemoryRegion(byteCount: 64)
    var buffer = region.mutableBytes
    let first = try file.readFully(into: &buffer)
    #expect(first == 64)
    let second = try file.readFully(into: &buffer)
    #expect(second == 36)
    let third = try file.read(into: &buffer)
    #expect(third == 0)
  }

  @Test func appendingAdds() throws {
    for round in 1...3 {
      let file = try FileDescriptor(appending: folder.path("log"))
      try file.write(Array("line \(round)\n".utf8).span)
    }
    #expect(try String(decoding: folder.read("log"), as: UTF8.self) == "line 1\nline 2\nline 3\n")
  }

  @Test func anAtomicFileAppearsCompleteOrNotAtAll() throws {
    try folder.write([9], to: "out")
    do {
      let file = try AtomicFile(folder.path("out"))
      try file.write([1, 2, 3].span)
      #expect(folder.names.count == 2)
      #expect(try folder.read("out") == [9])
    }
    #expect(folder.names == ["out"])
    #expect(try folder.read("out") == [9])

    let file = try AtomicFile(folder.path("out"))
    try file.write([1, 2].span)
    try file.write([3].span)
    try file.commit()
    #expect(folder.names == ["out"])
    #expect(try folder.read("out") == [1, 2, 3])
  }

  @Test func whatALostPowerLeftBehindIsReplaced() throws {
    try folder.write([7, 7, 7, 7], to: "out.partial-\(getpid())")
    let file = try AtomicFile(folder.path("out"))
    try file.write([1].span)
    try file.commit()
    #expect(folder.names == ["out"])
    #expect(try folder.read("out") == [1])
  }

  @Test func filesThatCannotBeMadeAreToldClearly() throws {
    let missing = #expect(throws: PlatformError.self) {
      _ = try AtomicFile(folder.path("no/such/out"))
    }
    #expect(missing?.exitCode == 73)
    let aFolder = #expect(throws: PlatformError.self) { _ = try AtomicFile(folder.path(".")) }
    #expect(aFolder?.description.hasPrefix("cannot create: Is a directory") == true)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "Linux has /dev/full"))
  func aFullDiskIsToldClearly() throws {
    let error = #expect(throws: PlatformError.self) {
      let file = try AtomicFile(FilePath("/dev/full"))
      try file.write([1].span)
    }
    #expect(
      error?.description
        == "cannot write: No space left on device (ENOSPC); free some space or choose another folder"
    )
    #expect(error?.exitCode == 74)
    #expect(FileManager.default.fileExists(atPath: "/dev/full"))
  }

  @Test func foldersAreMadeOnce() throws {
    try Process.makeFolder(folder.path("log"))
    try Process.makeFolder(folder.path("log"))
    try folder.write([], to: "file")
    #expect(throws: PlatformError.self) { try Process.makeFolder(folder.path("file")) }
  }
}
