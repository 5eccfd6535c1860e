import Drift
import Foundation
import ModelFormat

/// Makes the drift baseline of a model from a reference series.
public struct BaselineBuilder {
  let reference: ReferenceSummary
  let calibration: WindowCalibration
  /// What can be promised about false alarms.
  public let promise: DriftPromise

  /// Drift windows the reference is worth.
  public var independentWindowCount: Double { calibration.independentCount }

  /// Samples of a drift window.
  public var windowSampleCount: Int { calibration.windowSampleCount }

  /// Independent windows a reference needs for the promise.
  static let independentWindowsNeeded = 30.0
  /// Independent windows with which a shorter window is preferred to a more sensitive one.
  static let independentWindowsWanted = 50.0
  /// The shift, in standard deviations, a window is chosen to catch.
  static let wantedShift = 0.5

  /// Surveys the reference and calibrates.
  ///
  /// - Throws: What a baseline cannot be made of; the place is a channel's name or empty.
  public init(
    _ series: ReferenceSeries, options: BaselineOptions = BaselineOptions()
  ) throws(ConversionError) {
    try series.check()
    let reference = ReferenceSummary(series, options: options)
    let lengths = try Self.windowLengths(series, options)
    var best: WindowCalibration?
    var chosen: WindowCalibration?
    for length in lengths {
      guard let candidate = WindowCalibration(reference, windowSampleCount: length) else {
        continue
      }
      if candidate.independentCount >= Self.independentWindowsWanted || lengths.count == 1,
        candidate.worstDetectableShift <= Self.wantedShift
      {
        chosen = candidate
        break
      }
      if best.map({ Self.isBetter(candidate, than: $0) }) ?? true { best = candidate }
    }
    guard let calibration = chosen ?? best else {
      throw ReferenceSeries.fail(
        "", "\(series.sampleCount) samples hold no two drift windows of \(lengths[0])",
        "record longer, or choose a shorter window with --drift-window")
    }
    self.reference = reference
    self.calibration = calibration
    promise = Self.promise(of: calibration, reference)
  }

  /// Windows to try, from the shortest.
  private static func windowLengths(
    _ series: ReferenceSeries, _ options: BaselineOptions
  ) throws(ConversionError) -> [Int] {
    let longestPiece = series.pieces.map(\.count).max() ?? 0
    if let window = options.windowSampleCount {
      let length = (window + 3) / 4 * 4
      guard length >= 8 else {
        throw ReferenceSeries.fail(
          "", "a drift window of \(window) samples is too short", "take 8 or more")
      }
      guard longestPiece >= 2 * length else {
        throw ReferenceSeries.fail(
          "",
          "the reference has \(longestPiece) samples without a gap, a drift window takes \(length)",
          "record at least twice a window, better a hundred times, or choose a shorter window")
      }
      return [length]
    }
    var length = max(8, (options.shortestWindow + 3) / 4 * 4)
    guard longestPiece >= 3 * length else {
      throw ReferenceSeries.fail(
        "",
        "the reference has \(longestPiece) samples without a gap; the shortest drift window takes "
          + "\(length)",
        "record at least three times as much, better a hundred times")
    }
    var lengths: [Int] = []
    while length <= max(longestPiece / 8, options.shortestWindow) {
      lengths.append(length)
      length *= 2
    }
    return lengths
  }

  /// A window that can be promised is better than one that cannot; among those the one that catches
  /// more, among the others the one the reference has more of.
  private static func isBetter(
    _ candidate: WindowCalibration, than other: WindowCalibration
  ) -> Bool {
    let enough = candidate.independentCount >= independentWindowsNeeded
    let otherEnough = other.independentCount >= independentWindowsNeeded
    guard enough == otherEnough else { return enough }
    return enough
      ? candidate.worstDetectableShift < other.worstDetectableShift
      : candidate.independentCount > other.independentCount
  }

