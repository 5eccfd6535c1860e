import Foundation
import Interchange
import TestSupport
import Testing
import Text

/// Reads any JSON into Foundation's types.
private func decode(_ cursor: inout JSONCursor, _ text: [UInt8]) throws(JSONError) -> Any {
  var probe = cursor.offset
  while probe < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[probe]) { probe += 1 }
  switch probe < text.count ? text[probe] : 0 {
  case UInt8(ascii: "{"):
    var object: [String: Any] = [:]
    try cursor.beginObject()
    while let key = try cursor.nextKey() {
      let name = String(decoding: (0..<key.count).map { key[$0] }, as: UTF8.self)
      object[name] = try decode(&cursor, text)
    }
    return object
  case UInt8(ascii: "["):
    var array: [Any] = []
    try cursor.beginArray()
    while try cursor.nextElement() { array.append(try decode(&cursor, text)) }
    return array
  case UInt8(ascii: "\""):
    var string = ""
    try cursor.string(into: &string)
    return string
  case UInt8(ascii: "t"), UInt8(ascii: "f"):
    return try cursor.boolean()
  case UInt8(ascii: "n"):
    try cursor.skip()
    return NSNull()
  default:
    return try cursor.number()
  }
}

private func read(_ text: [UInt8]) throws(JSONError) -> Any {
  var cursor = JSONCursor(text.span)
  let value = try decode(&cursor, text)
  try cursor.end()
  return value
}

private func skipped(_ text: [UInt8]) throws(JSONError) {
  var cursor = JSONCursor(text.span)
  try cursor.skip()
  try cursor.end()
}

private func canonical(_ value: Any) throws -> Data {
  try JSONSerialization.data(withJSONObject: [value], options: .sortedKeys)
}

@Suite("JSON cursor")
struct JSONCursorTests {
  @Test(
    "Values are what Foundation reads",
    arguments: [
      #"{}"#, #"[]"#, #" { "a" : [ 1 , -2.5e3, 0, 1E-2 ] , "b" : { "c" : true , "d" : null } } "#,
      #"["\u0041\n\"\\\/\b\f\r\t", "\ud83d\ude00é", "ü"]"#, #"12"#, #""x""#, #"[[[[]]],{"":[]}]"#,
      #"[0.1,123456789012345,1e308,-0.0]"#,
    ])
  func values(text: String) throws {
    let bytes = Array(text.utf8)
    let expected = try JSONSerialization.jsonObject(
      with: Data(bytes), options: .fragmentsAllowed)
    #expect(try canonical(try read(bytes)) == canonical(expected))
    try skipped(bytes)
  }

  @Test("Half of a surrogate pair becomes the replacement character")
  func surrogates() throws {
    #expect(try read(Array(#""\ud83dx\udc00""#.utf8)) as? String == "\u{FFFD}x\u{FFFD}")
  }

  @Test(
    "What is not JSON has its place",
    arguments: [
      ("", 0), ("{", 1), ("[1,]", 3), ("[1 2]", 3), (#"{"a" 1}"#, 5), (#"{a:1}"#, 1), ("01", 0),
      ("1.", 0), (".5", 0), ("+1", 0), ("[1]x", 3), (#""\x""#, 1), (#""\u12g4""#, 1),
      ("\"\u{1}\"", 1), ("nul", 0), ("NaN", 0), ("\"abc", 4), ("{\"a\":1,}", 7),
      (String(repeating: "[", count: 17), 16),
    ])
  func refusals(text: String, offset: Int) {
    let error = #expect(throws: JSONError.self) { try skipped(Array(text.utf8)) }
    #expect(error?.offset == offset, "\(text): \(error?.description ?? "taken")")
  }

  @Test("A number beyond the largest double is passed over, and refused where it is read")
  func largeNumber() throws {
    try skipped(Array("1e999".utf8))
    #expect(throws: JSONError.self) { try read(Array("1e999".utf8)) }
  }

  @Test("Any damaged text is an error or a value that Foundation reads too")
  func damage() throws {
    let seed: UInt64 = 12
    var random = SeededGenerator(seed: seed)
    let text = Array(
      #"{"op":"predict","id":7,"samples":[[1.5,-2e3,0],[4,5,6]],"a":[true,null,"\u00e9"]}"#.utf8)
    for _ in 0..<20_000 {
      var damaged = text
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(
          in: 0x20...0x7E, using: &random)
      }
      guard (try? skipped(damaged)) != nil else { continue }
      #expect(
        (try? JSONSerialization.jsonObject(with: Data(damaged), options: .fragmentsAllowed)) != nil
          || (try? read(damaged)) == nil,
        "\(String(decoding: damaged, as: UTF8.self)), seed \(seed)")
    }
  }
}
