/// Entries taken from a device's queue in one burst, handed out one by one.
///
/// A drain begins with how many entries the device holds; the ages of all its entries count from
/// that moment, however many bursts it takes.
struct SampleQueue<let capacity: Int>: Sendable {
  private var bytes = InlineArray<capacity, UInt8>(repeating: 0)
  private let entryByteCount: Int
  private var heldCount = 0
  private var index = 0

  /// Entries of the drain that the device still holds.
  var leftInDevice = 0

  /// Whether a burst broke off, so that the device's queue may now begin inside an entry.
  var isTorn = false

  init(entryByteCount: Int) {
    self.entryByteCount = entryByteCount
  }

  /// Whether the entries taken are all handed out.
  var isEmpty: Bool { index == heldCount }

  /// Forgets the entries and the drain.
  mutating func removeAll() {
    heldCount = 0
    index = 0
    leftInDevice = 0
    isTorn = false
  }

  /// Takes as many of the entries left in the device as fit; `read` gets the bytes.
  mutating func fill(
    _ read: (inout MutableSpan<UInt8>) throws(SensorError) -> Void
  ) throws(SensorError) {
    let count = min(leftInDevice, capacity / entryByteCount)
    // Until the burst has worked nothing of the drain is left.
    leftInDevice -= count
    let left = leftInDevice
    leftInDevice = 0
    heldCount = 0
    index = 0
    let byteCount = count * entryByteCount
    var all = bytes.mutableSpan
    var part = all._mutatingExtracting(0..<byteCount)
    try read(&part)
    heldCount = count
    leftInDevice = left
  }

  /// The oldest entry.
  var next: Span<UInt8> {
    @_lifetime(borrow self) @_addressableSelf
    borrowing get {
      bytes.span.extracting(index * entryByteCount..<(index + 1) * entryByteCount)
    }
  }

  /// How many younger entries the drain has.
  var countAfterNext: Int { heldCount - index - 1 + leftInDevice }

  /// Drops the oldest entry.
  ///
  /// - Returns: Whether the drain has more.
  mutating func removeNext() -> Bool {
    index += 1
    return index < heldCount || leftInDevice > 0
  }
}

extension Span where Element == UInt8 {
  /// Two's complement of two bytes, the high one first.
  func bigEndianInt16(at index: Int) -> Int16 {
    Int16(truncatingIfNeeded: UInt16(self[index]) << 8 | UInt16(self[index + 1]))
  }

  /// Two's complement of two bytes, the low one first.
  func littleEndianInt16(at index: Int) -> Int16 {
    Int16(truncatingIfNeeded: UInt16(self[index + 1]) << 8 | UInt16(self[index]))
  }
}
