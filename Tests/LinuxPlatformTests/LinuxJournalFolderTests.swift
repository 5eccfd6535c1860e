import Foundation
import Journal
import LinuxPlatform
import Testing
import Text

@Suite struct LinuxJournalFolderTests {
  let parent: TemporaryFolder

  init() throws { parent = try TemporaryFolder() }

  private func folder() throws -> LinuxJournalFolder {
    LinuxJournalFolder(try parent.path("log"))
  }

  private func names(_ folder: inout LinuxJournalFolder) throws(PlatformError) -> Set<String> {
    try folder.beginListing()
    var names: Set<String> = []
    var name = TextBuffer<64>()
    while try folder.nextEntry(&name) { names.insert(String { $0.append(name.bytes) }) }
    return names
  }

  private func span(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func aMissingFolderIsMadeForOwnerAndGroup() throws {
    var folder = try folder()
    #expect(parent.names.isEmpty)
    #expect(try names(&folder).isEmpty)
    var status = stat()
    #expect(stat(parent.url.appendingPathComponent("log").path, &status) == 0)
    #expect(status.st_mode & 0o027 == 0 && status.st_mode & 0o700 == 0o700)
    try folder.synchronizeFolder()
    #expect(try folder.freeByteCount() > 0)
  }

  @Test func linesAreAppendedReadAndCut() throws {
    var folder = try folder()
    _ = try names(&folder)
    try folder.openForAppending(span("a").span)
    #expect(try folder.append(span("hello\n").span) == 6)
    try folder.openForAppending(span("b").span)
    #expect(try folder.append(span("other\n").span) == 6)
    try folder.openForAppending(span("a").span)
    #expect(try folder.append(span("again\n").span) == 6)
    try folder.synchronizeFile()
    #expect(try folder.byteCount(of: span("a").span) == 12)
    #expect(try names(&folder) == ["a", "b"])

    var storage = [UInt8](repeating: 0, count: 8)
    var buffer = storage.mutableSpan
    #expect(try folder.read(span("a").span, at: 6, into: &buffer) == 6)
    #expect(try folder.read(span("b").span, at: 1, into: &buffer) == 5)
    #expect(try folder.read(span("a").span, at: 12, into: &buffer) == 0)
    #expect(String(decoding: storage.prefix(6), as: UTF8.self) == "ther\n\n")

    try folder.truncateFile(to: 6)
    #expect(try folder.append(span("x").span) == 1)
    folder.closeFile()
    let content = try Data(contentsOf: parent.url.appendingPathComponent("log/a"))
    #expect(String(decoding: content, as: UTF8.self) == "hello\nx")
    // Listing went on with the file open, and nothing is open now.
    #expect(throws: PlatformError.self) { try folder.append(span("x").span) }
  }

  @Test func filesAreRenamedAndRemoved() throws {
    var folder = try folder()
    _ = try names(&folder)
    try folder.openForAppending(span("a").span)
    _ = try folder.append(span("1").span)
    try folder.rename(span("a").span, to: span("b").span)
    // The open file is the same one under its new name.
    _ = try folder.append(span("2").span)
    #expect(try folder.byteCount(of: span("b").span) == 2)
    try folder.remove(span("b").span)
    #expect(try names(&folder).isEmpty)
    let error = #expect(throws: PlatformError.self) { try folder.remove(span("b").span) }
    #expect(error?.journalReason == .missing)
  }

  @Test func whatIsNoFileOfTheJournalIsLeftOut() throws {
    var folder = try folder()
    _ = try names(&folder)
    let url = parent.url.appendingPathComponent("log")
    try FileManager.default.createDirectory(
      at: url.appendingPathComponent("windows"), withIntermediateDirectories: false)
    symlink("/etc/passwd", url.appendingPathComponent("link").path)
    let longest = String(repeating: "n", count: 64)
    try Data().write(to: url.appendingPathComponent(longest))
    try Data().write(to: url.appendingPathComponent(longest + "n"))
    #expect(try names(&folder) == [longest])
    // A link is not followed either.
    var storage: [UInt8] = [0]
    var buffer = storage.mutableSpan
    #expect(throws: PlatformError.self) {
      try folder.read(Array("link".utf8).span, at: 0, into: &buffer)
    }
    #expect(throws: PlatformError.self) { try folder.openForAppending(Array("link".utf8).span) }
  }

  @Test func aFolderThatWentAndCameBackIsFoundAgain() throws {
    var folder = try folder()
    _ = try names(&folder)
    try folder.openForAppending(span("a").span)
    try FileManager.default.removeItem(at: parent.url.appendingPathComponent("log"))
    let error = #expect(throws: PlatformError.self) { try folder.openForAppending(span("b").span) }
    #expect(error?.journalReason == .missing)
    #expect(try names(&folder).isEmpty)
    try folder.openForAppending(span("b").span)
    #expect(try names(&folder) == ["b"])
  }

  @Test func aFileInPlaceOfTheFolderIsToldClearly() throws {
    try parent.write([1], to: "log")
    var folder = try folder()
    let error = #expect(throws: PlatformError.self) { try folder.beginListing() }
    #expect(error?.description.hasPrefix("cannot make the folder: File exists (EEXIST)") == true)
    #expect(error?.journalReason == .inputOutput)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "Linux has /dev/full"))
  func aFullDiskIsNoSpace() throws {
    let url = parent.url.appendingPathComponent("log")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    let error = #expect(throws: PlatformError.self) {
      let full = try FileDescriptor(appending: FilePath("/dev/full"))
      try full.write([1].span)
    }
    #expect(error?.journalReason == .noSpace)
  }
}
