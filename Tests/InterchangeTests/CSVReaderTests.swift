import Interchange
import TestSupport
import Testing
import Text

@Suite struct CSVReaderTests {
  static let texts: [(String, [[String]])] = [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a\n", [["a"]]),
    ("a,b\n1,2\n\n\r\n\n", [["a", "b"], ["1", "2"]]),
    ("\u{FEFF}a,b\n,\n", [["a", "b"], ["", ""]]),
    ("a,b,c\n,,3\n", [["a", "b", "c"], ["", "", "3"]]),
    (
      "\"acc, x (m/s²)\",\"say \"\"hi\"\"\"\n1,2\n",
      [["acc, x (m/s²)", "say \"hi\""], ["1", "2"]]
    ),
    ("\"two\nlines\",b\n\"\",\"x\"\n", [["two\nlines", "b"], ["", "x"]]),
    ("a b , c\n 1 ,2\n", [["a b ", " c"], [" 1 ", "2"]]),
  ]

  @Test(arguments: texts)
  func readsRecords(text: String, expected: [[String]]) throws {
    #expect(try records(text) == expected)
  }

  @Test(arguments: texts)
  func piecesOfAnySizeGiveTheSameRecords(text: String, expected: [[String]]) throws {
    for size in 1...7 { #expect(try records(text, pieceByteCount: size) == expected) }
  }

  @Test func filesLongerThanTheBufferAreRead() throws {
    let rows = (0..<5000).map { ["\($0)", "\(Double($0) * 0.37)", "text \($0)"] }
    let text = rows.map { $0.joined(separator: ",") }.joined(separator: "\n")
    #expect(try records(text, pieceByteCount: 1000) == rows)
  }

  @Test(
    arguments: [
      ("", .noHeader, 1, 0), ("\n\n", .noHeader, 1, 0),
      ("a,b\n1,2\n3\n", .cellCount(expected: 2, found: 1), 3, 0),
      ("a,b\n1,2,3\n", .cellCount(expected: 2, found: 3), 2, 0),
      ("a,b\n\n1,2\n", .blankLine, 2, 0),
      ("a,b\n1,\"2\n", .unterminatedQuote, 2, 0),
      ("a,b\n1,2\"\"\n", .strayQuote, 2, 2),
      ("a,b\n\"1\"x,2\n", .textAfterQuote, 2, 1),
      ("a,b\n\"1\"\"\" \"\",2\n", .textAfterQuote, 2, 1),
      ("\"a\nb\nc\",d\n1\n", .cellCount(expected: 2, found: 1), 4, 0),
      ("a\n" + String(repeating: "1", count: 20_000), .recordTooLong(limit: 16_384), 2, 0),
      (String(repeating: ",", count: 128) + "\n", .tooManyColumns(limit: 128), 1, 0),
    ] as [(String, CSVError.Kind, Int, Int)])
  func brokenFilesAreToldWithTheirPlace(
    text: String, kind: CSVError.Kind, line: Int, column: Int
  ) throws {
    let error = try #require(csvError(text))
    #expect(error.kind == kind)
    #expect(error.line == line)
    #expect(error.column == column)
  }

  @Test(arguments: [
    ("", "line 2, column 2: the cell is empty; "),
    ("abc", "line 2, column 2: \"abc\" is not a number; "),
    ("1,5", nil), ("NaN", "\"NaN\" is not a finite number; "),
    ("-inf", "\"-inf\" is not a finite number; "), ("1e999", "\"1e999\" is too large"),
    ("0x10", "\"0x10\" is not a number"), ("1 2", "\"1 2\" is not a number"),
    ("\u{1B}[31m", "\"\\x1b[31m\" is not a number"),
    ("a text that goes on longer than an error should", "\"a text that goes on longer than …\""),
  ])
  func cellsThatAreNoNumbersAreShown(cell: String, message: String?) throws {
    var reader = CSVReader(ArrayByteSource("t,x\n0,\(cell)\n"))
    _ = try reader.nextRecord()
    do {
      _ = try reader.nextRecord()
    } catch {
      #expect(message == nil)
      return
    }
    do throws(CSVError) {
      _ = try reader.number(1)
      Issue.record("a number")
    } catch {
      let text = error.description
      #expect(text.contains(message ?? "no error"), "\(text)")
    }
  }

  @Test func aFailingSourceIsPassedOn() {
    var reader = CSVReader(ArrayByteSource("a,b\n1,", breaks: true))
    #expect(throws: Never.self) { _ = try reader.nextRecord() }
    do {
      _ = try reader.nextRecord()
      Issue.record("no error")
    } catch {
      guard case .source = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func randomBytesEndInRecordsOrATypedError() {
    var random = SeededGenerator(for: "CSV")
    let alphabet = Array("a1,\"\n\r -.e\u{FEFF}".utf8)
    for _ in 0..<5000 {
      let length = Int.random(in: 0...60, using: &random)
      var source = ArrayByteSource("")
      source.bytes = (0..<length).map { _ in alphabet.randomElement(using: &random)! }
      source.pieceByteCount = Int.random(in: 1...9, using: &random)
      var reader = CSVReader(source)
      var columnCount: Int?
      do {
        while try reader.nextRecord() {
          let count = reader.columnCount
          #expect(columnCount ?? count == count)
          columnCount = count
          for column in 0..<count { _ = try? reader.number(column) }
        }
      } catch {
        guard case .content = error else {
          Issue.record("\(error)")
          return
        }
      }
    }
  }
}

@Suite struct ColumnTitleTests {
  @Test(arguments: [
    ("acc_x", "acc_x", ""), ("acc_x (m/s^2)", "acc_x", "m/s^2"), (" a b ( °C ) ", "a b", "°C"),
    ("f(x) (V)", "f(x)", "V"), ("(V)", "(V)", ""), ("x ()", "x", ""), ("x (V) y", "x (V) y", ""),
    ("", "", ""), (")", ")", ""), ("x)", "x)", ""),
  ])
  func nameAndUnitComeApart(cell: String, name: String, unit: String) {
    let bytes = Array(cell.utf8)
    let title = ColumnTitle(bytes.span)
    let found = (String { $0.append(title.name) }, String { $0.append(title.unit) })
    #expect(found == (name, unit))
  }
}
