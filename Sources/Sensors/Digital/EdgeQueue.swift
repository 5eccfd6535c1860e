import Hardware

/// Changes of a line that wait to be logged, the oldest first.
///
/// What comes while it is full is counted and left out: a contact that chatters for an hour must not
/// fill a log.
public struct EdgeQueue: Sendable {
  /// The most changes that wait.
  public static let capacity = 8

  /// A change, and how many were left out before it.
  public struct Entry: Equatable, Sendable {
    /// The change.
    public var edge: DigitalEdge
    /// Changes before it for which there was no room.
    public var leftOut: UInt32
  }

  private var entries = InlineArray<8, Entry>(
    repeating: Entry(edge: DigitalEdge(level: false, nanoseconds: 0), leftOut: 0))
  private var first = 0
  private var count = 0
  private var leftOut: UInt32 = 0

  /// An empty queue.
  public init() {}

  /// Adds a change, where there is room.
  public mutating func append(_ edge: DigitalEdge) {
    guard count < Self.capacity else {
      leftOut = leftOut == .max ? .max : leftOut + 1
      return
    }
    entries[(first + count) % Self.capacity] = Entry(edge: edge, leftOut: leftOut)
    leftOut = 0
    count += 1
  }

  /// Removes the oldest change.
  public mutating func takeFirst() -> Entry? {
    guard count > 0 else { return nil }
    let entry = entries[first]
    first = (first + 1) % Self.capacity
    count -= 1
    return entry
  }
}
