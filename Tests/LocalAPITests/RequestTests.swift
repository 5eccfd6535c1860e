import Interchange
import TestSupport
import Testing
import Text

@testable import LocalAPI

/// A request with the samples it brought.
private func read(
  _ line: String, channelCount: Int = 2, capacity: Int = 8
) throws(RequestError) -> (request: Request, samples: [Float]) {
  var samples = [Float](repeating: .nan, count: capacity)
  var span = samples.mutableSpan
  var identifier = RequestIdentifier.none
  let bytes = Array(line.utf8)
  let request = try Request(
    bytes.span, channelCount: channelCount, samples: &span, identifier: &identifier)
  return (request, samples)
}

extension Topics {
  fileprivate init(_ topics: Topics...) {
    self = .none
    for topic in topics { insert(topic) }
  }
}

@Suite("Requests of the local interface")
struct RequestTests {
  @Test("Operations are read, keys in any order")
  func operations() throws {
    #expect(try read(#"{"op":"state"}"#).request.operation == .state)
    #expect(try read(#" { "id" : 4 , "op" : "health" } "#).request.operation == .health)
    #expect(try read(#"{"op":"statistics"}"#).request.operation == .statistics)
    #expect(try read(#"{"op":"model"}"#).request.operation == .model)
    #expect(
      try read(#"{"to":["drift","predictions"],"op":"subscribe"}"#).request.operation
        == .subscribe(Topics(.drift, .predictions)))
    #expect(
      try read(#"{"op":"unsubscribe"}"#).request.operation
        == .unsubscribe(Topics(.predictions, .decisions, .drift, .sensors)))
  }

  @Test("Samples are stored one after another")
  func samples() throws {
    let (request, samples) = try read(#"{"op":"predict","samples":[[1,-2.5],[3e2,4]]}"#)
    #expect(request.operation == .predict(sampleCount: 2))
    #expect(Array(samples.prefix(4)) == [1, -2.5, 300, 4])
  }

  @Test("Identifiers are whole numbers or texts")
  func identifiers() throws {
    guard case .number(-12) = try read(#"{"id":-12,"op":"state"}"#).request.identifier else {
      Issue.record("a number")
      return
    }
    guard case .text(let text) = try read(#"{"id":"aé","op":"state"}"#).request.identifier else {
      Issue.record("a text")
      return
    }
    let isSame = text.bytes.equals("aé")
    #expect(isSame)
  }

  @Test(
    "What is not a request is told",
    arguments: [
      (#"{}"#, "op is missing"), (#"{"op":"stop"}"#, "op is not known"),
      (#"{"op":"state","a":1}"#, "a key is not known"),
      (#"{"op":"state","samples":[]}"#, "a key is not known"),
      (#"{"op":"subscribe","to":["weather"]}"#, "a topic is not known"),
      (#"{"op":"predict","samples":[[1]]}"#, "a sample has 1 values, the model has 2 channels"),
      (#"{"op":"predict","samples":[[1,2,3]]}"#, "a sample has 3 values"),
      (#"{"op":"predict","samples":[[1,2],[1,2],[1,2],[1,2],[1,2]]}"#, "there are more than 4"),
      (#"{"op":"predict","samples":[[1e39,2]]}"#, "a value does not fit"),
      (#"{"op":"predict","samples":[1,2]}"#, "byte 27: a list should come here"),
      (#"{"op":1}"#, "byte 6: a text in quotation marks"), ("GET / HTTP/1.1", "byte 0: an object"),
      (#"{"id":1.5,"op":"state"}"#, "byte 6: a whole number"),
      (
        #"{"id":"12345678901234567890123456789012345678901234567890123456789012345","op":"state"}"#,
        "id is neither"
      ),
    ])
  func refusals(line: String, message: String) throws {
    let error = try #require(throws: RequestError.self) { try read(line) }
    #expect(error.description.hasPrefix(message), "\(error)")
  }

  @Test("Any damaged request is an error or a request")
  func damage() {
    let seed: UInt64 = 33
    var random = SeededGenerator(seed: seed)
    let line = Array(#"{"op":"predict","id":"x","samples":[[1.5,-2e3],[4,5]]}"#.utf8)
    var taken = 0
    for _ in 0..<20_000 {
      var damaged = line
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      taken += (try? read(String(decoding: damaged, as: UTF8.self))) == nil ? 0 : 1
    }
    #expect(taken > 0, "some changes are harmless, seed \(seed)")
  }
}

@Suite("Buffers of a client")
struct BufferTests {
  /// Lines of bytes that come in pieces.
  private func lines(_ pieces: [String], capacity: Int) -> [String] {
    var memory = [UInt8](repeating: 0, count: capacity)
    var assembler = LineAssembler(memory.mutableSpan)
    var lines: [String] = []
    for piece in pieces {
      var rest = Array(piece.utf8)
      while !rest.isEmpty {
        assembler.fill { room in
          let count = min(room.count, rest.count)
          for index in 0..<count { room[index] = rest[index] }
          rest.removeFirst(count)
          return count
        }
        search: while true {
          switch assembler.next() {
          case .none: break search
          case .tooLong: lines.append("(too long)")
          case .line(let range):
            let bytes = assembler.bytes(range)
            lines.append(String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self))
          }
        }
      }
    }
    return lines
  }

  @Test("Lines are cut however the bytes come")
  func pieces() {
    #expect(lines(["a\nbc\n"], capacity: 8) == ["a", "bc"])
    #expect(lines(["a", "b", "\n", "\n", "cd", "\ne"], capacity: 8) == ["ab", "", "cd"])
    #expect(lines(["1234567\n1234567\nx\n"], capacity: 8) == ["1234567", "1234567", "x"])
  }

  @Test("A line that is too long is told once, and the next one is read")
  func long() {
    #expect(lines(["12345678\nab\n"], capacity: 8) == ["(too long)", "ab"])
    #expect(
      lines([String(repeating: "x", count: 100), "\nab\n"], capacity: 8) == ["(too long)", "ab"])
  }

  @Test("A queue takes whole lines, and gives them in pieces")
  func queue() {
    var memory = [UInt8](repeating: 0, count: 8)
    var queue = OutputQueue(memory.mutableSpan)
    var out: [UInt8] = []
    let line: [UInt8] = [1, 2, 3, 4, 5]
    let isTaken = queue.append(line.span)
    let isSecondTaken = queue.append(line.span)
    #expect(isTaken && !isSecondTaken)
    queue.drain { bytes in
      for index in 0..<3 { out.append(bytes[index]) }
      return 3
    }
    let isTakenLater = queue.append(line.span)
    #expect(isTakenLater)
    queue.drain { bytes in
      for index in bytes.indices { out.append(bytes[index]) }
      return bytes.count
    }
    #expect(out == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
    let isEmpty = queue.isEmpty
    #expect(isEmpty)
  }
}
