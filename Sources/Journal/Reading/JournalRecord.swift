// For the workstation, where records are read.
#if !hasFeature(Embedded)
  import Text

  /// One intact record.
  ///
  /// Reuse one value for all: its storage stays.
  public struct JournalRecord {
    /// The line without its line feed.
    public private(set) var line: [UInt8] = []

    /// Its place in the order of all records.
    public private(set) var sequence: UInt64 = 0

    /// A record to read into.
    public init() {}

    mutating func replace(with bytes: borrowing Span<UInt8>, sequence: UInt64) {
      line.removeAll(keepingCapacity: true)
      for index in bytes.indices { line.append(bytes[index]) }
      self.sequence = sequence
    }

    /// The line as text.
    public var text: String { String(decoding: line, as: UTF8.self) }

    /// What it tells; nil for a kind that this version does not know.
    public var kind: RecordKind? { RecordKind(name: Array(kindName.utf8).span) }

    /// The name of its kind.
    public var kindName: String { self["kind"]?.string ?? "" }

    /// When it was made, by the wall clock of the board.
    public var time: Timestamp? {
      guard let text = self["time"]?.string else { return nil }
      return Timestamp(parsing: Array(text.utf8).span)
    }

    /// When it was made, nanoseconds of the monotonic clock of its boot.
    public var monotonicNanoseconds: UInt64 { self["mono_ns"]?.unsigned ?? 0 }

    /// Which boot of the board it was made in.
    public var bootIdentifier: UInt32 {
      self["boot"]?.string.flatMap { UInt32($0, radix: 16) } ?? 0
    }

    /// Whether the wall clock was synchronized then.
    public var isSynchronized: Bool { self["synced"] == .boolean(true) }

    /// A field, or one inside an object: `probability`, `probabilities.walking`. Where a name has
    /// points in it, the longest name that fits counts.
    public subscript(path: String) -> JSONValue? {
      Self.find(Array(path.utf8)[...], in: line[...])
    }

    private static func find(
      _ path: ArraySlice<UInt8>, in object: ArraySlice<UInt8>
    ) -> JSONValue? {
      var found: JSONValue?
      JSONText.forEachMember(of: object) { key, value in
        let name =
          key.contains(UInt8(ascii: "\\")) ? Array(JSONText.unescaped(key).utf8)[...] : key
        if name.elementsEqual(path) {
          found = JSONText.decode(value)
        } else if found == nil, path.count > name.count + 1, path.starts(with: name),
          path[path.startIndex + name.count] == UInt8(ascii: "."),
          value.first == UInt8(ascii: "{")
        {
          found = find(path.dropFirst(name.count + 1), in: value)
        }
        return found == nil
      }
      return found
    }

    /// All fields in order, the values as `JSONValue`.
    public func forEachField(_ body: (String, JSONValue) -> Void) {
      JSONText.forEachMember(of: line[...]) { key, value in
        guard let value = JSONText.decode(value) else { return false }
        body(JSONText.unescaped(key), value)
        return true
      }
    }
  }
#endif
