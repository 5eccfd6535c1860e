import CInih
import LinuxPlatform
import ModelCommands
import Text

extension ConfigurationFile {
  /// Reads an INI file with libinih.
  ///
  /// - Throws: For syntax errors, unknown sections and keys, and keys given twice, with the line.
  static func reading(_ path: FilePath) throws(CommandFailure) -> ConfigurationFile {
    var memory = try allocate(Self.capacity, for: path)
    let byteCount = try naming(path) { () throws(PlatformError) in
      let file = try FileDescriptor(reading: path)
      return try memory.fill(0..<memory.byteCount, from: file)
    }
    var reader = ConfigurationReader(
      try ConfigurationFile(at: path, byteCount: byteCount), memory, byteCount: byteCount)
    reader.parse()
    if let problem = reader.problem {
      throw CommandFailure(exitCode: CommandFailure.badData, file: path) {
        problem.describe(into: &$0)
      }
    }
    return reader.takeFile()
  }
}

/// Feeds libinih line by line and collects what it finds.
///
/// This is the one place of the program with pointers: the two functions that libinih calls back.
private struct ConfigurationReader: ~Copyable {
  private(set) var problem: ConfigurationProblem?

  private var file: ConfigurationFile
  private var memory: MemoryRegion
  private let byteCount: Int
  private var position = 0
  private var line = 0

  init(
    _ file: consuming ConfigurationFile, _ memory: consuming MemoryRegion, byteCount: Int
  ) {
    self.file = file
    self.memory = memory
    self.byteCount = byteCount
  }

  consuming func takeFile() -> ConfigurationFile { file }

  mutating func parse() {
    guard byteCount < memory.byteCount else {
      problem = ConfigurationProblem(.fileTooLong, line: 1)
      return
    }
    // `self` stays where it is for the call, and both pointers are this one.
    let errorLine = unsafe withUnsafeMutablePointer(to: &self) { parser in
      unsafe swl_ini_parse(
        Self.readLine, parser, Self.takeEntry, parser,
        Int32(ConfigurationFile.maximumLineByteCount + 1))
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
    let state = unsafe parser.assumingMemoryBound(to: ConfigurationReader.self)
    return unsafe state.pointee.copyLine(to: line) ? buffer : nil
  }

  /// Takes a key. The section is known already, see `copyLine(to:)`.
  private static let takeEntry: ini_handler = { parser, _, name, value in
    // The strings are NUL-terminated and there for the call.
    guard let parser = unsafe parser, let name = unsafe name, let value = unsafe value
    else { return 0 }
    let state = unsafe parser.assumingMemoryBound(to: ConfigurationReader.self)
    return unsafe state.pointee.take(name: bytes(name), value: bytes(value)) ? 1 : 0
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
    let text = unsafe Span<UInt8>(_bytes: RawSpan(_unsafeBytes: line)).extracting(first: count)
    problem = Self.openSection(text, line: self.line, in: &file)
    position += count
    return problem == nil
  }

  /// Takes the line as a section where it is one: libinih tells of a section with its first key, and
  /// so nothing of one that has none, and shortens long titles.
  private static func openSection(
    _ text: borrowing Span<UInt8>, line: Int, in file: inout ConfigurationFile
  ) -> ConfigurationProblem? {
    var start = 0
    while start < text.count, text[start] == UInt8(ascii: " ") || text[start] == UInt8(ascii: "\t")
    {
      start += 1
    }
    guard start < text.count, text[start] == UInt8(ascii: "[") else { return nil }
    start += 1
    var end = start
    while end < text.count, text[end] != UInt8(ascii: "]") { end += 1 }
    // Without the bracket it is for libinih to refuse.
    guard end < text.count else { return nil }
    return file.open(section: text.extracting(start..<end), line: line)
  }

  private borrowing func byte(at offset: Int) -> UInt8 { Span<UInt8>(_bytes: memory.bytes)[offset] }

  private mutating func take(
    name: borrowing Span<UInt8>, value: borrowing Span<UInt8>
  ) -> Bool {
    problem = file.add(name, value, line: line)
    return problem == nil
  }

  @_lifetime(borrow string)
  private static func bytes(_ string: UnsafePointer<CChar>) -> Span<UInt8> {
    var count = 0
    while unsafe string[count] != 0 { count += 1 }
    let start = unsafe UnsafeRawPointer(string).assumingMemoryBound(to: UInt8.self)
    return unsafe _overrideLifetime(Span(_unsafeStart: start, count: count), borrowing: string)
  }
}
