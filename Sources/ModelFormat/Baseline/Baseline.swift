/// What the model's inputs and predictions look like when nothing has drifted, and how far a drift
/// window may be from it.
///
/// Read in place from the bytes of the section, which were checked when this was made.
public struct Baseline: ~Escapable {
  /// The section.
  public let bytes: RawSpan
  /// Channels of the contract.
  public let channelCount: Int
  /// Classes the model predicts; 0 where the baseline has no predictions.
  public let classCount: Int
  /// Samples of a drift window.
  public let windowSampleCount: Int
  /// Room for bins of each channel; a channel may use fewer.
  public let binStride: Int

  /// Reads and checks the bytes of a baseline section.
  ///
  /// Places in errors are counted from the start of the section.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(ModelError) {
    self.bytes = bytes
    guard bytes.byteCount >= Layout.Baseline.channels else {
      throw ModelError(
        .wrongSectionSize, section: .baseline, offset: 0, found: bytes.byteCount,
        expected: Layout.Baseline.channels)
    }
    func number(_ offset: Int, _ range: ClosedRange<Int>) throws(ModelError) -> Int {
      let value = bytes.uint32(at: offset)
      guard value >= UInt32(range.lowerBound), value <= UInt32(range.upperBound) else {
        throw Self.fail(offset, found: Int(truncatingIfNeeded: value), expected: range.upperBound)
      }
      return Int(value)
    }
    channelCount = try number(Layout.Baseline.channelCount, 1...Layout.Limits.channels)
    classCount = try number(Layout.Baseline.classCount, 0...Layout.Limits.labels)
    binStride = try number(Layout.Baseline.binStride, 2...Layout.Limits.bins)
    windowSampleCount = try number(
      Layout.Baseline.windowSampleCount, 2...Layout.Limits.driftWindow)
    // All factors are small: 1,024 channels of 440 bytes, 65,536 classes of 4 bytes.
    var expected = Layout.Baseline.channels + channelCount * channelStride
    if classCount > 0 { expected += Layout.BaselinePredictions.classCounts + 4 * classCount }
    guard bytes.byteCount == expected else {
      throw ModelError(
        .wrongSectionSize, section: .baseline, offset: 0, found: bytes.byteCount,
        expected: expected)
    }
    try checkHeader()
    for index in 0..<channelCount { try checkChannel(index) }
    if classCount > 0 { try checkPredictions() }
  }

  /// Seconds that may hold one false alarm of the whole model.
  public var budgetSeconds: UInt32 { bytes.uint32(at: Layout.Baseline.budgetSeconds) }

  /// What the converter promises about it.
  public var promise: DriftPromise {
    DriftPromise(rawValue: bytes.uint8(at: Layout.Baseline.promise)) ?? .none
  }

  /// Samples of the reference.
  public var sampleCount: Int { Int(bytes.uint32(at: Layout.Baseline.sampleCount)) }

  /// Predictions of the reference.
  public var predictionCount: Int { Int(bytes.uint32(at: Layout.Baseline.predictionCount)) }

  /// Drift windows the reference holds, counted as if they were independent of each other.
  public var independentWindowCount: Float {
    bytes.float32(at: Layout.Baseline.independentWindowCount)
  }

  /// Quiet windows that end an alarm.
  public var clearWindowCount: Int { Int(bytes.uint32(at: Layout.Baseline.clearWindowCount)) }

  /// The share given to empty bins in the population stability index.
  public var epsilon: Float { bytes.float32(at: Layout.Baseline.epsilon) }

  /// Probability of one statistic exceeding its threshold in one undrifted window.
  public var decisionProbability: Double {
    bytes.float64(at: Layout.Baseline.decisionProbability)
  }

  /// Whether a statistic of channels raises alarms; the others are reported.
  public func decides(_ statistic: DriftStatistic) -> Bool {
    bytes.uint32(at: Layout.Baseline.channelDecisions) >> UInt32(statistic.rawValue) & 1 == 1
  }

  /// Whether a statistic of predictions raises alarms; the others are reported.
  public func decides(_ statistic: PredictionStatistic) -> Bool {
    bytes.uint32(at: Layout.Baseline.predictionDecisions) >> UInt32(statistic.rawValue) & 1 == 1
  }

  /// One channel. Traps past the last.
  public func channel(_ index: Int) -> BaselineChannel {
    BaselineChannel(at: channelOffset(index), of: bytes)
  }

  /// Mean, standard deviation and correlation time of channel `index`: what standardizes a sample.
  public func standard(
    ofChannel index: Int
  ) -> (mean: Double, standardDeviation: Double, correlationTime: Float) {
    let start = channelOffset(index)
    return (
      bytes.float64(at: start + Layout.BaselineChannel.mean),
      bytes.float64(at: start + Layout.BaselineChannel.variance).squareRoot(),
      bytes.float32(at: start + Layout.BaselineChannel.correlationTime)
    )
  }

  /// The lower edge of bin `bin` of a channel; bin 0 begins at −∞, its edge is the smallest sample.
  public func edge(_ bin: Int, ofChannel channel: Int) -> Float {
    precondition(bin >= 0 && bin < binStride, "the channel has no such bin")
    return bytes.float32(at: binOffset(bin, channel))
  }

  /// Samples of the reference in bin `bin` of a channel.
  public func count(_ bin: Int, ofChannel channel: Int) -> UInt32 {
    precondition(bin >= 0 && bin < binStride, "the channel has no such bin")
    return bytes.uint32(at: binOffset(bin, channel) + 4)
  }

  /// The mean of a channel, and the bin a sample is in: the last one whose lower edge is not above it.
  ///
  /// All that a sample needs of the baseline, at the price of one check of places.
  public func place(of value: Float, channel: Int) -> (mean: Double, bin: Int) {
    let start = channelOffset(channel)
    return unsafe bytes.withUnsafeBytes { bytes in
      let mean = unsafe bytes.loadUnaligned(
        fromByteOffset: start &+ Layout.BaselineChannel.mean, as: Double.self)
      var count = unsafe Int(
        truncatingIfNeeded: bytes.loadUnaligned(
          fromByteOffset: start &+ Layout.BaselineChannel.binCount, as: UInt32.self))
      // In bounds: the section has room for so many bins of each of its channels.
      precondition(count <= binStride, "the channel has these bins")
      let record = unsafe bytes.baseAddress.unsafelyUnwrapped + start
      let first = unsafe record + Layout.BaselineChannel.bins
      var edge = unsafe first
      while count > 1 {
        let half = count >> 1
        let middle = unsafe edge + half &* Layout.BaselineChannel.binByteCount
        unsafe edge = value >= middle.loadUnaligned(as: Float.self) ? middle : edge
        count &-= half
      }
      return unsafe (mean, (edge - first) / Layout.BaselineChannel.binByteCount)
    }
  }

  /// Where a statistic of a channel becomes an alarm.
  public func threshold(_ statistic: DriftStatistic, ofChannel channel: Int) -> Threshold {
    Threshold(
      at: channelOffset(channel) + Layout.BaselineChannel.thresholds
        + Int(statistic.rawValue) * Layout.Threshold.stride, of: bytes)
  }

  /// Where a statistic of the predictions becomes an alarm. Traps without predictions.
  public func threshold(_ statistic: PredictionStatistic) -> Threshold {
    Threshold(
      at: predictionsOffset + Layout.BaselinePredictions.thresholds
        + Int(statistic.rawValue) * Layout.Threshold.stride, of: bytes)
  }

  /// Mean of the reference's confidence. Traps without predictions.
  public var confidenceMean: Double {
    bytes.float64(at: predictionsOffset + Layout.BaselinePredictions.confidenceMean)
  }

  /// Variance of the reference's confidence. Traps without predictions.
  public var confidenceVariance: Double {
    bytes.float64(at: predictionsOffset + Layout.BaselinePredictions.confidenceVariance)
  }

  /// The share of predictions that would have to change class to be caught in nine windows of ten.
  public var detectableClassShift: Float {
    bytes.float32(at: predictionsOffset + Layout.BaselinePredictions.detectableClassShift)
  }

  /// The shift of confidence, in reference standard deviations, caught in nine windows of ten.
  public var detectableConfidenceShift: Float {
    bytes.float32(at: predictionsOffset + Layout.BaselinePredictions.detectableConfidenceShift)
  }

  /// Bins of the histogram of confidence, of equal width from 0 to 1.
  public static let confidenceBinCount = Layout.BaselinePredictions.confidenceBins

  /// Predictions of the reference whose confidence is in bin `bin`.
  public func confidenceCount(_ bin: Int) -> UInt32 {
    precondition(bin >= 0 && bin < Self.confidenceBinCount, "there is no such bin")
    return bytes.uint32(
      at: predictionsOffset + Layout.BaselinePredictions.confidenceCounts + 4 * bin)
  }

  /// Predictions of the reference for class `index`.
  public func classCountInReference(_ index: Int) -> UInt32 {
    precondition(index >= 0 && index < classCount, "there is no such class")
    return bytes.uint32(at: predictionsOffset + Layout.BaselinePredictions.classCounts + 4 * index)
  }

  /// The check of the model the baseline was made for.
  var modelCheck: UInt32 { bytes.uint32(at: Layout.Baseline.modelCheck) }

  var channelStride: Int {
    Layout.BaselineChannel.bins &+ binStride &* Layout.BaselineChannel.binByteCount
  }

  func channelOffset(_ index: Int) -> Int {
    precondition(index >= 0 && index < channelCount, "the baseline has no such channel")
    // Small enough: the section holds as much.
    return Layout.Baseline.channels &+ index &* channelStride
  }

  private func binOffset(_ bin: Int, _ channel: Int) -> Int {
    channelOffset(channel) + Layout.BaselineChannel.bins
      + bin * Layout.BaselineChannel.binByteCount
  }

  var predictionsOffset: Int { Layout.Baseline.channels + channelCount * channelStride }
}

