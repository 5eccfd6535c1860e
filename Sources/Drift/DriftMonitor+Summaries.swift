import ModelFormat

/// What a channel was like in the last window.
public struct ChannelSummary: Equatable, Sendable {
  /// Samples with a value.
  public let count: UInt32
  /// Samples without.
  public let missingCount: UInt32
  /// Reads that failed.
  public let busErrorCount: UInt32
  /// The most equal samples in a row.
  public let longestRun: UInt32
  /// Mean of the samples.
  public let mean: Double
  /// Standard deviation of the samples.
  public let standardDeviation: Double
  /// Smallest sample.
  public let minimum: Float
  /// Largest sample.
  public let maximum: Float
  /// Independent samples it is worth, by the reference's correlation time.
  public let effectiveCount: Double
  /// What the samples say about the sensor.
  public let fault: SensorFault
  /// Whether there were enough samples to be compared.
  public let isJudged: Bool
}

extension DriftMonitor {
  /// The share of a window's samples, in quarters, that a comparison needs.
  private static var quartersNeeded: UInt64 { 3 }

  /// Compares a channel's window with the reference and keeps what comes out.
  mutating func summarize(_ channel: Int, _ findings: inout WindowFindings) {
    typealias Field = StateLayout.Channel
    let offset = layout.channel(channel)
    let reference = baseline.channel(channel)
    let window = ChannelWindow(at: offset, of: stateView)
    let moments = WindowMoments(window, origin: reference.mean)
    let size = UInt32(baseline.windowSampleCount)
    let isJudged = 4 * UInt64(window.count) >= Self.quartersNeeded * UInt64(size)
    var fault = SensorFault.detect(
      window, reference: reference, windowSampleCount: baseline.windowSampleCount)

    setState(window.count, at: offset + Field.count)
    setState(size - min(size, window.count), at: offset + Field.missingCount)
    setState(window.busErrorCount, at: offset + Field.busErrorCount)
    setState(window.longestRun, at: offset + Field.longestRun)
    setState(isJudged ? UInt8(1) : 0, at: offset + Field.isJudged)
    setState(moments.mean, at: offset + Field.mean)
    setState(moments.variance, at: offset + Field.variance)
    setState(window.minimum, at: offset + Field.minimum)
    setState(window.maximum, at: offset + Field.maximum)

    let values =
      window.count > 0 ? statistics(channel, reference, window, moments) : ChannelStatistics()
    for index in 0..<DriftStatistic.count {
      setState(Float(values[index]), at: offset + Field.values + 4 * index)
    }
    let marks = isJudged ? mark(channel, values) : StatisticMarks()
    if fault == .none, marks.exceeding & marks.decisive != 0,
      SensorFault.looksStuck(
        window, reference: reference, windowSampleCount: baseline.windowSampleCount)
    {
      fault = .stuck
    }

    let isFading = fade(fault, ofChannel: channel)
    if fault == .none && !isFading {
      if marks.suspicious != 0 {
        findings.evidence.movedCount += 1
        let (noise, spread) = (values[.noise], values[.spread])
        let meanStays = !marks.isSuspicious(.meanShift)
        let noiseUp = marks.isSuspicious(.noise) && noise > 1 && noise > 1.2 * spread
        let noiseDown = marks.isSuspicious(.noise) && noise < 1 && 1.2 * noise < spread
        if meanStays && (noiseUp || noiseDown) {
          findings.evidence.noiseOnlyCount += 1
          fault = .noisy
        } else if meanStays && marks.isSuspicious(.noise) && marks.isSuspicious(.spread) {
          findings.evidence.spreadOnlyCount += 1
        }
      }
    } else {
      findings.evidence.faultCount += 1
    }
    setState(fault.rawValue, at: offset + Field.fault)
    keep(marks, fault, ofChannel: channel, values, &findings)
  }

  /// Whether a channel had a fault so few windows ago that what it does now may come from it.
  private mutating func fade(_ fault: SensorFault, ofChannel channel: Int) -> Bool {
    let place = layout.channel(channel) + StateLayout.Channel.fadingWindows
    guard fault == .none else {
      setState(UInt8(clamping: baseline.clearWindowCount), at: place)
      return false
    }
    let remaining = stateView.uint8(at: place)
    if remaining > 0 { setState(remaining - 1, at: place) }
    return remaining > 0
  }

