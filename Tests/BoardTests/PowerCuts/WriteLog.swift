import Foundation

/// Everything a guest wrote to its disk, in order, with its flushes: the log of QEMU's
/// `blklogwrites`, in the format of the kernel's dm-log-writes.
///
/// A disk with a volatile cache may lose, at a power cut, any of the writes that came after the last
/// flush, in any combination. The log makes such disks: as many as wanted from one run.
struct WriteLog {
  struct Entry {
    let isFlush: Bool
    /// Reaches the medium at once, without a flush (force unit access).
    let isForced: Bool
    let isDiscard: Bool
    let diskOffset: Int
    let data: Range<Int>
    let byteCount: Int
    /// Where the entry ends in the log.
    let end: Int
  }

  private let bytes: Data
  let entries: [Entry]

  init(_ url: URL) throws {
    let bytes = try Data(contentsOf: url, options: .mappedIfSafe)
    self.bytes = bytes
    func word(_ offset: Int) -> Int {
      (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    // Superblock: magic, version, number of entries, sector size; then entries, each padded to a
    // sector and followed by what was written.
    guard bytes.count >= 512, word(0) == 0x6a_7366_7773_6872, word(8) == 1 else {
      throw BoardFailure("\(url.path): no log of writes")
    }
    let sectorSize = Int(bytes[24]) | Int(bytes[25]) << 8
    var entries: [Entry] = []
    var offset = sectorSize
    // The number of entries in the superblock is only brought up to date now and then.
    while offset + sectorSize <= bytes.count {
      let sector = word(offset)
      let sectorCount = word(offset + 8)
      let flags = word(offset + 16)
      let isDiscard = flags & 4 != 0
      let data = offset + sectorSize
      let end = data + (isDiscard ? 0 : sectorCount * sectorSize)
      guard end <= bytes.count, flags & ~0b1111 == 0 else { break }
      entries.append(
        Entry(
          isFlush: flags & 1 != 0, isForced: flags & 2 != 0, isDiscard: isDiscard,
          diskOffset: sector * sectorSize, data: data..<end, byteCount: sectorCount * sectorSize,
          end: end))
      offset = end
    }
    self.entries = entries
  }

  /// After how many entries a power cut can take the most writes: the longest run without a flush.
  var mostUnsafeCount: Int {
    var (run, longest, count) = (0, 0, entries.count)
    for (index, entry) in entries.enumerated() {
      if entry.isFlush {
        run = 0
      } else if entry.byteCount > 0 && !entry.isForced {
        run += 1
      }
      if run > longest { (longest, count) = (run, index + 1) }
    }
    return count
  }

  /// Makes the disk that a power cut after `count` entries leaves: `image` plus every write that a
  /// later flush made safe, and of the others those that `survives` says.
  func apply(
    first count: Int, to image: DiskImage, survives: () -> Bool
  ) throws -> (lost: Int, unsafe: Int) {
    let disk = try FileHandle(forWritingTo: image.url)
    defer { try? disk.close() }
    let lastFlush = entries[..<count].lastIndex { $0.isFlush } ?? 0
    var lost = 0
    var unsafe = 0
    for (index, entry) in entries[..<count].enumerated() where entry.byteCount > 0 {
      if index > lastFlush && !entry.isForced {
        unsafe += 1
        if !survives() {
          lost += 1
          continue
        }
      }
      try disk.seek(toOffset: UInt64(entry.diskOffset))
      try disk.write(
        contentsOf: entry.isDiscard ? Data(count: entry.byteCount) : bytes[entry.data])
    }
    return (lost, unsafe)
  }
}
