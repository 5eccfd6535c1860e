import Foundation

/// Moments, histogram and correlation of every channel of a reference.
struct ReferenceSummary {
  struct Channel {
    var mean = 0.0
    var variance = 0.0
    var differenceVariance = 0.0
    var minimum: Float = 0
    var maximum: Float = 0
    var skewness = 0.0
    var kurtosis = 0.0
    var correlation = 0.0
    var correlationTime = 1.0
    var longestRun = 1
    /// Lower edges of the bins; the first is the smallest sample.
    var edges: [Float] = []
    var counts: [Int] = []
    /// The bin of every sample.
    var codes: [UInt8] = []

    func width(ofBin bin: Int) -> Double {
      Double(bin + 1 < edges.count ? edges[bin + 1] : maximum) - Double(edges[bin])
    }
  }

  let series: ReferenceSeries
  let options: BaselineOptions
  private(set) var channels: [Channel] = []
  private(set) var confidenceMean = 0.0
  private(set) var confidenceVariance = 1.0

  /// Confidence of an int8 model moves in steps of 1/256: a smaller spread is none.
  static let leastConfidenceDeviation = 1.0 / 256

  init(_ series: ReferenceSeries, options: BaselineOptions) {
    self.series = series
    self.options = options
    channels = series.samples.map { summarize($0) }
    let confidences = series.predictions.map { Double($0.confidence) }
    guard !confidences.isEmpty else { return }
    let count = Double(confidences.count)
    confidenceMean = confidences.reduce(0, +) / count
    let squares = confidences.reduce(0) {
      $0 + ($1 - confidenceMean) * ($1 - confidenceMean)
    }
    confidenceVariance = max(
      squares / count, Self.leastConfidenceDeviation * Self.leastConfidenceDeviation)
  }

  /// The bin of a confidence, as the device finds it.
  static func confidenceBin(_ confidence: Float) -> Int {
    let value = Double(confidence)
    guard value > 0 else { return 0 }
    return value < 1 ? Int(value * 10) : 9
  }

  private func summarize(_ samples: [Float]) -> Channel {
    var channel = Channel()
    let count = Double(samples.count)
    channel.mean = samples.reduce(0) { $0 + Double($1) } / count
    var (second, third, fourth) = (0.0, 0.0, 0.0)
    for sample in samples {
      let deviation = Double(sample) - channel.mean
      second += deviation * deviation
      third += deviation * deviation * deviation
      fourth += deviation * deviation * deviation * deviation
    }
    channel.variance = second / count
    let deviation = channel.variance.squareRoot()
    channel.skewness = third / count / (channel.variance * deviation)
    channel.kurtosis = fourth / count / (channel.variance * channel.variance)
    var (steps, stepSquares) = (0.0, 0.0)
    for piece in series.pieces {
      var run = 1
      for index in piece.dropFirst() {
        let step = Double(samples[index]) - Double(samples[index - 1])
        stepSquares += step * step
        steps += 1
        run = step == 0 ? run + 1 : 1
        channel.longestRun = max(channel.longestRun, run)
      }
    }
    channel.differenceVariance = steps > 0 ? stepSquares / steps : channel.variance
    if channel.differenceVariance <= 0 { channel.differenceVariance = channel.variance }
    let start = samples.prefix(200_000).map(Double.init)
    channel.correlation = SeriesCorrelation.ofNeighbours(start)
    channel.correlationTime = SeriesCorrelation.time(of: start, longestLag: 5_000)
    makeBins(of: samples, &channel)
    return channel
  }

  /// Quantiles as edges, or one bin a value where there are few values.
  private func makeBins(of samples: [Float], _ channel: inout Channel) {
    let sorted = samples.sorted()
    (channel.minimum, channel.maximum) = (sorted[0], sorted[sorted.count - 1])
    var edges: [Float] = [sorted[0]]
    let values = Self.firstDistinct(options.binCount + 1, in: sorted)
    if values.count <= options.binCount {
      for (lower, upper) in zip(values, values.dropFirst()) {
        let middle = Float((Double(lower) + Double(upper)) / 2)
        // Neighbouring floats have no number between them.
        edges.append(middle > lower ? middle : upper)
      }
    } else {
      for step in 1..<options.binCount {
        let position = Double(step) / Double(options.binCount) * Double(sorted.count - 1)
        let index = Int(position)
        let (low, high) = (Double(sorted[index]), Double(sorted[min(index + 1, sorted.count - 1)]))
        let edge = Float(low + (position - Double(index)) * (high - low))
        if edge > edges[edges.count - 1], edge <= channel.maximum { edges.append(edge) }
      }
      if edges.count == 1 { edges.append(values[1]) }
    }
    channel.edges = edges
    channel.counts = Array(repeating: 0, count: edges.count)
    channel.codes = samples.map { sample in
      var (low, high) = (0, edges.count)
      while high - low > 1 {
        let middle = (low + high) / 2
        if sample >= edges[middle] { low = middle } else { high = middle }
      }
      return UInt8(low)
    }
    for code in channel.codes { channel.counts[Int(code)] += 1 }
  }

  private static func firstDistinct(_ limit: Int, in sorted: [Float]) -> [Float] {
    var values: [Float] = []
    for value in sorted where value != values.last {
      values.append(value)
      if values.count == limit { break }
    }
    return values
  }
}
