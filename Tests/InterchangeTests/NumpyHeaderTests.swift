import Interchange
import TestSupport
import Testing
import Text

@Suite struct NumpyHeaderTests {
  @Test(
    arguments: [
      ("good-int8-2x3", .int8, [2, 3]), ("good-uint8-4", .uint8, [4]),
      ("good-int32-2x1x2", .int32, [2, 1, 2]), ("good-int64-2", .int64, [2]),
      ("good-float32-3", .float32, [3]), ("good-float64-2", .float64, [2]),
      ("good-float32-scalar", .float32, []), ("good-float32-0x5", .float32, [0, 5]),
      ("good-int8-1x1x1x1x1x1x1x2", .int8, [1, 1, 1, 1, 1, 1, 1, 2]),
      ("good-int8-2x3-v2", .int8, [2, 3]), ("good-int8-2x3-v3", .int8, [2, 3]),
    ] as [(String, NumpyElementType, NumpyShape)])
  func readsWhatNumPyWrote(name: String, type: NumpyElementType, shape: NumpyShape) throws {
    let bytes = try NumpyFixture.bytes(name)
    let header = try NumpyHeader(parsing: bytes.span)
    #expect(header.elementType == type)
    #expect(header.shape == shape)
    #expect(header.dataOffset % 64 == 0)
    #expect(header.dataOffset + header.dataByteCount == bytes.count)
    #expect(try NumpyHeader.byteCount(prefix: bytes.span) == header.dataOffset)
  }

  @Test(arguments: NumpyFixture.good.filter { !$0.hasSuffix("-v2") && !$0.hasSuffix("-v3") })
  func writesTheSameBytesAsNumPy(name: String) throws {
    let bytes = try NumpyFixture.bytes(name)
    let header = try NumpyHeader(parsing: bytes.span)
    #expect(written(header) == Array(bytes.prefix(header.dataOffset)))
    let again = try NumpyHeader(elementType: header.elementType, shape: header.shape)
    #expect(again == header)
  }

  @Test(arguments: [
    ("bad-fortran", "Fortran order"), ("bad-big-endian", "'>f4'"), ("bad-complex", "'<c8'"),
    ("bad-bool", "'|b1'"), ("bad-structured", "a quoted element type"),
    ("bad-9-dimensions", "more than 8 dimensions"),
  ])
  func refusesWhatTensorsCannotHold(name: String, message: String) throws {
    let bytes = try NumpyFixture.bytes(name)
    let error = #expect(throws: NumpyError.self) { try NumpyHeader(parsing: bytes.span) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", nil),
    ("{\"shape\":(3,4),\"descr\":\"<f4\",\"fortran_order\":False}", nil),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (3,), }", nil),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3), }", "',' or ')'"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }", "a dimension"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)", "',' or '}'"),
    ("{'descr': '<f4', 'fortran_order': False}", "lacks the key 'shape'"),
    ("{'fortran_order': False, 'shape': ()}", "lacks the key 'descr'"),
    ("{'descr': '<f4', 'shape': ()}", "lacks the key 'fortran_order'"),
    ("{'descr': '<f4', 'descr': '<f4', 'shape': ()}", "unknown or repeated key 'descr'"),
    ("{'descr': '<f4', 'colour': 3}", "unknown or repeated key 'colour'"),
    ("{'descr': '<f4', 'fortran_order': None, 'shape': ()}", "True or False"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } x", "only spaces"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "too large"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904,)}", "too large"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4611686018427387904, 8)}", nil),
    ("('descr')", "'{'"), ("", "'{'"),
  ])
  func readsDictionariesAndNothingElse(text: String, problem: String?) {
    let bytes =
      Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) })
      + [1, 0, UInt8(text.utf8.count), 0] + text.utf8
    do {
      _ = try NumpyHeader(parsing: bytes.span)
      #expect(problem == nil)
    } catch {
      #expect(error.description.contains(problem ?? "no error"), "\(error.description)")
    }
  }

  @Test func announcedLengthsAreLimited() {
    let magic = [0x93] + Array("NUMPY".utf8)
    let long = magic + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    #expect(throws: NumpyError(.headerTooLong(byteCount: .max), at: 8)) {
      try NumpyHeader.byteCount(prefix: long.span)
    }
    #expect(throws: NumpyError(.unsupportedVersion(major: 4, minor: 0), at: 6)) {
      try NumpyHeader.byteCount(prefix: (magic + [4, 0, 0, 0, 0, 0]).span)
    }
    #expect(throws: NumpyError(.notNumpy, at: 0)) {
      try NumpyHeader.byteCount(prefix: Array("id,x\n1,2\n".utf8).span)
    }
  }

  @Test(arguments: NumpyFixture.good)
  func everyPrefixEndsInAnErrorOrTheHeader(name: String) throws {
    let bytes = try NumpyFixture.bytes(name)
    let header = try NumpyHeader(parsing: bytes.span)
    for count in 0...bytes.count {
      let prefix = bytes.span.extracting(first: count)
      if let parsed = try? NumpyHeader(parsing: prefix) {
        #expect(parsed == header)
        #expect(count >= header.dataOffset)
      } else {
        #expect(count < header.dataOffset)
      }
    }
  }

  /// Each byte of the header takes each of its 255 other values.
  @Test(arguments: ["good-int8-2x3", "good-float32-scalar", "good-int8-2x3-v2"])
  func everyChangedByteEndsInAnErrorOrAConsistentHeader(name: String) throws {
    let original = try NumpyFixture.bytes(name)
    let end = try NumpyHeader(parsing: original.span).dataOffset
    for position in 0..<end {
      var bytes = original
      for change in 1...UInt8.max {
        bytes[position] = original[position] ^ change
        do {
          let header = try NumpyHeader(parsing: bytes.span)
          // What was read must be what the writer says in other words.
          let again = written(header)
          #expect(try NumpyHeader(parsing: again.span).shape == header.shape)
          #expect(header.dataOffset <= bytes.count)
        } catch {
          #expect((0...bytes.count).contains(error.byteOffset))
          #expect(!error.description.isEmpty)
        }
      }
    }
  }
}
