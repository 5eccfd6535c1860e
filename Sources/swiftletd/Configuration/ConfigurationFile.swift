import LinuxPlatform
import ModelCommands
import Text

/// A section of a configuration: `[kind]` or `[kind NAME]`.
struct SectionRecord: BitwiseCopyable {
  var kind: SectionKind
  var line: Int32
  fileprivate var name: StoredText
}

/// A key with its value.
struct Entry: BitwiseCopyable {
  fileprivate var section: Int32
  var line: Int32
  fileprivate var name: StoredText
  fileprivate var value: StoredText
}

/// Where a text lies in the memory of a configuration.
struct StoredText: BitwiseCopyable {
  fileprivate var offset: Int32
  fileprivate var count: Int32
}

/// The sections, keys and values of a configuration file, in memory of their own.
///
/// This is the form: which sections and keys there are. What the values mean is the business of
/// `Settings`, `SensorSettings` and `ChannelSettings`.
struct ConfigurationFile: ~Copyable {
  /// Bytes of the longest file.
  static let capacity = 65_536
  /// Bytes of the longest line.
  static let maximumLineByteCount = 4_200
  /// The most keys.
  static let keyLimit = 2_048
  private static let sectionLimit = 176

  /// Where the file is.
  let path: FilePath

  /// How many sections there are.
  private(set) var sectionCount = 0
  private var entryCount = 0
  private var textCount = 0
  /// The one that keys are added to.
  private var currentSection: Int?
  /// Sections, entries, and all texts, one behind the other.
  private var memory: MemoryRegion

  private static let entriesOffset = sectionLimit * MemoryLayout<SectionRecord>.stride
  /// The most keys a file of this length has.
  private let entryLimit: Int
  private let textsOffset: Int

  /// An empty configuration.
  ///
  /// - Parameter byteCount: The length of the file, which bounds what there can be.
  init(at path: FilePath, byteCount: Int) throws(CommandFailure) {
    self.path = path
    // The shortest line with a key is `a=` and its line feed.
    entryLimit = min(Self.keyLimit, byteCount / 3 + 1)
    textsOffset = Self.entriesOffset + entryLimit * MemoryLayout<Entry>.stride
    memory = try allocate(textsOffset + byteCount, for: path)
  }

  // MARK: Reading

  /// A section.
  func section(_ index: Int) -> SectionRecord {
    precondition(index >= 0 && index < sectionCount, "no such section")
    // In bounds, as the load checks; only whole records are stored.
    return unsafe memory.bytes.unsafeLoad(
      fromByteOffset: index * MemoryLayout<SectionRecord>.stride, as: SectionRecord.self)
  }

  /// The number of the `ordinal`-th section of a kind.
  func index(_ kind: SectionKind, _ ordinal: Int = 0) -> Int? {
    var seen = 0
    for index in 0..<sectionCount where section(index).kind == kind {
      if seen == ordinal { return index }
      seen += 1
    }
    return nil
  }

  /// How many sections of a kind there are.
  func count(_ kind: SectionKind) -> Int {
    var count = 0
    for index in 0..<sectionCount where section(index).kind == kind { count += 1 }
    return count
  }

  /// The ordinal of the section of a kind and a name.
  func ordinal(_ kind: SectionKind, named name: borrowing Span<UInt8>) -> Int? {
    var seen = 0
    for index in 0..<sectionCount where section(index).kind == kind {
      if self.name(ofSection: index).equals(name) { return seen }
      seen += 1
    }
    return nil
  }

  /// The name in the brackets; empty for a section that has none.
  @_lifetime(borrow self) @_addressableSelf
  borrowing func name(ofSection index: Int) -> Span<UInt8> { text(section(index).name) }

  /// How many keys a section has.
  func entryCount(inSection section: Int) -> Int {
    var count = 0
    for index in 0..<entryCount where Int(entry(index).section) == section { count += 1 }
    return count
  }

  /// The `ordinal`-th key of a section.
  func entry(_ ordinal: Int, inSection section: Int) -> Entry? {
    var seen = 0
    for index in 0..<entryCount where Int(entry(index).section) == section {
      if seen == ordinal { return entry(index) }
      seen += 1
    }
    return nil
  }

  /// A key of a section; `nil` where it is not there.
  func entry(_ key: StaticString, inSection section: Int?) -> Entry? {
    guard let section else { return nil }
    for index in 0..<entryCount where Int(entry(index).section) == section {
      if name(of: entry(index)).equals(key) { return entry(index) }
    }
    return nil
  }

  /// The key's name.
  @_lifetime(borrow self) @_addressableSelf
  borrowing func name(of entry: Entry) -> Span<UInt8> { text(entry.name) }