  /// The length of a reference that may be extrapolated to the budget, as a share of the budget.
  ///
  /// What happens once in a while is not in a reference shorter than that while, and nothing in the
  /// reference tells: a tenfold extrapolation is as far as a promise goes.
  static let longestExtrapolation = 10.0

  private static func promise(
    of calibration: WindowCalibration, _ reference: ReferenceSummary
  ) -> DriftPromise {
    if calibration.independentCount * calibration.probability >= 3 { return .measured }
    let seconds = Double(reference.series.sampleCount) / reference.series.rateHertz
    let isLong = seconds * longestExtrapolation >= Double(reference.options.budgetSeconds)
    return isLong && calibration.independentCount >= independentWindowsNeeded
      ? .extrapolated : .none
  }

  /// The bytes of the section.
  ///
  /// - Parameter modelCheck: `Model.driftModelCheck` of the model it is for.
  public func section(modelCheck: UInt32) -> [UInt8] {
    typealias Field = Layout.Baseline
    let (series, options) = (reference.series, reference.options)
    let binStride = reference.channels.map(\.edges.count).max() ?? 2
    var bytes = ByteWriter(byteCount: Field.channels)
    let hasPredictions = !series.predictions.isEmpty
    bytes.set(count: reference.channels.count, at: Field.channelCount)
    bytes.set(count: hasPredictions ? series.classCount : 0, at: Field.classCount)
    bytes.set(count: binStride, at: Field.binStride)
    bytes.set(count: calibration.windowSampleCount, at: Field.windowSampleCount)
    bytes.set(options.budgetSeconds, at: Field.budgetSeconds)
    bytes.set(UInt32(promise.rawValue), at: Field.promise)
    bytes.set(
      Self.bits(WindowCalibration.channelDecisions.map(\.rawValue)), at: Field.channelDecisions)
    bytes.set(
      hasPredictions ? Self.bits(WindowCalibration.predictionDecisions.map(\.rawValue)) : 0,
      at: Field.predictionDecisions)
    bytes.set(count: series.sampleCount, at: Field.sampleCount)
    bytes.set(count: series.predictions.count, at: Field.predictionCount)
    bytes.set(Float(calibration.independentCount), at: Field.independentWindowCount)
    bytes.set(count: options.clearWindowCount, at: Field.clearWindowCount)
    bytes.set(modelCheck, at: Field.modelCheck)
    bytes.set(options.epsilon, at: Field.epsilon)
    bytes.set(double: calibration.probability, at: Field.decisionProbability)
    for channel in reference.channels.indices {
      bytes.append(channelRecord(channel, binStride: binStride))
    }
    if hasPredictions { bytes.append(predictionRecord()) }
    return bytes.bytes
  }

  private func channelRecord(_ index: Int, binStride: Int) -> [UInt8] {
    typealias Field = Layout.BaselineChannel
    let channel = reference.channels[index]
    var bytes = ByteWriter(byteCount: Field.bins + binStride * Field.binByteCount)
    bytes.set(double: channel.mean, at: Field.mean)
    bytes.set(double: channel.variance, at: Field.variance)
    bytes.set(double: channel.differenceVariance, at: Field.differenceVariance)
    bytes.set(channel.minimum, at: Field.minimum)
    bytes.set(channel.maximum, at: Field.maximum)
    bytes.set(Float(channel.skewness), at: Field.skewness)
    bytes.set(Float(channel.kurtosis), at: Field.kurtosis)
    bytes.set(Float(channel.correlation), at: Field.correlation)
    bytes.set(Float(channel.correlationTime), at: Field.correlationTime)
    bytes.set(Float(calibration.survey.extremeShares[index]), at: Field.extremeShare)
    bytes.set(count: channel.longestRun, at: Field.longestRun)
    bytes.set(count: channel.edges.count, at: Field.binCount)
    bytes.set(Float(calibration.detectableShift(index)), at: Field.detectableShift)
    bytes.set(Float(calibration.detectableSpread(index)), at: Field.detectableSpread)
    for (statistic, fit) in calibration.channels[index].enumerated() {
      bytes.set(fit.threshold, at: Field.thresholds + statistic * Layout.Threshold.stride)
    }
    for (bin, edge) in channel.edges.enumerated() {
      let place = Field.bins + bin * Field.binByteCount
      bytes.set(edge, at: place)
      bytes.set(count: channel.counts[bin], at: place + 4)
    }
    return bytes.bytes
  }

