import Journal
import TestSupport
import Text

/// An error of the storage in memory.
struct StorageFailure: JournalFolderFailure, Equatable {
  let journalReason: JournalFailureReason

  func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("the test's storage refuses")
  }
}

/// A disk in memory that fails on command and forgets what real disks forget in a power cut.
///
/// What is written goes into a cache. A synchronization of a file makes its bytes durable, one of
/// the folder makes names durable. A power cut keeps what is durable and, of the rest, whatever the
/// test chooses: some of the newest bytes of each file cut at any byte, sectors in between that
/// never arrived, the first few of the pending changes of names.
///
/// As with Linux, a failed synchronization marks the cached bytes clean: a later one succeeds and
/// does not write them.
final class FaultyDisk {
  private struct File {
    var cached: [UInt8] = []
    var durable: [UInt8] = []
    /// Cached bytes a failed synchronization gave up.
    var abandoned: Set<Int> = []
  }

  private enum NameChange {
    case create(String, Int)
    case rename(String, String)
    case remove(String)
  }

  /// What happens at one operation.
  enum Fault: Equatable {
    case fail(JournalFailureReason)
    /// A write takes half of the bytes; anything else works.
    case shortWrite
    case powerCut
  }

  private var files: [File] = []
  private var names: [String: Int] = [:]
  private var durableNames: [String: Int] = [:]
  private var pending: [NameChange] = []
  private var open: Int?
  private var listing: [String] = []

  /// Operations so far that can fail.
  private(set) var operationCount = 0
  /// Asked at each of them.
  var fault: (Int) -> Fault? = { _ in nil }
  /// Whether the power is off: everything fails until `restorePower`.
  private(set) var isOff = false
  /// Largest sum of file sizes seen.
  private(set) var highWater = 0
  /// Bytes files may take together.
  var capacity = Int.max

  // MARK: Looking at it

  var fileNames: [String] { names.keys.sorted() }

  subscript(name: String) -> [UInt8]? {
    get { names[name].map { files[$0].cached } }
    set {
      guard let newValue else {
        names[name] = nil
        durableNames[name] = nil
        return
      }
      let index = names[name] ?? makeFile(name)
      files[index].cached = newValue
      files[index].durable = newValue
      durableNames[name] = index
    }
  }

  var usedByteCount: Int { names.values.reduce(0) { $0 + files[$1].cached.count } }

  private func makeFile(_ name: String) -> Int {
    files.append(File())
    names[name] = files.count - 1
    return files.count - 1
  }

  // MARK: Power

  /// What a power cut leaves of everything that was not synchronized.
  enum Survival {
    case nothing
    case everything
    /// Bytes cut anywhere and names of some changes, but files without holes.
    case torn
    /// Also with sectors that never arrived.
    case reordered
  }

  /// Switches the power off and on again.
  func restorePower(
    keeping survival: Survival, using random: inout SeededGenerator
  ) {
    let kept: Int
    switch survival {
    case .nothing: kept = 0
    case .everything: kept = pending.count
    case .torn, .reordered: kept = Int.random(in: 0...pending.count, using: &random)
    }
    for change in pending[..<kept] { Self.apply(change, to: &durableNames) }
    names = durableNames
    pending = []
    for index in files.indices {
      files[index].cached = Self.survivor(of: files[index], survival, using: &random)
      files[index].durable = files[index].cached
      files[index].abandoned = []
    }
    open = nil
    isOff = false
    fault = { _ in nil }
  }

  private static func survivor(
    of file: File, _ survival: Survival, using random: inout SeededGenerator
  ) -> [UInt8] {
    let (old, new) = (file.durable, file.cached)
    switch survival {
    case .nothing: return old
    case .everything: return written(file)
    case .torn, .reordered:
      guard new.count > old.count else { return Bool.random(using: &random) ? old : written(file) }
      let length = Int.random(in: old.count...new.count, using: &random)
      var bytes = Array(written(file)[..<length])
      guard case .reordered = survival else { return bytes }
      var sector = old.count / 64 * 64
      while sector < length {
        if Int.random(in: 0..<6, using: &random) == 0 {
          for index in max(sector, old.count)..<min(sector + 64, length) { bytes[index] = 0 }
        }
        sector += 64
      }
      return bytes
    }
  }

  /// What the device has after a synchronization that succeeds.
  private static func written(_ file: File) -> [UInt8] {
    var bytes = file.cached
    for index in file.abandoned where index < bytes.count { bytes[index] = 0 }
    return bytes
  }

  private static func apply(_ change: NameChange, to names: inout [String: Int]) {
    switch change {
    case .create(let name, let file): names[name] = file
    case .rename(let old, let new):
      if let file = names.removeValue(forKey: old) { names[new] = file }
    case .remove(let name): names[name] = nil
    }
  }

  // MARK: Operations

  /// Counts an operation and lets it fail; returns whether a write is to be short.
  private func attempt() throws(StorageFailure) -> Bool {
    guard !isOff else { throw StorageFailure(journalReason: .inputOutput) }
    operationCount += 1
    switch fault(operationCount) {
    case nil: return false
    case .shortWrite: return true
    case .fail(let reason): throw StorageFailure(journalReason: reason)
    case .powerCut:
      isOff = true
      throw StorageFailure(journalReason: .inputOutput)
    }
  }

  private func change(_ change: NameChange) {
    Self.apply(change, to: &names)
    pending.append(change)
  }