  /// The key's value.
  @_lifetime(borrow self) @_addressableSelf
  borrowing func value(of entry: Entry) -> Span<UInt8> { text(entry.value) }

  private func entry(_ index: Int) -> Entry {
    // As for sections.
    unsafe memory.bytes.unsafeLoad(
      fromByteOffset: Self.entriesOffset + index * MemoryLayout<Entry>.stride, as: Entry.self)
  }

  @_lifetime(borrow self) @_addressableSelf
  private borrowing func text(_ text: StoredText) -> Span<UInt8> {
    let start = textsOffset + Int(text.offset)
    return Span(_bytes: memory.bytes.extracting(start..<start + Int(text.count)))
  }

  // MARK: Writing

  /// Takes a section; keys that follow belong to it, also where it was there before.
  ///
  /// - Returns: What is wrong with it.
  mutating func open(
    section title: borrowing Span<UInt8>, line: Int
  ) -> ConfigurationProblem? {
    var problem: ConfigurationProblem.Kind?
    currentSection = open(title, line: line, &problem)
    guard let problem else { return nil }
    var description = ConfigurationProblem(problem, line: line)
    description.section.append(title)
    return description
  }

  /// Takes a key of the section opened last.
  ///
  /// - Returns: What is wrong with it.
  mutating func add(
    _ name: borrowing Span<UInt8>, _ value: borrowing Span<UInt8>, line: Int
  ) -> ConfigurationProblem? {
    guard let section = currentSection else {
      return ConfigurationProblem(.keyOutsideSection, line: line)
    }
    var problem: ConfigurationProblem.Kind?
    add(name, value, to: section, line: line, &problem)
    guard let problem else { return nil }
    var description = ConfigurationProblem(problem, line: line)
    appendWords(ofSection: section, to: &description.section)
    description.name.append(name)
    return description
  }

  private mutating func open(
    _ title: borrowing Span<UInt8>, line: Int, _ problem: inout ConfigurationProblem.Kind?
  ) -> Int? {
    var end = 0
    while end < title.count, title[end] != UInt8(ascii: " ") { end += 1 }
    var start = end
    while start < title.count, title[start] == UInt8(ascii: " ") { start += 1 }
    guard let kind = SectionKind(title.extracting(first: end)) else {
      problem = .unknownSection
      return nil
    }
    guard (start < title.count) == kind.isNamed else {
      problem = kind.isNamed ? .missingName : .superfluousName
      return nil
    }
    let name = title.extracting(start..<title.count)
    for index in 0..<sectionCount where section(index).kind == kind {
      if self.name(ofSection: index).equals(name) { return index }
    }
    guard count(kind) < kind.limit, sectionCount < Self.sectionLimit,
      let stored = store(name)
    else {
      problem = .tooManySections(kind)
      return nil
    }
    let record = SectionRecord(kind: kind, line: Int32(line), name: stored)
    let position = sectionCount
    var bytes = memory.mutableBytes
    bytes.storeBytes(
      of: record, toByteOffset: position * MemoryLayout<SectionRecord>.stride,
      as: SectionRecord.self)
    sectionCount += 1
    return sectionCount - 1
  }

  private mutating func add(
    _ name: borrowing Span<UInt8>, _ value: borrowing Span<UInt8>, to section: Int, line: Int,
    _ problem: inout ConfigurationProblem.Kind?
  ) {
    if let known = self.section(section).kind.keys, !known.lists(name) {
      problem = .unknownKey(known)
      return
    }
    for index in 0..<entryCount where Int(entry(index).section) == section {
      if self.name(of: entry(index)).equals(name) {
        problem = .repeatedKey
        return
      }
    }
    guard entryCount < entryLimit, let storedName = store(name), let storedValue = store(value)
    else {
      problem = .tooManyKeys
      return
    }
    let record = Entry(
      section: Int32(section), line: Int32(line), name: storedName, value: storedValue)
    let position = entryCount
    var bytes = memory.mutableBytes
    bytes.storeBytes(
      of: record, toByteOffset: Self.entriesOffset + position * MemoryLayout<Entry>.stride,
      as: Entry.self)
    entryCount += 1
  }

  private mutating func store(_ text: borrowing Span<UInt8>) -> StoredText? {
    let start = textsOffset + textCount
    guard text.count <= memory.byteCount - start else { return nil }
    var bytes = memory.mutableBytes
    for index in text.indices {
      bytes.storeBytes(of: text[index], toByteOffset: start + index, as: UInt8.self)
    }
    let stored = StoredText(offset: Int32(textCount), count: Int32(text.count))
    textCount += text.count
    return stored
  }
}
