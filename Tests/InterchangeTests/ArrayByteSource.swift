import Interchange
import Text

/// Bytes from memory, handed out in pieces of a chosen size, optionally with a failure at the end.
struct ArrayByteSource: ByteSource {
  struct Broken: Error, Equatable {}

  var bytes: [UInt8]
  var pieceByteCount = Int.max
  var breaks = false

  init(_ text: String, pieceByteCount: Int = .max, breaks: Bool = false) {
    self.bytes = Array(text.utf8)
    self.pieceByteCount = pieceByteCount
    self.breaks = breaks
  }

  mutating func read(into buffer: inout MutableSpan<UInt8>, at offset: Int) throws(Broken) -> Int {
    if bytes.isEmpty && breaks { throw Broken() }
    let count = min(bytes.count, pieceByteCount, buffer.count - offset)
    for index in 0..<count { buffer[offset + index] = bytes[index] }
    bytes.removeFirst(count)
    return count
  }
}

/// All records as strings, or what went wrong.
func records(
  _ text: String, pieceByteCount: Int = .max
) throws(CSVReadError<ArrayByteSource.Broken>) -> [[String]] {
  var reader = CSVReader(ArrayByteSource(text, pieceByteCount: pieceByteCount))
  var result: [[String]] = []
  while try reader.nextRecord() {
    result.append(
      (0..<reader.columnCount).map { column in String { $0.append(reader.cell(column)) } })
  }
  return result
}

/// The error a text gives when all of it is read.
func csvError(_ text: String) -> CSVError? {
  do {
    _ = try records(text)
    return nil
  } catch {
    guard case .content(let error) = error else { return nil }
    return error
  }
}