  private func predictionRecord() -> [UInt8] {
    typealias Field = Layout.BaselinePredictions
    let series = reference.series
    var bytes = ByteWriter(byteCount: Field.classCounts + 4 * series.classCount)
    bytes.set(double: reference.confidenceMean, at: Field.confidenceMean)
    bytes.set(double: reference.confidenceVariance, at: Field.confidenceVariance)
    bytes.set(Float(detectableClassShift), at: Field.detectableClassShift)
    let confidence = calibration.predictions[Int(PredictionStatistic.confidenceShift.rawValue)]
    bytes.set(Float(confidence.detectableRise), at: Field.detectableConfidenceShift)
    var bins = Array(repeating: 0, count: Field.confidenceBins)
    for prediction in series.predictions {
      bins[ReferenceSummary.confidenceBin(prediction.confidence)] += 1
    }
    for (bin, count) in bins.enumerated() {
      bytes.set(count: count, at: Field.confidenceCounts + 4 * bin)
    }
    for (statistic, fit) in calibration.predictions.enumerated() {
      bytes.set(fit.threshold, at: Field.thresholds + statistic * Layout.Threshold.stride)
    }
    for (index, count) in classCounts.enumerated() {
      bytes.set(count: count, at: Field.classCounts + 4 * index)
    }
    return bytes.bytes
  }

  var classCounts: [Int] {
    var counts = Array(repeating: 0, count: reference.series.classCount)
    for prediction in reference.series.predictions { counts[prediction.classIndex] += 1 }
    return counts
  }

  /// The share of all predictions that, moved from the most frequent class to the rarest, makes the
  /// distance of the classes one that nine windows of ten show; ∞ for none.
  var detectableClassShift: Double {
    let total = Double(reference.series.predictions.count)
    let shares = classCounts.map { Double($0) / total }
    guard let most = shares.indices.max(by: { shares[$0] < shares[$1] }),
      let least = shares.indices.min(by: { shares[$0] < shares[$1] }), most != least,
      !calibration.predictions.isEmpty
    else { return .infinity }
    let needed = calibration.predictions[Int(PredictionStatistic.classDistance.rawValue)]
      .detectableRise
    func distance(_ moved: Double) -> Double {
      var sum = HistogramDistance(epsilon: Double(reference.options.epsilon))
      for index in shares.indices {
        let change = index == most ? -moved : index == least ? moved : 0
        sum.add(reference: shares[index], current: shares[index] + change, width: 0)
      }
      return sum.jensenShannon
    }
    guard distance(shares[most]) >= needed else { return .infinity }
    var (low, high) = (0.0, shares[most])
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if distance(middle) < needed { low = middle } else { high = middle }
    }
    return high
  }

  private static func bits(_ places: [UInt8]) -> UInt32 {
    places.reduce(0) { $0 | 1 << UInt32($1) }
  }
}

extension ByteWriter {
  mutating func set(double value: Double, at offset: Int) {
    set(UInt32(truncatingIfNeeded: value.bitPattern), at: offset)
    set(UInt32(truncatingIfNeeded: value.bitPattern >> 32), at: offset + 4)
  }

  mutating func set(_ threshold: Threshold, at offset: Int) {
    set(threshold.lower, at: offset + Layout.Threshold.lower)
    set(threshold.upper, at: offset + Layout.Threshold.upper)
    set(threshold.clearLower, at: offset + Layout.Threshold.clearLower)
    set(threshold.clearUpper, at: offset + Layout.Threshold.clearUpper)
  }
}
