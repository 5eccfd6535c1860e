import Conversion
import ModelFormat

/// A model file in which single fields are changed.
public struct ModelPatch: Sendable {
  /// The whole file.
  public var bytes: [UInt8]

  /// The file as given.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The file with all checksums right.
  public var repaired: [UInt8] { ModelAssembler.withChecks(bytes) }

  /// The place of the section table's entry for `kind`.
  public func entry(_ kind: SectionKind) -> Int {
    Layout.Header.byteCount + entryIndex(kind) * Layout.SectionEntry.stride
  }

  /// The position of `kind` in the section table. Traps where it is absent.
  public func entryIndex(_ kind: SectionKind) -> Int {
    let count = value(at: Layout.Header.sectionCount)
    for index in 0..<count
    where value(at: Layout.Header.byteCount + index * Layout.SectionEntry.stride)
      == Int(kind.rawValue)
    { return index }
    preconditionFailure("the file has no section \(kind)")
  }

  /// The first byte of section `kind`.
  public func start(_ kind: SectionKind) -> Int {
    value(at: entry(kind) + Layout.SectionEntry.offset)
  }

  /// The place behind the last byte of section `kind`.
  public func end(_ kind: SectionKind) -> Int {
    start(kind) + value(at: entry(kind) + Layout.SectionEntry.byteCount)
  }

  /// The place of `field` of tensor `index`.
  public func tensor(_ index: Int, _ field: Int) -> Int {
    start(.tensors) + index * Layout.Tensor.stride + field
  }

  /// The place of `field` of operator `index`.
  public func `operator`(_ index: Int, _ field: Int) -> Int {
    start(.operators) + index * Layout.Operator.stride + field
  }

  /// The number in `byteCount` bytes at `offset`.
  public func value(at offset: Int, byteCount: Int = 4) -> Int {
    Fields(bytes).value(at: offset, byteCount: byteCount)
  }

  /// Stores a number in `byteCount` bytes at `offset`.
  public mutating func set(_ value: Int, at offset: Int, byteCount: Int = 4) {
    var fields = Fields(bytes)
    fields.set(value, at: offset, byteCount: byteCount)
    bytes = fields.bytes
  }
}
