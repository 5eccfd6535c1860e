import Journal
import LinuxPlatform
import LocalAPI
import Text

// Each call takes its view of the memory for itself: a view kept longer would keep everything else
// of its owner from being used.
extension ClientTable where Connection == SocketConnection {
  mutating func receive(_ place: Int, _ memory: inout MemoryRegion) {
    var bytes = memory.mutableBytes
    var buffers = unsafe bytes._unsafeMutableView(as: UInt8.self)
    receive(place, &buffers)
  }

  mutating func nextLine(_ place: Int, _ memory: inout MemoryRegion) -> LineAssembler.Step {
    var bytes = memory.mutableBytes
    var buffers = unsafe bytes._unsafeMutableView(as: UInt8.self)
    return nextLine(place, &buffers)
  }

  mutating func append(
    _ line: borrowing AnswerLine, to place: Int, _ memory: inout MemoryRegion
  ) {
    var bytes = memory.mutableBytes
    var buffers = unsafe bytes._unsafeMutableView(as: UInt8.self)
    append(line.bytes, to: place, &buffers)
  }

  mutating func append(
    _ text: borrowing MemoryText, to place: Int, _ memory: inout MemoryRegion
  ) {
    var bytes = memory.mutableBytes
    var buffers = unsafe bytes._unsafeMutableView(as: UInt8.self)
    append(text.bytes, to: place, &buffers)
  }

  mutating func flush(_ place: Int, _ memory: inout MemoryRegion) {
    var bytes = memory.mutableBytes
    var buffers = unsafe bytes._unsafeMutableView(as: UInt8.self)
    flush(place, &buffers)
  }
}