  /// Keeps what is beyond which line, and offers what is beyond its threshold as an alarm.
  private mutating func keep(
    _ marks: StatisticMarks, _ fault: SensorFault, ofChannel channel: Int,
    _ values: ChannelStatistics, _ findings: inout WindowFindings
  ) {
    typealias Field = StateLayout.Channel
    let offset = layout.channel(channel)
    let isFaulty = fault != .none && fault != .noisy
    let deciding = marks.exceeding & marks.decisive
    let unsettled = marks.unsettled & marks.decisive
    setState(marks.exceeding, at: offset + Field.exceeds)
    setState(marks.unsettled, at: offset + Field.unsettled)
    setState(marks.suspicious, at: offset + Field.suspicious)

    let run = stateView.uint32(at: offset + Field.unsettledRun)
    if unsettled != 0 || isFaulty {
      if run == 0 { setState(scalars.windowStart, at: offset + Field.unsettledSince) }
      setState(run == .max ? run : run + 1, at: offset + Field.unsettledRun)
    } else {
      setState(UInt32(0), at: offset + Field.unsettledRun)
    }
    let since = stateView.double(at: offset + Field.unsettledSince)

    let alarmed = stateView.uint8(at: offset + Field.alarmed)
    if alarmed & unsettled != 0 { findings.isUnsettled = true }
    // Bit 7 stands for a fault.
    let now = alarmed | deciding | (isFaulty ? 0x80 : 0)
    if deciding != 0 || isFaulty { setState(now, at: offset + Field.alarmed) }

    if isFaulty {
      findings.offer(
        DriftAlarm(
          verdict: .sensor, subject: .channel(channel), statistic: nil, predictionStatistic: nil,
          value: 0,
          threshold: Threshold(lower: 0, upper: 0, clearLower: 0, clearUpper: 0), fault: fault,
          since: since, raisedAt: 0, evidence: DriftEvidence()),
        severity: .infinity)
    }
    for index in 0..<DriftStatistic.count where deciding >> UInt8(index) & 1 == 1 {
      guard let statistic = DriftStatistic(rawValue: UInt8(index)) else { continue }
      let threshold = baseline.threshold(statistic, ofChannel: channel)
      findings.offer(
        DriftAlarm(
          verdict: .world, subject: .channel(channel), statistic: statistic,
          predictionStatistic: nil, value: values[statistic], threshold: threshold, fault: fault,
          since: since, raisedAt: 0, evidence: DriftEvidence()),
        severity: threshold.severity(of: values[statistic]))
    }
  }

  private borrowing func statistics(
    _ channel: Int, _ reference: BaselineChannel, _ window: ChannelWindow, _ moments: WindowMoments
  ) -> ChannelStatistics {
    var distance = HistogramDistance(epsilon: Double(baseline.epsilon))
    let offset = layout.channel(channel) + StateLayout.Channel.bins
    let deviation = reference.standardDeviation
    let (total, referenceTotal) = (Double(window.count), Double(baseline.sampleCount))
    for bin in 0..<reference.binCount {
      let low = baseline.edge(bin, ofChannel: channel)
      let high =
        bin + 1 < reference.binCount
        ? baseline.edge(bin + 1, ofChannel: channel) : reference.maximum
      distance.add(
        reference: Double(baseline.count(bin, ofChannel: channel)) / referenceTotal,
        current: Double(stateView.uint32(at: offset + 4 * bin)) / total,
        width: (Double(high) - Double(low)) / deviation)
    }
    return ChannelStatistics(moments, reference: reference, distance)
  }

  private borrowing func mark(_ channel: Int, _ values: ChannelStatistics) -> StatisticMarks {
    var marks = StatisticMarks()
    for index in 0..<DriftStatistic.count {
      guard let statistic = DriftStatistic(rawValue: UInt8(index)) else { continue }
      let decides = baseline.decides(statistic)
      marks.add(
        statistic, values[index], baseline.threshold(statistic, ofChannel: channel),
        decides: decides)
    }
    return marks
  }

  /// What channel `index` was like in the last window that ended.
  public func summary(ofChannel index: Int) -> ChannelSummary {
    typealias Field = StateLayout.Channel
    let offset = layout.channel(index)
    let count = stateView.uint32(at: offset + Field.count)
    return ChannelSummary(
      count: count, missingCount: stateView.uint32(at: offset + Field.missingCount),
      busErrorCount: stateView.uint32(at: offset + Field.busErrorCount),
      longestRun: stateView.uint32(at: offset + Field.longestRun),
      mean: stateView.double(at: offset + Field.mean),
      standardDeviation: stateView.double(at: offset + Field.variance).squareRoot(),
      minimum: stateView.float(at: offset + Field.minimum),
      maximum: stateView.float(at: offset + Field.maximum),
      effectiveCount: Double(count) / Double(baseline.channel(index).correlationTime),
      fault: SensorFault(rawValue: stateView.uint8(at: offset + Field.fault)) ?? .none,
      isJudged: stateView.uint8(at: offset + Field.isJudged) != 0)
  }