/// One channel of a ``Baseline``. All but the counts and shares are in the channel's unit or its
/// square.
public struct BaselineChannel: Sendable {
  /// Mean of the reference.
  public let mean: Double
  /// Variance of the reference.
  public let variance: Double
  /// Mean square of the steps from one sample to the next.
  public let differenceVariance: Double
  /// Smallest sample.
  public let minimum: Float
  /// Largest sample.
  public let maximum: Float
  /// Third standardized moment.
  public let skewness: Float
  /// Fourth standardized moment, 3 for a normal distribution.
  public let kurtosis: Float
  /// Correlation of a sample with the next.
  public let correlation: Float
  /// Samples that are worth one independent sample, 1 or more.
  public let correlationTime: Float
  /// The largest share of a window's samples that equalled its smallest or its largest.
  public let extremeShare: Float
  /// The most equal samples in a row.
  public let longestRun: UInt32
  /// Bins of the histogram, 2 or more.
  public let binCount: Int
  /// The shift of the mean, in standard deviations, that nine windows of ten show; ∞ for none.
  public let detectableShift: Float
  /// The growth of the standard deviation, as a factor, that nine windows of ten show; ∞ for none.
  public let detectableSpread: Float

  /// Standard deviation of the reference.
  public var standardDeviation: Double { variance.squareRoot() }

