import ModelFormat

extension DriftMonitor {
  /// Compares the predictions of the window with the reference's.
  mutating func summarizePredictions(_ findings: inout WindowFindings) {
    let window = scalars.predictions
    var summary = PredictionSummary()
    summary.count = window.count
    // As many as the reference has for such a window, or half of that.
    let expected =
      Double(baseline.predictionCount) * Double(baseline.windowSampleCount)
      / Double(baseline.sampleCount)
    summary.isJudged = window.count > 0 && 2 * Double(window.count) >= expected
    if window.count > 0 {
      let moments = WindowMoments(
        count: Double(window.count), sum: window.sum, squareSum: window.squareSum, stepCount: 0,
        stepSquareSum: 0, origin: baseline.confidenceMean)
      summary.confidenceMean = moments.mean
      summary.confidenceStandardDeviation = moments.variance.squareRoot()
      summary.confidenceShift =
        (moments.mean - baseline.confidenceMean) / baseline.confidenceVariance.squareRoot()
      compareHistograms(window, &summary)
    }
    var unsettled: UInt32 = 0
    if summary.isJudged { judge(&summary, &unsettled, &findings) }
    if unsettled & scalars.alarmedPredictions != 0 { findings.isUnsettled = true }
    scalars.lastPredictions = summary
  }

  private borrowing func compareHistograms(
    _ window: PredictionWindow, _ summary: inout PredictionSummary
  ) {
    let (total, referenceTotal) = (Double(window.count), Double(baseline.predictionCount))
    var classes = HistogramDistance(epsilon: Double(baseline.epsilon))
    for index in 0..<layout.classCount {
      classes.add(
        reference: Double(baseline.classCountInReference(index)) / referenceTotal,
        current: Double(stateView.uint32(at: layout.classes + 4 * index)) / total, width: 0)
    }
    summary.classDistance = classes.jensenShannon
    summary.classStability = classes.populationStability
    var confidence = HistogramDistance(epsilon: Double(baseline.epsilon))
    for bin in 0..<Baseline.confidenceBinCount {
      confidence.add(
        reference: Double(baseline.confidenceCount(bin)) / referenceTotal,
        current: Double(window.bins[bin]) / total, width: 0)
    }
    summary.confidenceDistance = confidence.jensenShannon
  }

  private mutating func judge(
    _ summary: inout PredictionSummary, _ unsettled: inout UInt32,
    _ findings: inout WindowFindings
  ) {
    for index in 0..<PredictionStatistic.count {
      guard let statistic = PredictionStatistic(rawValue: UInt8(index)) else { continue }
      let bit: UInt32 = 1 << UInt32(index)
      let threshold = baseline.threshold(statistic)
      let value = summary.value(statistic)
      if threshold.isExceeded(by: value) { summary.exceeding |= bit }
      guard baseline.decides(statistic) else { continue }
      if threshold.isUnsettled(by: value) { unsettled |= bit }
      let isOfClasses = statistic == .classDistance || statistic == .classStability
      if threshold.isSuspicious(value) {
        if isOfClasses {
          findings.evidence.classesMoved = true
        } else {
          findings.evidence.confidenceMoved = true
        }
      }
    }
    if unsettled == 0 {
      scalars.predictionsUnsettledRun = 0
    } else {
      if scalars.predictionsUnsettledRun == 0 {
        scalars.predictionsUnsettledSince = scalars.windowStart
      }
      scalars.predictionsUnsettledRun &+= 1
    }
    for index in 0..<PredictionStatistic.count {
      guard let statistic = PredictionStatistic(rawValue: UInt8(index)),
        baseline.decides(statistic), summary.exceeds(statistic)
      else { continue }
      scalars.alarmedPredictions |= 1 << UInt32(index)
      let threshold = baseline.threshold(statistic)
      let isOfClasses = statistic == .classDistance || statistic == .classStability
      findings.offer(
        DriftAlarm(
          verdict: .model, subject: isOfClasses ? .classes : .confidence, statistic: nil,
          predictionStatistic: statistic, value: summary.value(statistic), threshold: threshold,
          fault: .none, since: scalars.predictionsUnsettledSince, raisedAt: 0,
          evidence: DriftEvidence()),
        severity: threshold.severity(of: summary.value(statistic)))
    }
  }

  /// What the predictions of the last window that ended were like.
  public var predictionSummary: PredictionSummary { scalars.lastPredictions }

  /// Windows that ended.
  public var windowIndex: UInt32 { scalars.windowIndex }

  /// Start of the last window that ended, seconds since 1970; 0 when the clock was not set.
  public var windowStart: Double { scalars.windowStart }

  /// Its end.
  public var windowEnd: Double { scalars.windowEnd }

  /// Whether an alarm is up.
  public var isAlarmed: Bool { scalars.alarm != nil }

  /// The alarm that is up.
  public var alarm: DriftAlarm? { scalars.alarm }

  /// Alarms raised since the state was begun.
  public var alarmCount: UInt32 { scalars.alarmCount }

  /// Times ADWIN cut the stream of confidence. An indicator, not an alarm.
  public var adwinCount: UInt32 { scalars.adaptiveDetections }
}
