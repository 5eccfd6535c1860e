import Signal

/// ADWIN: a window of the recent observations that is cut whenever its older and its newer part have
/// different means (A. Bifet, R. Gavaldà, Learning from Time-Changing Data with Adaptive Windowing,
/// SDM 2007).
///
/// The window is kept as buckets. A bucket of row i stands for 2ⁱ observations; when a row has more
/// than five, its two oldest become one of the next row. Parameters and order of operations are those
/// of river 0.26.1, so that it fires at the same observations. Unlike there the rows are limited:
/// beyond 168 million observations without a change the oldest are forgotten.
///
/// 2.4 kB, in place; an observation costs a few operations, and every 32nd up to 144 comparisons.
public struct AdaptiveWindow: Sendable {
  /// The probability of firing without a change that the cut aims at.
  public static let delta = 0.002
  /// Observations from one look for a cut to the next.
  public static let clock: UInt32 = 32
  /// Buckets of a row.
  public static let bucketsPerRow = 5
  /// The shortest part.
  public static let shortestPart = 5.0
  /// The longest window that is not looked at.
  public static let gracePeriod = 10.0
  static let rowCount = 25

  /// A row has room for one bucket more, until its two oldest are merged.
  static let slotCount = rowCount * (bucketsPerRow + 1)

  var totals = InlineArray<150, Double>(repeating: 0)
  var variances = InlineArray<150, Double>(repeating: 0)
  var rowSizes = InlineArray<25, UInt8>(repeating: 0)
  var usedRows = 1
  var total = 0.0
  var variance = 0.0
  var width = 0.0
  var tick: UInt32 = 0
  var hasFired = false

  /// An empty window.
  public init() {}

  /// Observations in the window.
  public var observationCount: Double { width }

  /// The mean of the window; 0 when it is empty.
  public var mean: Double { width > 0 ? total / width : 0 }

  /// Takes one observation.
  ///
  /// - Returns: Whether the mean has changed; the window then starts over.
  public mutating func update(_ value: Double) -> Bool {
    if hasFired { self = AdaptiveWindow() }
    insert(value)
    tick &+= 1
    if tick % Self.clock == 0 && width > Self.gracePeriod {
      while dropOneBeforeCut() { hasFired = true }
    }
    return hasFired
  }

  private func slot(_ row: Int, _ bucket: Int) -> Int { row * (Self.bucketsPerRow + 1) + bucket }

  private mutating func insert(_ value: Double) {
    append(value, 0, toRow: 0)
    width += 1
    if width > 1 {
      let deviation = value - total / (width - 1)
      variance += (width - 1) * deviation * deviation / width
    }
    total += value
    mergeFullRows()
  }

  private mutating func append(_ bucketTotal: Double, _ bucketVariance: Double, toRow row: Int) {
    let place = slot(row, Int(rowSizes[row]))
    totals[place] = bucketTotal
    variances[place] = bucketVariance
    rowSizes[row] += 1
  }

  private mutating func removeOldest(_ count: Int, ofRow row: Int) {
    let left = Int(rowSizes[row]) - count
    for bucket in 0..<left {
      totals[slot(row, bucket)] = totals[slot(row, bucket + count)]
      variances[slot(row, bucket)] = variances[slot(row, bucket + count)]
    }
    rowSizes[row] = UInt8(left)
  }

  private mutating func mergeFullRows() {
    var row = 0
    while Int(rowSizes[row]) > Self.bucketsPerRow {
      guard row + 1 < Self.rowCount else {
        dropOldest()
        return
      }
      let (first, second) = (slot(row, 0), slot(row, 1))
      let size = Self.observations(inBucketOfRow: row)
      let difference = totals[first] / size - totals[second] / size
      let between = size * 0.5 * difference * difference
      let merged = (totals[first] + totals[second], variances[first] + variances[second] + between)
      append(merged.0, merged.1, toRow: row + 1)
      removeOldest(2, ofRow: row)
      usedRows = max(usedRows, row + 2)
      row += 1
    }
  }

  /// Forgets the oldest bucket.
  private mutating func dropOldest() {
    let row = usedRows - 1
    let size = Self.observations(inBucketOfRow: row)
    let (bucketTotal, bucketVariance) = (totals[slot(row, 0)], variances[slot(row, 0)])
    width -= size
    total -= bucketTotal
    let difference = bucketTotal / size - total / width
    variance -= bucketVariance + size * width * difference * difference / (size + width)
    removeOldest(1, ofRow: row)
    while usedRows > 1 && rowSizes[usedRows - 1] == 0 { usedRows -= 1 }
  }

  /// Looks for a cut, from old to new, and drops the oldest bucket where there is one.
  private mutating func dropOneBeforeCut() -> Bool {
    guard width >= 2 * Self.shortestPart else { return false }
    let confidence = Logarithm.natural(2 * Logarithm.natural(width) / Self.delta)
    var (oldCount, newCount) = (0.0, width)
    var (oldTotal, newTotal) = (0.0, total)
    var row = usedRows
    while row > 0 {
      row -= 1
      let size = Self.observations(inBucketOfRow: row)
      for bucket in 0..<Int(rowSizes[row]) {
        oldCount += size
        newCount -= size
        let bucketTotal = totals[slot(row, bucket)]
        oldTotal += bucketTotal
        newTotal -= bucketTotal
        if row == 0 && bucket == Int(rowSizes[row]) - 1 { return false }
        guard newCount >= Self.shortestPart, oldCount >= Self.shortestPart else { continue }
        if isCut(oldCount, newCount, oldTotal / oldCount - newTotal / newCount, confidence) {
          dropOldest()
          return true
        }
      }
    }
    return false
  }

  private func isCut(
    _ oldCount: Double, _ newCount: Double, _ difference: Double, _ confidence: Double
  ) -> Bool {
    let reciprocal =
      1 / (oldCount - Self.shortestPart + 1) + 1 / (newCount - Self.shortestPart + 1)
    let bound =
      (2 * reciprocal * (variance / width) * confidence).squareRoot()
      + 2.0 / 3.0 * confidence * reciprocal
    return difference.magnitude > bound
  }

  private static func observations(inBucketOfRow row: Int) -> Double {
    Double(UInt32(1) << UInt32(row))
  }
}
