/// How much the numbers of a series depend on those before.
enum SeriesCorrelation {
  /// How many numbers are worth one independent number: 1 + 2 Σ ρₖ, the sum cut at the first lag k
  /// that is five times the result so far (A. Sokal, Monte Carlo Methods in Statistical Mechanics).
  ///
  /// - Parameter longestLag: Where to stop at the latest.
  /// - Returns: 1 or more.
  static func time(of values: [Double], longestLag: Int) -> Double {
    let correlations = Lags(values)
    var time = 1.0
    var lag = 1
    while lag <= min(longestLag, values.count / 3), Double(lag) < 5 * time {
      time = max(1, time + 2 * correlations[lag])
      lag += 1
    }
    return time
  }

  /// The variance of the means of eight pieces of a series, against the variance of its numbers: how
  /// many independent numbers the series is worth if it changes slowly, which no short lag shows.
  static func batchCount(of values: [Double]) -> Double {
    let batches = 8
    guard values.count >= 2 * batches else { return .infinity }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let means = (0..<batches).map { batch in
      let piece = values[(values.count * batch / batches)..<(values.count * (batch + 1) / batches)]
      return piece.reduce(0, +) / Double(piece.count)
    }
    let between =
      means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(batches - 1)
    return between > 0 ? Double(batches) * variance / between : .infinity
  }

  /// Correlation of each number with the next.
  static func ofNeighbours(_ values: [Double]) -> Double {
    values.count > 2 ? max(-1, min(1, Lags(values)[1])) : 0
  }

  private struct Lags {
    let deviations: [Double]
    let squareSum: Double

    init(_ values: [Double]) {
      let mean = values.reduce(0, +) / Double(max(1, values.count))
      deviations = values.map { $0 - mean }
      squareSum = deviations.reduce(0) { $0 + $1 * $1 }
    }

    subscript(lag: Int) -> Double {
      guard squareSum > 0 else { return 0 }
      var sum = 0.0
      deviations.withUnsafeBufferPointer { deviations in
        for index in lag..<deviations.count { sum += deviations[index] * deviations[index - lag] }
      }
      return sum / squareSum
    }
  }
}
