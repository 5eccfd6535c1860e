/// Scores from 0 to 1, counted in steps of 1/200.
struct ScoreHistogram {
  private var buckets = InlineArray<200, UInt32>(repeating: 0)
  private(set) var count: UInt64 = 0

  mutating func add(_ score: Double) {
    // Models without a softmax have scores outside; they count at the ends.
    buckets[Int((min(max(score, 0), 1) * 200).rounded(.down)) - (score >= 1 ? 1 : 0)] &+= 1
    count += 1
  }

  mutating func merge(_ other: Self) {
    for index in buckets.indices { buckets[index] &+= other.buckets[index] }
    count += other.count
  }

  /// The score that a part of all does not exceed, to 1/200; nil when there are none.
  func quantile(_ part: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = part * Double(count)
    var seen = 0.0
    for index in buckets.indices where buckets[index] > 0 {
      let here = Double(buckets[index])
      if seen + here >= rank { return (Double(index) + max(0, rank - seen) / here) / 200 }
      seen += here
    }
    return 1
  }
}

/// Times in microseconds, counted in sixteen steps to the power of two: quantiles to 3 %, the
/// largest exact.
struct DurationHistogram {
  private static let steps: UInt64 = 16

  // Sixteen for each power of two up to 2³² µs, more than an hour.
  private var buckets = InlineArray<464, UInt32>(repeating: 0)
  private(set) var count: UInt64 = 0
  private(set) var maximum: UInt64 = 0

  mutating func add(_ microseconds: UInt64) {
    buckets[Self.bucket(of: microseconds)] &+= 1
    count += 1
    maximum = max(maximum, microseconds)
  }

  mutating func merge(_ other: Self) {
    for index in buckets.indices { buckets[index] &+= other.buckets[index] }
    count += other.count
    maximum = max(maximum, other.maximum)
  }

  /// The time that a part of all does not exceed, in microseconds; nil when there are none.
  func quantile(_ part: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = part * Double(count)
    var seen = 0.0
    for index in buckets.indices where buckets[index] > 0 {
      seen += Double(buckets[index])
      if seen >= rank { return min(Self.middle(ofBucket: index), Double(maximum)) }
    }
    return Double(maximum)
  }

  static func bucket(of microseconds: UInt64) -> Int {
    let value = min(microseconds, UInt64(UInt32.max))
    guard value >= steps else { return Int(value) }
    let octave = 63 - value.leadingZeroBitCount - 4
    return 16 * octave + Int(value >> UInt64(octave))
  }

  private static func middle(ofBucket bucket: Int) -> Double {
    guard bucket >= 32 else { return Double(bucket) }
    let octave = bucket / 16 - 1
    return (Double(bucket - 16 * octave) + 0.5) * Double(UInt64(1) << UInt64(octave))
  }
}
