/// The mean of the last samples, of those there are at the beginning.
///
/// The sum is formed anew for each sample, oldest first, so that rounding does not add up over the
/// years that a daemon runs.
public struct MovingAverage: Sendable {
  /// The most samples there can be in an average.
  public static let maximumLength = 32

  private var ring = InlineArray<32, Float>(repeating: 0)
  private var next = 0
  private var count = 0

  /// An average of nothing yet.
  public init() {}

  /// Takes a sample into the average of the last `length`, 1 through `maximumLength`.
  public mutating func filter(_ x: Float, length: Int) -> Float {
    ring[next] = x
    next = next + 1 == length ? 0 : next + 1
    count = count < length ? count + 1 : length
    var sum = 0.0
    var index = count < length ? 0 : next
    for _ in 0..<count {
      sum += Double(ring[index])
      index = index + 1 == length ? 0 : index + 1
    }
    return Float(sum / Double(count))
  }
}
