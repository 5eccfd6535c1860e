import Testing
import Text

@testable import LocalAPI

/// What a client sends and takes, as a test wants it.
private final class Line {
  var coming: [UInt8] = []
  var taken: [UInt8] = []
  /// Bytes the client still takes.
  var room = Int.max
  var isClosed = false
}

private struct FakeConnection: ClientConnection, ~Copyable {
  let line: Line

  mutating func receive(into buffer: inout MutableSpan<UInt8>) -> ConnectionProgress {
    guard !line.coming.isEmpty else { return line.isClosed ? .closed : .nothing }
    let count = min(buffer.count, line.coming.count)
    for index in 0..<count { buffer[index] = line.coming[index] }
    line.coming.removeFirst(count)
    return .bytes(count)
  }

  mutating func send(_ bytes: borrowing Span<UInt8>) -> ConnectionProgress {
    let count = min(bytes.count, line.room)
    guard count > 0 else { return .nothing }
    for index in 0..<count { line.taken.append(bytes[index]) }
    line.room -= count
    return .bytes(count)
  }
}

@Suite("The table of clients")
struct ClientTableTests {
  /// A table of two places, lines of 15 bytes and 32 bytes that may wait.
  private struct Table: ~Copyable {
    var table = ClientTable<FakeConnection>(limit: 2, lineByteCount: 16, outputByteCount: 32)
    var memory: [UInt8]

    init() { memory = [UInt8](repeating: 0, count: table.memoryByteCount) }

    mutating func add(_ line: Line) -> Int? {
      switch table.add(FakeConnection(line: line)) {
      case .place(let place): place
      case .full: nil
      }
    }

    /// Reads once and takes every line that is complete.
    mutating func lines(_ place: Int) -> [String] {
      var memory = memory
      defer { self.memory = memory }
      // A view of a stored array would keep the table from being used.
      var bytes = memory
      defer { memory = bytes }
      var span = bytes.mutableSpan
      table.receive(place, &span)
      var lines: [String] = []
      while true {
        switch table.nextLine(place, &span) {
        case .none: return lines
        case .tooLong: lines.append("(too long)")
        case .line(let range):
          lines.append(String(decoding: range.map { span[$0] }, as: UTF8.self))
        }
      }
    }

    mutating func append(_ text: String, to place: Int) {
      var memory = memory
      defer { self.memory = memory }
      var bytes = memory
      defer { memory = bytes }
      var span = bytes.mutableSpan
      let line = Array(text.utf8)
      table.append(line.span, to: place, &span)
    }

    mutating func flush(_ place: Int) {
      var memory = memory
      defer { self.memory = memory }
      var bytes = memory
      defer { memory = bytes }
      var span = bytes.mutableSpan
      table.flush(place, &span)
    }
  }

  @Test("There are as many places as were asked for, and a place is used again")
  func places() {
    var table = Table()
    let places = [table.add(Line()), table.add(Line()), table.add(Line())]
    #expect(places == [0, 1, nil])
    table.table.remove(0)
    let again = table.add(Line())
    #expect(again == 0)
    let statistics = table.table.statistics
    #expect(statistics.connected == 2 && statistics.accepted == 3 && statistics.refused == 1)
    #expect(statistics.dropped == 0)
  }

  @Test("Bytes of different clients do not mix")
  func separate() {
    var table = Table()
    let (first, second) = (Line(), Line())
    _ = table.add(first)
    _ = table.add(second)
    first.coming = Array("ab".utf8)
    second.coming = Array("12\n3".utf8)
    let early = [table.lines(0), table.lines(1)]
    #expect(early == [[], ["12"]])
    first.coming = Array("c\n".utf8)
    second.coming = Array("4\n".utf8)
    let late = [table.lines(0), table.lines(1)]
    #expect(late == [["abc"], ["34"]])
    table.append("one\n", to: 0)
    table.append("two\n", to: 1)
    table.flush(0)
    table.flush(1)
    #expect(first.taken == Array("one\n".utf8) && second.taken == Array("two\n".utf8))
  }

  @Test("A line that is too long is told, and what follows is read")
  func long() {
    var table = Table()
    let line = Line()
    _ = table.add(line)
    line.coming = Array((String(repeating: "x", count: 40) + "\nok\n").utf8)
    var lines: [String] = []
    for _ in 0..<4 { lines += table.lines(0) }
    #expect(lines == ["(too long)", "ok"])
  }

  @Test("A client that does not read is dropped before a line is cut")
  func slow() {
    var table = Table()
    let line = Line()
    _ = table.add(line)
    line.room = 3
    let text = "0123456789\n"
    for _ in 0..<2 { table.append(text, to: 0) }
    table.flush(0)
    let isOver = table.table.isOver(0)
    #expect(!isOver && line.taken.count == 3)
    for _ in 0..<2 { table.append(text, to: 0) }
    let isLost = table.table.isOver(0)
    #expect(isLost)
    table.flush(0)
    #expect(line.taken.count == 3, "nothing follows a line that was thrown away")
    table.table.remove(0)
    #expect(table.table.statistics.dropped == 1)
  }

  @Test("What was sent before the end is answered")
  func halfClosed() {
    var table = Table()
    let line = Line()
    _ = table.add(line)
    line.coming = Array("last\n".utf8)
    line.isClosed = true
    let lines = table.lines(0)
    #expect(lines == ["last"])
    let none = table.lines(0)
    #expect(none.isEmpty)
    table.append("answer\n", to: 0)
    let isWaiting = table.table.isOver(0)
    #expect(!isWaiting)
    table.flush(0)
    let isOver = table.table.isOver(0)
    #expect(isOver && line.taken == Array("answer\n".utf8))
  }

  @Test("Nonsense without end ends the connection, a request forgives it")
  func mistakes() {
    var table = Table()
    _ = table.add(Line())
    let limit = ClientTable<FakeConnection>.mistakeLimit
    for _ in 1..<limit { table.table.note(0, isRequest: false) }
    table.table.note(0, isRequest: true)
    for _ in 1..<limit { table.table.note(0, isRequest: false) }
    let isOver = table.table.isOver(0)
    #expect(!isOver)
    table.table.note(0, isRequest: false)
    let isOverNow = table.table.isOver(0)
    #expect(isOverNow)
    #expect(table.table.statistics.mistakes == UInt64(2 * limit - 1))
  }

  @Test("Topics are heard by those who asked for them")
  func topics() {
    var table = Table()
    _ = table.add(Line())
    let before = table.table.isHeard(.drift)
    table.table[topics: 0] = .drift
    let (drift, sensors) = (table.table.isHeard(.drift), table.table.isHeard(.sensors))
    #expect(!before && drift && !sensors)
    for number in 0..<Topics.count {
      let topic = Topics(number: number)
      let name = topic.name.withUTF8Span { Topics(name: $0) }
      #expect(name == topic)
    }
  }
}
