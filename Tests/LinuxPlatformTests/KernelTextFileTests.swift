import Foundation
import LinuxPlatform
import Testing

@Suite struct KernelTextFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(
    of file: inout KernelTextFile, capacity: Int = 64
  ) throws(PlatformError) -> String {
    var storage = [UInt8](repeating: 0, count: capacity)
    var buffer = storage.mutableSpan
    let count = try file.read(into: &buffer)
    return String(decoding: storage.prefix(count), as: UTF8.self)
  }

  @Test func eachReadSeesTheValueOfNow() throws {
    let url = folder.url.appendingPathComponent("in_temp_raw")
    try folder.write(Array("21500\n".utf8), to: "in_temp_raw")
    var file = try KernelTextFile(folder.path("in_temp_raw"))
    #expect(try text(of: &file) == "21500")
    // In place, as the kernel does.
    let handle = try FileHandle(forWritingTo: url)
    try handle.write(contentsOf: Data("-3 \n\n".utf8))
    try handle.truncate(atOffset: 4)
    #expect(try text(of: &file) == "-3")
    #expect(try text(of: &file, capacity: 1) == "-")
  }

  @Test func aReplacedFileIsOpenedAgain() throws {
    try folder.write(Array("1\n".utf8), to: "value")
    var file = try KernelTextFile(folder.path("value"))
    #expect(try text(of: &file) == "1")
    try folder.write(Array("2\n".utf8), to: "new")
    try FileSystem.rename(folder.path("new"), to: folder.path("value"))
    #expect(try text(of: &file) == "2")
  }

  @Test func aDeviceThatGoesAndComesBackIsReadAgain() throws {
    var file = try KernelTextFile(folder.path("value"))
    for round in 1...3 {
      #expect(throws: PlatformError.self) { try text(of: &file) }
      try folder.write(Array("\(round)\n".utf8), to: "value")
      #expect(try text(of: &file) == "\(round)")
      try FileSystem.remove(folder.path("value"))
    }
  }

  @Test func filesOfTheKernelAreRead() throws {
    var file = try KernelTextFile(FilePath("/proc/sys/kernel/ostype"))
    #expect(try text(of: &file) == "Linux")
    #expect(try text(of: &file) == "Linux")
  }
}
