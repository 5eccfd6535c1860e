import Drift
import ModelFormat

/// Every statistic in every drift window of a reference, four windows begun in each window's length.
///
/// A window is compared with the rest of the reference, without itself, as a window of the future
/// will be.
struct WindowSurvey {
  /// By channel, then statistic, then window.
  private(set) var channelValues: [[[Double]]]
  /// By statistic, then window; empty without predictions.
  private(set) var predictionValues: [[Double]]
  private(set) var windowCount = 0
  /// By channel: the largest share of samples of a window that equal its smallest or largest.
  private(set) var extremeShares: [Double]

  /// Surveys windows of `windowSampleCount` samples, a multiple of four.
  init(_ reference: ReferenceSummary, windowSampleCount: Int) {
    let series = reference.series
    let blockCount = windowSampleCount / 4
    channelValues = Array(
      repeating: Array(repeating: [], count: DriftStatistic.count), count: series.samples.count)
    predictionValues =
      series.predictions.isEmpty ? [] : Array(repeating: [], count: PredictionStatistic.count)
    extremeShares = Array(repeating: 0, count: series.samples.count)
    let pieces = series.pieces
    for piece in pieces { windowCount += max(0, piece.count / blockCount - 3) }
    guard windowCount > 0 else { return }
    for channel in series.samples.indices {
      let total = ChannelSums(reference, channel, series.sampleCount)
      for piece in pieces {
        let blocks = (0..<(piece.count / blockCount)).map {
          let start = piece.lowerBound + $0 * blockCount
          return ChannelSums(reference, channel, start..<(start + blockCount), in: piece)
        }
        for first in 0..<max(0, blocks.count - 3) {
          var window = blocks[first]
          for block in blocks[(first + 1)..<(first + 4)] { window.add(block) }
          let values = window.statistics(against: total, reference, channel)
          for index in 0..<DriftStatistic.count {
            guard let statistic = DriftStatistic(rawValue: UInt8(index)) else { continue }
            channelValues[channel][index].append(values[statistic])
          }
        }
        extremeShares[channel] = max(
          extremeShares[channel],
          Self.extremeShare(series.samples[channel], piece, windowSampleCount))
      }
    }
    if !series.predictions.isEmpty { surveyPredictions(reference, pieces, blockCount) }
  }

  /// Windows side by side.
  private static func extremeShare(
    _ samples: [Float], _ piece: Range<Int>, _ windowSampleCount: Int
  ) -> Double {
    var largest = 0.0
    var start = piece.lowerBound
    while start + windowSampleCount <= piece.upperBound {
      var window = ChannelWindow()
      for index in start..<(start + windowSampleCount) {
        window.add(samples[index], referenceMean: 0)
      }
      largest = max(largest, window.extremeShare)
      start += windowSampleCount
    }
    return largest
  }

  private mutating func surveyPredictions(
    _ reference: ReferenceSummary, _ pieces: [Range<Int>], _ blockCount: Int
  ) {
    let series = reference.series
    let total = PredictionSums(series, series.predictions.indices)
    for piece in pieces {
      var next = series.predictions.firstIndex { $0.sample >= piece.lowerBound } ?? 0
      var blocks: [PredictionSums] = []
      for index in 0..<(piece.count / blockCount) {
        let end = piece.lowerBound + (index + 1) * blockCount
        let first = next
        while next < series.predictions.count, series.predictions[next].sample < end { next += 1 }
        blocks.append(PredictionSums(series, first..<next))
      }
      for first in 0..<max(0, blocks.count - 3) {
        var window = blocks[first]
        for block in blocks[(first + 1)..<(first + 4)] { window.add(block) }
        for (index, value) in window.statistics(against: total, reference).enumerated() {
          predictionValues[index].append(value)
        }
      }
    }
  }
}

/// Sums over some samples of a channel.
private struct ChannelSums {
  var count = 0.0
  var sum = 0.0
  var squareSum = 0.0
  var stepCount = 0.0
  var stepSquareSum = 0.0
  var bins: [Double]

  /// Of all samples.
  init(_ reference: ReferenceSummary, _ channel: Int, _ sampleCount: Int) {
    bins = Array(repeating: 0, count: reference.channels[channel].edges.count)
    for piece in reference.series.pieces {
      add(ChannelSums(reference, channel, piece, in: piece))
    }
  }

