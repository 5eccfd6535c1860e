import CInih
import LinuxPlatform
import ModelCommands
import Text

extension ConfigurationEntries {
  /// Reads an INI file with libinih.
  ///
  /// - Throws: For syntax errors, unknown sections and keys, and keys given twice, with the line.
  init(reading path: FilePath) throws(CommandFailure) {
    var parser = ConfigurationParser(try allocate(ConfigurationParser.capacity, for: path))
    do throws(PlatformError) {
      try parser.load(path)
    } catch {
      throw CommandFailure(error, file: path)
    }
    parser.parse()
    if let problem = parser.problem {
      throw CommandFailure(exitCode: CommandFailure.badData, file: path) {
        problem.describe(into: &$0)
      }
    }
    self = parser.entries
  }
}

/// What is wrong in a configuration file, and where.
struct ConfigurationProblem {
  enum Kind {
    case fileTooLong
    case lineTooLong
    case notUnderstood
    case unknownSection
    case unknownKey
    case repeatedKey
  }

  let kind: Kind
  let line: Int
  var section = TextBuffer<64>()
  var name = TextBuffer<64>()

  init(_ kind: Kind, line: Int) {
    self.kind = kind
    self.line = line
  }

  func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("line ")
    sink.append(line)
    sink.append(": ")
    switch kind {
    case .fileTooLong:
      sink.append("the file is longer than ")
      sink.append(ConfigurationParser.capacity)
      sink.append(" bytes; is it a configuration file?")
    case .lineTooLong:
      sink.append("the line is longer than ")
      sink.append(ConfigurationParser.maximumLineByteCount)
      sink.append(" bytes; shorten it")
    case .notUnderstood:
      sink.append("neither [section] nor key = value; correct it, or begin it with # if it is ")
      sink.append("a comment")
    case .unknownSection where section.isEmpty:
      sink.append("a key before any section; known sections: ")
      sink.append(ConfigurationKey.sections)
    case .unknownSection:
      sink.append("unknown section [")
      sink.append(visible: section.bytes)
      sink.append("]; known: ")
      sink.append(ConfigurationKey.sections)
    case .unknownKey:
      sink.append("unknown key \"")
      sink.append(visible: name.bytes)
      sink.append("\" in [")
      sink.append(visible: section.bytes)
      sink.append("]; known: ")
      sink.append(ConfigurationKey.names(in: section.bytes) ?? "")
    case .repeatedKey:
      sink.append("\"")
      sink.append(visible: name.bytes)
      sink.append("\" was given in [")
      sink.append(visible: section.bytes)
      sink.append("] before; keep one of them")
    }
  }
}

/// Feeds libinih line by line and collects what it finds.
///
/// This is the one place of the program with pointers: the two functions that libinih calls back.
private struct ConfigurationParser: ~Copyable {
  static let capacity = 65_536
  static let maximumLineByteCount = 4_200

  private(set) var entries = ConfigurationEntries()
  private(set) var problem: ConfigurationProblem?

  private var memory: MemoryRegion
  private var byteCount = 0
  private var position = 0
  private var line = 0

  init(_ memory: consuming MemoryRegion) {
    self.memory = memory
  }

  mutating func load(_ path: FilePath) throws(PlatformError) {
    let file = try FileDescriptor(reading: path)
    byteCount = try memory.fill(0..<memory.byteCount, from: file)
  }

  mutating func parse() {
    guard byteCount < memory.byteCount else {
      problem = ConfigurationProblem(.fileTooLong, line: 1)
      return
    }
    // `self` stays where it is for the call, and both pointers are this one.
    let errorLine = unsafe withUnsafeMutablePointer(to: &self) { parser in
      unsafe swl_ini_parse(
        Self.readLine, parser, Self.takeEntry, parser, Int32(Self.maximumLineByteCount + 1))
    }
    if errorLine != 0 && problem == nil {
      problem = ConfigurationProblem(.notUnderstood, line: Int(errorLine))
    }
  }

  /// `fgets` over the loaded file: one line with its line feed and a NUL.
  private static let readLine: ini_reader = { buffer, capacity, parser in
    // libinih passes on the parser it was given, and a buffer of `capacity` bytes.
    guard let buffer = unsafe buffer, let parser = unsafe parser else { return nil }
    let line = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: Int(capacity))
    let state = unsafe parser.assumingMemoryBound(to: ConfigurationParser.self)
    return unsafe state.pointee.copyLine(to: line) ? buffer : nil
  }

  private static let takeEntry: ini_handler = { parser, section, name, value in
    // The strings are NUL-terminated and there for the call.
    guard let parser = unsafe parser, let section = unsafe section, let name = unsafe name,
      let value = unsafe value
    else { return 0 }
    let state = unsafe parser.assumingMemoryBound(to: ConfigurationParser.self)
    let isTaken = unsafe state.pointee.take(
      section: bytes(section), name: bytes(name), value: bytes(value))
    return isTaken ? 1 : 0
  }

  private mutating func copyLine(to line: UnsafeMutableRawBufferPointer) -> Bool {
    guard position < byteCount, problem == nil else { return false }
    self.line += 1
    var count = 0
    var isComplete = false
    while position + count < byteCount, !isComplete {
      let byte = byte(at: position + count)
      // Room for this byte and the NUL; a NUL of the file's own would hide the rest of the line.
      guard count + 1 < line.count, byte != 0 else {
        problem = ConfigurationProblem(byte == 0 ? .notUnderstood : .lineTooLong, line: self.line)
        return false
      }
      unsafe line[count] = byte
      count += 1
      isComplete = byte == UInt8(ascii: "\n")
    }
    unsafe line[count] = 0
    position += count
    return true
  }

  private borrowing func byte(at offset: Int) -> UInt8 { Span<UInt8>(_bytes: memory.bytes)[offset] }

  private mutating func take(
    section: borrowing Span<UInt8>, name: borrowing Span<UInt8>, value: borrowing Span<UInt8>
  ) -> Bool {
    let kind: ConfigurationProblem.Kind
    if let key = ConfigurationKey(section: section, name: name) {
      if entries.set(key, to: value, line: line) { return true }
      kind = .repeatedKey
    } else {
      kind = ConfigurationKey.names(in: section) == nil ? .unknownSection : .unknownKey
    }
    var problem = ConfigurationProblem(kind, line: line)
    problem.section.append(section)
    problem.name.append(name)
    self.problem = problem
    return false
  }

  @_lifetime(borrow string)
  private static func bytes(_ string: UnsafePointer<CChar>) -> Span<UInt8> {
    var count = 0
    while unsafe string[count] != 0 { count += 1 }
    let start = unsafe UnsafeRawPointer(string).assumingMemoryBound(to: UInt8.self)
    return unsafe _overrideLifetime(Span(_unsafeStart: start, count: count), borrowing: string)
  }
}
