import Hardware
import LinuxPlatform
import Testing

@Suite struct KernelFileSourceTests {
  private func text(_ source: inout KernelFileSource) throws(BusError) -> String {
    var storage = [UInt8](repeating: 0, count: 64)
    var buffer = storage.mutableSpan
    let count = try source.read(into: &buffer)
    return String(decoding: storage.prefix(count), as: UTF8.self)
  }

  @Test func `a file that goes says so, and is read when it is back`() throws {
    let folder = try TemporaryFolder()
    var source = try KernelFileSource(folder.path("temp1_input"))
    for round in 1...2 {
      let error = #expect(throws: BusError.self) { try text(&source) }
      #expect(error == BusError(.missingFile, code: 2))
      #expect(
        error?.description == "there is no such file (errno 2); check the path, and that the "
          + "kernel's driver is loaded (a dtoverlay on a Raspberry Pi)")
      try folder.write(Array("\(round)5000\n".utf8), to: "temp1_input")
      #expect(try text(&source) == "\(round)5000")
      try FileSystem.remove(folder.path("temp1_input"))
    }
  }

  @Test func `a folder is no sensor`() throws {
    let folder = try TemporaryFolder()
    var source = try KernelFileSource(folder.path("."))
    // EISDIR
    #expect(throws: BusError(.other, code: 21)) { try text(&source) }
  }
}
