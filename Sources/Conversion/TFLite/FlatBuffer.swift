/// A bounds-checked view of a FlatBuffer: tables, vectors and strings found through offsets.
///
/// FlatBuffers are made to be read without a copy by code that trusts them; this reader trusts
/// nothing. Every offset, length and vtable is checked before it is followed, and no byte string
/// makes it trap. Layout: https://flatbuffers.dev/internals. All positions are bytes from the start.
struct FlatBuffer {
  let bytes: [UInt8]

  /// How many more table fields and vector elements may be read.
  ///
  /// Offsets may point at shared data, so a small file can describe a model of any size. An honest
  /// one shares little, and takes at least a byte for each thing it describes.
  private var budget: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    budget = 4096 + 8 * bytes.count
  }

  /// A table whose vtable has been checked.
  struct Table {
    let position: Int
    let path: String
    fileprivate let vtable: Int
    fileprivate let vtableByteCount: Int
    fileprivate let byteCount: Int
  }

  /// A vector whose elements are all inside the buffer.
  struct Vector {
    let position: Int
    let count: Int
    let path: String
  }

  /// The root table, after a check of the 4-byte file identifier.
  mutating func root(identifier: String) throws(TFLiteError) -> Table {
    guard bytes.count >= 8 else {
      throw TFLiteError(
        position: bytes.count, path: "header",
        what: "the file ends after \(bytes.count) bytes, before its header does")
    }
    guard bytes[4..<8].elementsEqual(identifier.utf8) else {
      throw TFLiteError(
        position: 4, path: "header", what: "the file identifier is not \"\(identifier)\"")
    }
    let offset = Int(try integer(at: 0, as: UInt32.self, path: "header"))
    return try table(at: offset, path: "")
  }

  // MARK: - Scalars

  /// The little-endian integer at a position that need not be aligned.
  func integer<T: FixedWidthInteger>(
    at position: Int, as type: T.Type, path: @autoclosure () -> String
  ) throws(TFLiteError) -> T {
    let byteCount = T.bitWidth / 8
    guard position >= 0, position <= bytes.count - byteCount else {
      throw TFLiteError(
        position: position, path: path(),
        what: "\(byteCount) bytes here lie outside the file's \(bytes.count)")
    }
    var value: T = 0
    for index in (0..<byteCount).reversed() {
      value = (value << 8) | T(truncatingIfNeeded: bytes[position + index])
    }
    return value
  }

  /// Field `slot` of a table, or the schema's default where the table leaves it out.
  func integer<T: FixedWidthInteger>(
    _ table: Table, _ slot: Int, _ name: String, default missing: T
  ) throws(TFLiteError) -> T {
    guard let position = try field(table, slot, byteCount: T.bitWidth / 8, name) else {
      return missing
    }
    return try integer(at: position, as: T.self, path: table.path(of: name))
  }

  /// Field `slot` of a table as a truth value; false where the table leaves it out.
  func bool(_ table: Table, _ slot: Int, _ name: String) throws(TFLiteError) -> Bool {
    try integer(table, slot, name, default: UInt8(0)) != 0
  }

  /// Field `slot` of a table as a float; 0 where the table leaves it out.
  func float(_ table: Table, _ slot: Int, _ name: String) throws(TFLiteError) -> Float {
    Float(bitPattern: try integer(table, slot, name, default: UInt32(0)))
  }

  // MARK: - References

  /// The table that field `slot` refers to, or nil where the table leaves it out.
  mutating func table(
    _ table: Table, _ slot: Int, _ name: String
  ) throws(TFLiteError) -> Table? {
    guard let target = try reference(table, slot, name) else { return nil }
    return try self.table(at: target, path: table.path(of: name))
  }

  /// The text that field `slot` refers to, or nil where the table leaves it out.
  ///
  /// Invalid UTF-8 and control characters, which could garble a terminal, are replaced.
  mutating func string(
    _ table: Table, _ slot: Int, _ name: String
  ) throws(TFLiteError) -> String? {
    guard let vector = try vector(table, slot, name, elementByteCount: 1) else { return nil }
    try spend(vector.count, at: vector.position, path: vector.path)
    let text = String(
      decoding: bytes[vector.position..<vector.position + vector.count], as: UTF8.self)
    let isPlain = text.unicodeScalars.allSatisfy { !$0.isControl }
    if isPlain { return text }
    var clean = ""
    clean.unicodeScalars.append(
      contentsOf: text.unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 })
    return clean
  }

  /// The vector that field `slot` refers to, or nil where the table leaves it out.
  mutating func vector(
    _ table: Table, _ slot: Int, _ name: String, elementByteCount: Int
  ) throws(TFLiteError) -> Vector? {
    guard let target = try reference(table, slot, name) else { return nil }
    let path = table.path(of: name)
    try requireAligned(target, 4, path)
    let count = Int(try integer(at: target, as: UInt32.self, path: path))
    guard count <= (bytes.count - target - 4) / elementByteCount else {
      throw TFLiteError(
        position: target, path: path,
        what: "\(count) elements of \(elementByteCount) bytes run past the end of the file")
    }
    return Vector(position: target + 4, count: count, path: path)
  }

  /// The integers in the vector that field `slot` refers to; empty where it is left out.
  mutating func integers<T: FixedWidthInteger>(
    _ table: Table, _ slot: Int, _ name: String, as type: T.Type
  ) throws(TFLiteError) -> [T] {
    let byteCount = T.bitWidth / 8
    guard let vector = try vector(table, slot, name, elementByteCount: byteCount) else { return [] }
    try spend(vector.count, at: vector.position, path: vector.path)
    var values: [T] = []
    values.reserveCapacity(vector.count)
    for index in 0..<vector.count {
      values.append(
        try integer(at: vector.position + index * byteCount, as: T.self, path: vector.path))
    }
    return values
  }

  /// The tables in the vector that field `slot` refers to; empty where it is left out.
  mutating func tables(
    _ table: Table, _ slot: Int, _ name: String
  ) throws(TFLiteError) -> [Table] {
    guard let vector = try vector(table, slot, name, elementByteCount: 4) else { return [] }
    var tables: [Table] = []
    for index in 0..<vector.count {
      let path = "\(vector.path)[\(index)]"
      let position = vector.position + 4 * index
      let offset = Int(try integer(at: position, as: UInt32.self, path: path))
      tables.append(try self.table(at: position + offset, path: path))
    }
    return tables
  }

  // MARK: - Checks

  private mutating func table(at position: Int, path: String) throws(TFLiteError) -> Table {
    // A table is charged for its fields: at most as many as its vtable has entries.
    try spend(8, at: position, path: path)
    try requireAligned(position, 4, path)
    let distance = Int(try integer(at: position, as: Int32.self, path: path))
    let vtable = position - distance
    try requireAligned(vtable, 2, path)
    let vtableByteCount = Int(try integer(at: vtable, as: UInt16.self, path: path))
    let byteCount = Int(try integer(at: vtable + 2, as: UInt16.self, path: path))
    guard vtableByteCount >= 4, vtableByteCount.isMultiple(of: 2),
      vtable + vtableByteCount <= bytes.count
    else {
      throw TFLiteError(
        position: vtable, path: path, what: "a vtable of \(vtableByteCount) bytes cannot be here")
    }
    guard byteCount >= 4, position + byteCount <= bytes.count else {
      throw TFLiteError(
        position: position, path: path, what: "a table of \(byteCount) bytes cannot be here")
    }
    return Table(
      position: position, path: path, vtable: vtable, vtableByteCount: vtableByteCount,
      byteCount: byteCount)
  }

  /// Where field `slot` of a table is stored, or nil where the table leaves it out.
  private func field(
    _ table: Table, _ slot: Int, byteCount: Int, _ name: String
  ) throws(TFLiteError) -> Int? {
    let entry = 4 + 2 * slot
    guard entry + 2 <= table.vtableByteCount else { return nil }
    let offset = Int(
      try integer(at: table.vtable + entry, as: UInt16.self, path: table.path(of: name)))
    guard offset != 0 else { return nil }
    guard offset >= 4, offset + byteCount <= table.byteCount else {
      throw TFLiteError(
        position: table.vtable + entry, path: table.path(of: name),
        what: "a field of \(byteCount) bytes at offset \(offset) lies outside its table")
    }
    return table.position + offset
  }

  private func reference(
    _ table: Table, _ slot: Int, _ name: String
  ) throws(TFLiteError) -> Int? {
    guard let position = try field(table, slot, byteCount: 4, name) else { return nil }
    let offset = Int(try integer(at: position, as: UInt32.self, path: table.path(of: name)))
    guard offset != 0 else {
      throw TFLiteError(
        position: position, path: table.path(of: name), what: "a reference points at itself")
    }
    return position + offset
  }

  /// Bytes are read one at a time, so alignment is no matter of safety here; but no FlatBuffers
  /// writer misaligns a table or a length, so a file that does is not what it claims to be.
  private func requireAligned(
    _ position: Int, _ alignment: Int, _ path: String
  ) throws(TFLiteError) {
    guard position.isMultiple(of: alignment) else {
      throw TFLiteError(
        position: position, path: path, what: "an offset is not a multiple of \(alignment)")
    }
  }

  private mutating func spend(_ cost: Int, at position: Int, path: String) throws(TFLiteError) {
    guard cost <= budget else {
      throw TFLiteError(
        position: position, path: path,
        what: "the file describes far more than its \(bytes.count) bytes can hold")
    }
    budget -= cost
  }
}

extension FlatBuffer.Table {
  /// The path of one of the table's fields.
  func path(of name: String) -> String {
    path.isEmpty ? name : path + "." + name
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { properties.generalCategory == .control }
}