  /// Samples of the last window that ended in bin `bin` of channel `index`.
  public func count(_ bin: Int, ofChannel index: Int) -> UInt32 {
    precondition(bin >= 0 && bin < layout.binStride, "the channel has no such bin")
    return stateView.uint32(at: layout.lastBins(index) + 4 * bin)
  }

  /// A statistic of channel `index` in the last window that ended.
  public func value(_ statistic: DriftStatistic, ofChannel index: Int) -> Double {
    Double(
      stateView.float(
        at: layout.channel(index) + StateLayout.Channel.values + 4 * Int(statistic.rawValue)))
  }

  /// Whether it was beyond its threshold.
  public func exceeds(_ statistic: DriftStatistic, ofChannel index: Int) -> Bool {
    stateView.uint8(at: layout.channel(index) + StateLayout.Channel.exceeds) >> statistic.rawValue
      & 1
      == 1
  }

  /// Times the Page–Hinkley test of channel `index` fired. An indicator, not an alarm.
  public func pageHinkleyCount(_ index: Int) -> UInt32 {
    stateView.uint32(at: layout.channel(index) + StateLayout.Channel.detections)
  }
}

/// The statistics of a channel's window, by raw value.
public struct ChannelStatistics: Equatable, Sendable {
  private var values = InlineArray<7, Double>(repeating: 0)

  init() {}

  /// The statistics of a window's moments and of its histogram's distance.
  public init(_ moments: WindowMoments, reference: BaselineChannel, _ distance: HistogramDistance) {
    self.init(
      moments, mean: reference.mean, variance: reference.variance,
      differenceVariance: reference.differenceVariance, distance)
  }

  /// The statistics of a window against a reference of these moments.
  public init(
    _ moments: WindowMoments, mean: Double, variance: Double, differenceVariance: Double,
    _ distance: HistogramDistance
  ) {
    self[.meanShift] = (moments.mean - mean) / variance.squareRoot()
    self[.spread] = (moments.variance / variance).squareRoot()
    self[.noise] = (moments.differenceVariance / differenceVariance).squareRoot()
    self[.jensenShannon] = distance.jensenShannon
    self[.populationStability] = distance.populationStability
    self[.kolmogorovSmirnov] = distance.kolmogorovSmirnov
    self[.wasserstein] = distance.wasserstein
  }

  /// One of them.
  public subscript(statistic: DriftStatistic) -> Double {
    get { values[Int(statistic.rawValue)] }
    set { values[Int(statistic.rawValue)] = newValue }
  }

  subscript(index: Int) -> Double { values[index] }

  /// Whether all are equal.
  public static func == (left: Self, right: Self) -> Bool {
    for index in 0..<7 where left[index] != right[index] { return false }
    return true
  }
}

/// Which statistics are beyond which line, a bit each.
struct StatisticMarks {
  var exceeding: UInt8 = 0
  var unsettled: UInt8 = 0
  /// Of those that decide.
  var suspicious: UInt8 = 0
  /// Those that raise alarms.
  var decisive: UInt8 = 0

  mutating func add(
    _ statistic: DriftStatistic, _ value: Double, _ threshold: Threshold, decides: Bool
  ) {
    let bit: UInt8 = 1 << statistic.rawValue
    if threshold.isExceeded(by: value) { exceeding |= bit }
    if threshold.isUnsettled(by: value) { unsettled |= bit }
    if decides { decisive |= bit }
    if decides && threshold.isSuspicious(value) { suspicious |= bit }
  }

  func isSuspicious(_ statistic: DriftStatistic) -> Bool {
    suspicious >> statistic.rawValue & 1 == 1
  }
}

extension Threshold {
  /// How far beyond its threshold a value is, in distances from the end of the alarm to its start.
  func severity(of value: Double) -> Double {
    let isHigh = value > Double(upper)
    let (line, end) = isHigh ? (upper, clearUpper) : (lower, clearLower)
    let room = max(1e-9, Double((line - end).magnitude))
    let excess = isHigh ? value - Double(end) : Double(end) - value
    return excess / room
  }
}
