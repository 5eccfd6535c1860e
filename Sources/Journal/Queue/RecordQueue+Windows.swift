/// Why a raw window is kept.
public enum WindowReason: UInt8, Equatable, Sendable {
  /// The model was not sure.
  case lowProbability
  /// The drift monitor gave an alarm.
  case drift
  /// Somebody asked for it.
  case requested

  /// The value of `reason` in a `window` record.
  public var name: StaticString {
    switch self {
    case .lowProbability: "low-probability"
    case .drift: "drift"
    case .requested: "requested"
    }
  }
}

// Raw windows travel behind the record they belong to, row by row. A window of which something
// did not fit into the queue lacks rows, which its end tells; the consumer throws it away.
extension RecordQueue {
  /// Begins the raw window of the record pushed last.
  ///
  /// - Parameter header: The first line of the file, line feed included: `time_s,name (unit),…`.
  /// - Returns: `false` when it does not fit: leave the window.
  public borrowing func beginWindow(
    header: borrowing Span<UInt8>, reason: WindowReason
  ) -> Bool {
    header.count <= JournalLimits.lineByteCount
      && push(header, FrameHead(type: .windowStart, first: reason.rawValue))
  }

  /// Adds a row, line feed included.
  public borrowing func pushWindowRow(_ row: borrowing Span<UInt8>) -> Bool {
    row.count <= JournalLimits.lineByteCount && push(row, FrameHead(type: .windowRow))
  }

  /// Ends the window.
  ///
  /// - Parameter rowCount: Rows that were to be pushed, at most 65,535.
  public borrowing func endWindow(rowCount: Int) -> Bool {
    let nothing = InlineArray<1, UInt8>(repeating: 0)
    return push(
      nothing.span.extracting(0..<0),
      FrameHead(
        type: .windowEnd, first: UInt8(truncatingIfNeeded: rowCount),
        second: UInt8(truncatingIfNeeded: rowCount >> 8)))
  }
}
