import Foundation

/// Elements that end exactly at a page nobody may touch, and start behind another such page where
/// `startsAtPage`: reading or writing one byte too many ends the test program.
final class FencedElements<Element: BitwiseCopyable> {
  private let region: UnsafeMutableRawPointer
  private let regionByteCount: Int
  let elements: UnsafeMutableBufferPointer<Element>

  init(_ contents: [Element], startsAtPage: Bool = false) {
    let page = 4096
    let byteCount = contents.count * MemoryLayout<Element>.stride
    let room = (byteCount + page - 1) / page * page
    regionByteCount = room + 2 * page
    let mapping = mmap(
      nil, regionByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapping, mapping != MAP_FAILED else { fatalError("no memory for a test buffer") }
    region = mapping
    mprotect(region, page, PROT_NONE)
    mprotect(region + page + room, page, PROT_NONE)
    let start = region + page + (startsAtPage ? 0 : room - byteCount)
    elements = UnsafeMutableBufferPointer(
      start: start.bindMemory(to: Element.self, capacity: contents.count), count: contents.count)
    _ = elements.initialize(from: contents)
  }

  deinit { munmap(region, regionByteCount) }

  var contents: [Element] { Array(elements) }
  var pointer: UnsafeMutablePointer<Element> {
    guard let start = elements.baseAddress else { fatalError("a mapping has an address") }
    return start
  }
}
