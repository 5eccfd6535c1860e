/// Latencies of any number of runs in fixed memory: quantiles to about 3 %, minimum exact.
///
/// Microseconds are counted in buckets that are 1 µs wide up to 32 µs and then 1/32 of their power
/// of two, as floating-point numbers with five bits of significand would round them down.
public struct LatencyHistogram: Sendable {
  private static let bucketsPerOctave: UInt64 = 32

  /// Five bits for each power of two up to 2³² µs, more than an hour.
  private var buckets = InlineArray<928, UInt32>(repeating: 0)

  /// How many latencies were added.
  public private(set) var count: UInt64 = 0

  /// The smallest, in microseconds; 0 before the first.
  public private(set) var minimum: UInt64 = 0

  /// The largest, in microseconds.
  public private(set) var maximum: UInt64 = 0

  /// All of them together, in microseconds.
  public private(set) var sum: UInt64 = 0

  /// An empty histogram.
  public init() {}

  /// Adds one latency in microseconds.
  public mutating func add(_ microseconds: UInt64) {
    minimum = count == 0 ? microseconds : min(minimum, microseconds)
    maximum = max(maximum, microseconds)
    count += 1
    sum &+= microseconds
    let bucket = Self.bucket(of: microseconds)
    if buckets[bucket] < .max { buckets[bucket] += 1 }
  }

  /// The latency that a part of all does not exceed, rounded down to its bucket.
  ///
  /// - Parameter part: 0.5 for the median, 0.99 for the 99th percentile.
  /// - Returns: Microseconds; 0 before the first.
  public func quantile(_ part: Double) -> UInt64 {
    let rank = UInt64(part * Double(count))
    var seen: UInt64 = 0
    for bucket in buckets.indices {
      seen += UInt64(buckets[bucket])
      if seen > rank { return max(minimum, Self.start(ofBucket: bucket)) }
    }
    return maximum
  }

  /// How many latencies are not above a bound, to the width of its bucket.
  public func count(upTo microseconds: UInt64) -> UInt64 {
    var count: UInt64 = 0
    for bucket in 0...Self.bucket(of: microseconds) { count += UInt64(buckets[bucket]) }
    return count
  }

  static func bucket(of microseconds: UInt64) -> Int {
    let value = min(microseconds, UInt64(UInt32.max))
    guard value >= bucketsPerOctave else { return Int(value) }
    let octave = 63 - value.leadingZeroBitCount - 5
    return 32 * octave + Int(value >> UInt64(octave))
  }

  static func start(ofBucket bucket: Int) -> UInt64 {
    guard bucket >= 32 else { return UInt64(bucket) }
    let octave = bucket / 32 - 1
    return UInt64(bucket - 32 * octave) << UInt64(octave)
  }
}