  init(_ reference: ReferenceSummary, _ channel: Int, _ range: Range<Int>, in piece: Range<Int>) {
    let samples = reference.series.samples[channel]
    let codes = reference.channels[channel].codes
    let mean = reference.channels[channel].mean
    bins = Array(repeating: 0, count: reference.channels[channel].edges.count)
    samples.withUnsafeBufferPointer { samples in
      codes.withUnsafeBufferPointer { codes in
        for index in range {
          let deviation = Double(samples[index]) - mean
          sum += deviation
          squareSum += deviation * deviation
          bins[Int(codes[index])] += 1
          guard index > piece.lowerBound else { continue }
          let step = Double(samples[index]) - Double(samples[index - 1])
          stepSquareSum += step * step
          stepCount += 1
        }
      }
    }
    count = Double(range.count)
  }

  mutating func add(_ other: ChannelSums) {
    count += other.count
    sum += other.sum
    squareSum += other.squareSum
    stepCount += other.stepCount
    stepSquareSum += other.stepSquareSum
    for index in bins.indices { bins[index] += other.bins[index] }
  }

  func statistics(
    against total: ChannelSums, _ reference: ReferenceSummary, _ channel: Int
  ) -> ChannelStatistics {
    let summary = reference.channels[channel]
    let rest = total.count > count ? total.without(self) : total
    let restMoments = rest.moments(origin: summary.mean)
    let deviation = restMoments.variance.squareRoot()
    var distance = HistogramDistance(epsilon: Double(reference.options.epsilon))
    for bin in bins.indices {
      distance.add(
        reference: rest.bins[bin] / rest.count, current: bins[bin] / count,
        width: summary.width(ofBin: bin) / deviation)
    }
    return ChannelStatistics(
      moments(origin: summary.mean), mean: restMoments.mean, variance: restMoments.variance,
      differenceVariance: restMoments.differenceVariance, distance)
  }

  func moments(origin: Double) -> WindowMoments {
    WindowMoments(
      count: count, sum: sum, squareSum: squareSum, stepCount: stepCount,
      stepSquareSum: stepSquareSum, origin: origin)
  }

  private func without(_ part: ChannelSums) -> ChannelSums {
    var rest = self
    rest.count -= part.count
    rest.sum -= part.sum
    rest.squareSum -= part.squareSum
    rest.stepCount -= part.stepCount
    rest.stepSquareSum -= part.stepSquareSum
    for index in rest.bins.indices { rest.bins[index] -= part.bins[index] }
    return rest
  }
}

/// Sums over some predictions.
private struct PredictionSums {
  var count = 0.0
  var sum = 0.0
  var classes: [Double]
  var bins = Array(repeating: 0.0, count: Baseline.confidenceBinCount)

  init(_ series: ReferenceSeries, _ range: Range<Int>) {
    classes = Array(repeating: 0, count: series.classCount)
    for prediction in series.predictions[range] {
      count += 1
      sum += Double(prediction.confidence)
      classes[prediction.classIndex] += 1
      bins[ReferenceSummary.confidenceBin(prediction.confidence)] += 1
    }
  }

  mutating func add(_ other: PredictionSums) {
    count += other.count
    sum += other.sum
    for index in classes.indices { classes[index] += other.classes[index] }
    for index in bins.indices { bins[index] += other.bins[index] }
  }

  /// By raw value of ``PredictionStatistic``; zeros for a window without predictions.
  func statistics(against total: PredictionSums, _ reference: ReferenceSummary) -> [Double] {
    let restCount = total.count - count
    guard count > 0, restCount > 0 else { return [0, 0, 0, 0] }
    var classDistance = HistogramDistance(epsilon: Double(reference.options.epsilon))
    for index in classes.indices {
      classDistance.add(
        reference: (total.classes[index] - classes[index]) / restCount,
        current: classes[index] / count, width: 0)
    }
    var confidence = HistogramDistance(epsilon: Double(reference.options.epsilon))
    for index in bins.indices {
      confidence.add(
        reference: (total.bins[index] - bins[index]) / restCount, current: bins[index] / count,
        width: 0)
    }
    let shift =
      (sum / count - (total.sum - sum) / restCount) / reference.confidenceVariance.squareRoot()
    return [
      classDistance.jensenShannon, classDistance.populationStability, shift,
      confidence.jensenShannon,
    ]
  }
}