  init(at offset: Int, of bytes: RawSpan) {
    typealias Field = Layout.BaselineChannel
    mean = bytes.float64(at: offset + Field.mean)
    variance = bytes.float64(at: offset + Field.variance)
    differenceVariance = bytes.float64(at: offset + Field.differenceVariance)
    minimum = bytes.float32(at: offset + Field.minimum)
    maximum = bytes.float32(at: offset + Field.maximum)
    skewness = bytes.float32(at: offset + Field.skewness)
    kurtosis = bytes.float32(at: offset + Field.kurtosis)
    correlation = bytes.float32(at: offset + Field.correlation)
    correlationTime = bytes.float32(at: offset + Field.correlationTime)
    extremeShare = bytes.float32(at: offset + Field.extremeShare)
    longestRun = bytes.uint32(at: offset + Field.longestRun)
    binCount = Int(truncatingIfNeeded: bytes.uint32(at: offset + Field.binCount))
    detectableShift = bytes.float32(at: offset + Field.detectableShift)
    detectableSpread = bytes.float32(at: offset + Field.detectableSpread)
  }
}

extension Threshold {
  init(at offset: Int, of bytes: RawSpan) {
    lower = bytes.float32(at: offset + Layout.Threshold.lower)
    upper = bytes.float32(at: offset + Layout.Threshold.upper)
    clearLower = bytes.float32(at: offset + Layout.Threshold.clearLower)
    clearUpper = bytes.float32(at: offset + Layout.Threshold.clearUpper)
  }
}