  private func file(_ name: String) throws(StorageFailure) -> Int {
    guard let index = names[name] else { throw StorageFailure(journalReason: .missing) }
    return index
  }

  func beginListing() throws(StorageFailure) {
    _ = try attempt()
    // Neither sorted by age nor always the same way.
    listing = names.keys.sorted { ($0.hashValue, $0) < ($1.hashValue, $1) }
  }

  func nextEntry() -> String? { listing.popLast() }

  func byteCount(of name: String) throws(StorageFailure) -> Int {
    _ = try attempt()
    return files[try file(name)].cached.count
  }

  func read(_ name: String, at offset: Int, count: Int) throws(StorageFailure) -> ArraySlice<UInt8>
  {
    let isShort = try attempt()
    let bytes = files[try file(name)].cached
    guard offset < bytes.count else { return [] }
    return bytes[offset..<min(bytes.count, offset + (isShort ? (count + 1) / 2 : count))]
  }

  func openForAppending(_ name: String) throws(StorageFailure) {
    open = nil
    _ = try attempt()
    if names[name] == nil { change(.create(name, makeFile(name))) }
    open = names[name]
  }

  func append(_ bytes: [UInt8]) throws(StorageFailure) -> Int {
    guard let open else { throw StorageFailure(journalReason: .inputOutput) }
    var accepted = bytes.count
    do throws(StorageFailure) {
      if try attempt() { accepted = (accepted + 1) / 2 }
    } catch {
      // A failing write may leave a part.
      files[open].cached += bytes[..<(bytes.count / 3)]
      throw error
    }
    accepted = min(accepted, capacity - usedByteCount)
    guard accepted > 0 else { throw StorageFailure(journalReason: .noSpace) }
    files[open].cached += bytes[..<accepted]
    highWater = max(highWater, usedByteCount)
    return accepted
  }

  func synchronizeFile() throws(StorageFailure) {
    guard let open else { throw StorageFailure(journalReason: .inputOutput) }
    do throws(StorageFailure) {
      _ = try attempt()
    } catch {
      if !isOff {
        files[open].abandoned.formUnion(
          files[open].durable.count..<max(files[open].cached.count, files[open].durable.count))
      }
      throw error
    }
    files[open].durable = Self.written(files[open])
  }

  func truncateFile(to byteCount: Int) throws(StorageFailure) {
    _ = try attempt()
    guard let open else { throw StorageFailure(journalReason: .inputOutput) }
    files[open].cached.removeLast(max(0, files[open].cached.count - byteCount))
  }

  func closeFile() { open = nil }

  func synchronizeFolder() throws(StorageFailure) {
    _ = try attempt()
    durableNames = names
    pending = []
  }

  func rename(_ name: String, to newName: String) throws(StorageFailure) {
    _ = try attempt()
    _ = try file(name)
    change(.rename(name, newName))
  }

  func remove(_ name: String) throws(StorageFailure) {
    _ = try attempt()
    _ = try file(name)
    change(.remove(name))
  }

  func freeByteCount() throws(StorageFailure) -> UInt64 {
    _ = try attempt()
    return UInt64(max(0, capacity - usedByteCount))
  }
}

/// The folder on such a disk.
struct FaultyFolder: JournalFolder {
  let disk: FaultyDisk

  mutating func beginListing() throws(StorageFailure) { try disk.beginListing() }

  mutating func nextEntry(_ name: inout TextBuffer<64>) throws(StorageFailure) -> Bool {
    guard let entry = disk.nextEntry() else { return false }
    name = TextBuffer(Array(entry.utf8).span)
    return true
  }

  mutating func byteCount(of name: borrowing Span<UInt8>) throws(StorageFailure) -> UInt64 {
    UInt64(try disk.byteCount(of: Self.text(name)))
  }

  mutating func read(
    _ name: borrowing Span<UInt8>, at offset: UInt64, into buffer: inout MutableSpan<UInt8>
  ) throws(StorageFailure) -> Int {
    let bytes = try disk.read(Self.text(name), at: Int(offset), count: buffer.count)
    for (index, byte) in bytes.enumerated() { buffer[index] = byte }
    return bytes.count
  }

  mutating func openForAppending(_ name: borrowing Span<UInt8>) throws(StorageFailure) {
    try disk.openForAppending(Self.text(name))
  }

  mutating func append(_ bytes: borrowing Span<UInt8>) throws(StorageFailure) -> Int {
    try disk.append(bytes.indices.map { bytes[$0] })
  }

  mutating func synchronizeFile() throws(StorageFailure) { try disk.synchronizeFile() }

  mutating func truncateFile(to byteCount: UInt64) throws(StorageFailure) {
    try disk.truncateFile(to: Int(byteCount))
  }

  mutating func closeFile() { disk.closeFile() }

  mutating func synchronizeFolder() throws(StorageFailure) { try disk.synchronizeFolder() }

  mutating func rename(
    _ name: borrowing Span<UInt8>, to newName: borrowing Span<UInt8>
  ) throws(StorageFailure) {
    try disk.rename(Self.text(name), to: Self.text(newName))
  }

  mutating func remove(_ name: borrowing Span<UInt8>) throws(StorageFailure) {
    try disk.remove(Self.text(name))
  }

  mutating func freeByteCount() throws(StorageFailure) -> UInt64 { try disk.freeByteCount() }

  private static func text(_ name: borrowing Span<UInt8>) -> String { String { $0.append(name) } }
}
