import Interchange

/// Every byte string is a header whose sizes fit each other, or a `NumpyError`.
func fuzzNumpyHeader(_ input: UnsafeRawBufferPointer) {
  let bytes = Array(input)
  do throws(NumpyError) {
    if let byteCount = try byteCount(ofHeader: bytes), byteCount < 0 { report("\(byteCount)") }
    let header = try NumpyHeader(parsing: bytes.span)
    guard header.dataOffset <= bytes.count, header.elementCount >= 0,
      header.dataByteCount == header.elementCount * header.elementType.byteCount
    else { report("\(header)") }
    let again = try NumpyHeader(elementType: header.elementType, shape: header.shape)
    if again.dataByteCount != header.dataByteCount { report("\(header) and \(again)") }
  } catch {
    if error.description.isEmpty { report("an error that says nothing") }
  }
}

private func byteCount(ofHeader bytes: [UInt8]) throws(NumpyError) -> Int? {
  guard bytes.count >= NumpyHeader.prefixByteCount else { return nil }
  return try NumpyHeader.byteCount(prefix: bytes.span)
}

/// Every byte string is records of as many cells as the header has, or a `CSVError`. The first
/// byte is the size of the pieces in which the source delivers the rest.
func fuzzCSV(_ input: UnsafeRawBufferPointer) {
  let bytes = Array(input)
  guard let first = bytes.first else { return }
  var reader = CSVReader(PieceSource(bytes: bytes, next: 1, pieceByteCount: Int(first) + 1))
  do throws(CSVReadError<Never>) {
    var columns: Int?
    while try reader.nextRecord() {
      if columns == nil { columns = reader.columnCount }
      if columns != reader.columnCount { report("\(reader.columnCount) cells") }
      for column in 0..<reader.columnCount {
        let title = ColumnTitle(reader.cell(column))
        if title.name.count + title.unit.count > reader.cell(column).count { report("title") }
        number(column, of: reader)
      }
    }
  } catch {
    guard case .content(let error) = error else { report("the source cannot fail") }
    if error.line < 0 || error.column < 0 { report("\(error)") }
  }
}

private func number(_ column: Int, of reader: borrowing CSVReader<PieceSource>) {
  do throws(CSVError) {
    let value = try reader.number(column)
    if !value.isFinite { report("\(value)") }
  } catch {
    if error.line < 1 { report("\(error)") }
  }
}

/// Bytes in pieces of one size.
private struct PieceSource: ByteSource {
  let bytes: [UInt8]
  var next: Int
  let pieceByteCount: Int

  mutating func read(into buffer: inout MutableSpan<UInt8>, at offset: Int) throws(Never) -> Int {
    let count = min(bytes.count - next, pieceByteCount, buffer.count - offset)
    for index in 0..<count { buffer[offset + index] = bytes[next + index] }
    next += count
    return count
  }
}
