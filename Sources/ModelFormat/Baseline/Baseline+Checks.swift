extension Baseline {
  func checkHeader() throws(ModelError) {
    typealias Field = Layout.Baseline
    let budget = bytes.uint32(at: Field.budgetSeconds)
    guard budget >= 1, budget <= Layout.Limits.budgetSeconds
    else { throw Self.fail(Field.budgetSeconds) }
    guard bytes.uint32(at: Field.promise) <= UInt32(DriftPromise.measured.rawValue) else {
      throw Self.fail(Field.promise)
    }
    guard bytes.uint32(at: Field.channelDecisions) >> UInt32(DriftStatistic.count) == 0 else {
      throw Self.fail(Field.channelDecisions)
    }
    guard bytes.uint32(at: Field.predictionDecisions) >> UInt32(PredictionStatistic.count) == 0
    else { throw Self.fail(Field.predictionDecisions) }
    let samples = bytes.uint32(at: Field.sampleCount)
    guard samples >= 1, samples <= UInt32(Int32.max) else { throw Self.fail(Field.sampleCount) }
    guard bytes.uint32(at: Field.predictionCount) <= UInt32(Int32.max),
      (bytes.uint32(at: Field.predictionCount) > 0) == (classCount > 0)
    else { throw Self.fail(Field.predictionCount) }
    guard independentWindowCount.isFinite, independentWindowCount >= 0 else {
      throw Self.fail(Field.independentWindowCount)
    }
    let clearWindows = bytes.uint32(at: Field.clearWindowCount)
    guard (1...1000).contains(clearWindows) else { throw Self.fail(Field.clearWindowCount) }
    guard epsilon > 0, epsilon < 1 else { throw Self.fail(Field.epsilon) }
    guard decisionProbability > 0, decisionProbability < 1 else {
      throw Self.fail(Field.decisionProbability)
    }
    if let offset = bytes.firstNonZero(in: Field.reserved..<Field.channels) {
      throw ModelError(.reservedNotZero, section: .baseline, offset: offset)
    }
  }

  func checkChannel(_ index: Int) throws(ModelError) {
    typealias Field = Layout.BaselineChannel
    let start = channelOffset(index)
    let channel = channel(index)
    guard channel.mean.isFinite else { throw Self.fail(start + Field.mean, index) }
    guard channel.variance.isFinite, channel.variance > 0 else {
      throw Self.fail(start + Field.variance, index)
    }
    guard channel.differenceVariance.isFinite, channel.differenceVariance > 0 else {
      throw Self.fail(start + Field.differenceVariance, index)
    }
    guard channel.minimum.isFinite, channel.maximum.isFinite, channel.minimum < channel.maximum
    else { throw Self.fail(start + Field.minimum, index) }
    guard channel.skewness.isFinite, channel.kurtosis.isFinite else {
      throw Self.fail(start + Field.skewness, index)
    }
    guard (-1...1).contains(channel.correlation) else {
      throw Self.fail(start + Field.correlation, index)
    }
    guard channel.correlationTime.isFinite, channel.correlationTime >= 1 else {
      throw Self.fail(start + Field.correlationTime, index)
    }
    guard (0...1).contains(channel.extremeShare) else {
      throw Self.fail(start + Field.extremeShare, index)
    }
    guard channel.detectableShift >= 0, channel.detectableSpread >= 0 else {
      throw Self.fail(start + Field.detectableShift, index)
    }
    if let offset = bytes.firstNonZero(in: (start + Field.reserved)..<(start + Field.thresholds)) {
      throw ModelError(.reservedNotZero, section: .baseline, record: index, offset: offset)
    }
    for statistic in 0..<DriftStatistic.count {
      try checkThreshold(
        at: start + Field.thresholds + statistic * Layout.Threshold.stride, record: index)
    }
    try checkBins(index, channel)
  }

  /// Edges rise from the smallest sample; counts add up to the samples; unused bins are zero.
  private func checkBins(_ index: Int, _ channel: BaselineChannel) throws(ModelError) {
    typealias Field = Layout.BaselineChannel
    let start = channelOffset(index)
    guard (2...binStride).contains(channel.binCount) else {
      throw Self.fail(start + Field.binCount, index, found: channel.binCount, expected: binStride)
    }
    guard edge(0, ofChannel: index) == channel.minimum else {
      throw Self.fail(start + Field.bins, index)
    }
    var total: UInt64 = 0
    for bin in 0..<channel.binCount {
      let edge = edge(bin, ofChannel: index)
      guard bin == 0 || (edge > self.edge(bin - 1, ofChannel: index) && edge <= channel.maximum)
      else { throw Self.fail(start + Field.bins + bin * Field.binByteCount, index) }
      total += UInt64(count(bin, ofChannel: index))
    }
    guard total == UInt64(sampleCount) else {
      throw Self.fail(start + Field.bins + 4, index)
    }
    let unused =
      (start + Field.bins + channel.binCount * Field.binByteCount)..<(start + channelStride)
    if let offset = bytes.firstNonZero(in: unused) {
      throw ModelError(.reservedNotZero, section: .baseline, record: index, offset: offset)
    }
  }

  func checkPredictions() throws(ModelError) {
    typealias Field = Layout.BaselinePredictions
    let start = predictionsOffset
    guard confidenceMean.isFinite else { throw Self.fail(start + Field.confidenceMean) }
    guard confidenceVariance.isFinite, confidenceVariance > 0 else {
      throw Self.fail(start + Field.confidenceVariance)
    }
    guard detectableClassShift >= 0, detectableConfidenceShift >= 0 else {
      throw Self.fail(start + Field.detectableClassShift)
    }
    var total: UInt64 = 0
    for bin in 0..<Field.confidenceBins { total += UInt64(confidenceCount(bin)) }
    guard total == UInt64(predictionCount) else { throw Self.fail(start + Field.confidenceCounts) }
    for statistic in 0..<PredictionStatistic.count {
      try checkThreshold(
        at: start + Field.thresholds + statistic * Layout.Threshold.stride, record: nil)
    }
    total = 0
    for index in 0..<classCount { total += UInt64(classCountInReference(index)) }
    guard total == UInt64(predictionCount) else { throw Self.fail(start + Field.classCounts) }
  }

  /// Neither bound is not-a-number, and the band that ends an alarm lies inside the one that raises
  /// it.
  private func checkThreshold(at offset: Int, record: Int?) throws(ModelError) {
    let threshold = Threshold(at: offset, of: bytes)
    guard threshold.lower <= threshold.clearLower, threshold.clearLower <= threshold.clearUpper,
      threshold.clearUpper <= threshold.upper
    else { throw Self.fail(offset, record) }
  }

  static func fail(
    _ offset: Int, _ record: Int? = nil, found: Int? = nil, expected: Int? = nil
  ) -> ModelError {
    ModelError(
      .badBaseline, section: .baseline, record: record, offset: offset, found: found,
      expected: expected)
  }
}
