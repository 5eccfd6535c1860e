// Strings are for the workstation; the board has no heap to put them on.
#if !hasFeature(Embedded)
  extension String: TextSink {
    /// Appends UTF-8 bytes; what is not valid UTF-8 becomes U+FFFD.
    public mutating func append(_ utf8: borrowing Span<UInt8>) {
      let text = unsafe utf8.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
      append(contentsOf: text)
    }

    /// The text that `describe` appends to a sink.
    public init(_ describe: (inout String) -> Void) {
      self.init()
      describe(&self)
    }
  }
#endif
