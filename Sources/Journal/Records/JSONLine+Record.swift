import Text

extension JSONLine where Storage: ~Copyable {
  /// Starts the line of a record with the fields that all have: time, monotonic time, boot,
  /// whether the clock was synchronized, kind. The record's own fields and `end()` follow.
  ///
  /// Sequence number and check value are the journal's to add.
  public mutating func begin(_ kind: RecordKind, at stamp: RecordStamp) {
    begin()
    field("time", timestamp: Timestamp(nanosecondsSinceEpoch: stamp.wallNanoseconds))
    field("mono_ns", integer: stamp.monotonicNanoseconds)
    key("boot")
    var boot = TextBuffer<8>()
    boot.append(hexadecimal: UInt64(stamp.bootIdentifier), digits: 8)
    string(boot.bytes)
    field("synced", boolean: stamp.isSynchronized)
    field("kind", string: kind.name)
  }
}
