import LinuxPlatform
import Testing

@Suite struct FilePathTests {
  @Test func pathsKeepTheirBytes() throws {
    #expect(try FilePath("/var/lib/größe.swl").description == "/var/lib/größe.swl")
    #expect(try FilePath("-").isStandardStream)
    #expect(try !FilePath("--").isStandardStream)
  }

  @Test(arguments: [("/a", "b", "/a/b"), ("/a/", "b", "/a/b"), ("/", "b", "/b")])
  func componentsAreJoinedByOneSlash(folder: String, name: String, joined: String) throws {
    let path = try FilePath(folder).appending(component: Array(name.utf8).span)
    #expect(path.description == joined)
  }

  @Test func whatCannotBeAPathIsRefused() throws {
    #expect(throws: PlatformError.self) { try FilePath("") }
    #expect(throws: PlatformError.self) { try FilePath("a\0b") }
    let longest = try FilePath(String(repeating: "a", count: 4095))
    #expect(longest.byteCount == 4095)
    let tooLong = #expect(throws: PlatformError.self) {
      try FilePath(String(repeating: "a", count: 4096))
    }
    #expect(tooLong?.description.contains("(ENAMETOOLONG)") == true)
    #expect(throws: PlatformError.self) {
      let letter = [UInt8(ascii: "a")]
      return try longest.appending(component: letter.span)
    }
  }
}
