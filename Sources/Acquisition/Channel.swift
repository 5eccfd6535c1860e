import Sensors

/// Where one channel of the model comes from.
public struct ChannelSource: Sendable {
  /// The number of the sensor.
  public var sensor: Int
  /// The number within the sensor's reading.
  public var quantity: Int
  /// What is done to it.
  public var calibration = Calibration()
  /// What it can be.
  public var limits = PlausibleLimits()
  /// Whether a sample is the mean of the readings since the one before, instead of the last one.
  public var takesMean = false

  /// A quantity of a sensor, as it comes.
  public init(sensor: Int, quantity: Int) {
    self.sensor = sensor
    self.quantity = quantity
  }
}

/// The last reading of a channel and what led to it.
struct Channel {
  let source: ChannelSource
  private var median: MedianFilter
  private var check: PlausibilityCheck
  private(set) var value: Float = 0
  private(set) var quality = ChannelQuality.missing(.noReadingYet)
  /// When the value was measured; nil before the first.
  private(set) var time: UInt64?
  /// Errors of the sensor that were asked for.
  var toldErrorCount: UInt64 = 0
  /// Of the readings since the last sample, where their mean is wanted.
  private var sum = 0.0
  private var count = 0
  private var doubt: ChannelQuality?

  init(_ source: ChannelSource) {
    self.source = source
    median = MedianFilter(length: source.calibration.medianLength)
    check = PlausibilityCheck(source.limits)
  }

  mutating func take(_ reading: borrowing Reading, measuredAt moment: UInt64) {
    let raw = reading[source.quantity]
    let filtered = median.filter(source.calibration.applied(to: raw))
    quality = check.judge(filtered, raw: raw, time: moment)
    value = source.calibration.clamped(filtered)
    time = moment
    guard source.takesMean else { return }
    sum += Double(filtered)
    count += 1
    if quality.isSuspect { doubt = quality }
  }

  /// Makes value and quality those of a sample that is taken now. A mean is as doubtful as the most
  /// doubtful of its readings; without a new reading the last mean stands.
  mutating func settle() {
    guard count > 0 else { return }
    value = source.calibration.clamped(Float(sum / Double(count)))
    quality = doubt ?? quality
    forget()
  }

  /// What the value is worth in a sample. A reading counts for two periods of its sensor or of the
  /// samples, whichever is longer.
  ///
  /// - Parameters:
  ///   - deadline: The sample's, in nanoseconds of the monotonic clock.
  ///   - task: That of the sensor.
  ///   - samplePeriod: Nanoseconds between two samples.
  func quality(
    at deadline: UInt64, from task: SensorTask, samplePeriod: UInt64
  ) -> ChannelQuality {
    guard let time else {
      return .missing(task.error.map { .error(SensorErrorKind($0)) } ?? .noReadingYet)
    }
    guard time + 2 * max(task.periodNanoseconds, samplePeriod) >= deadline else {
      return .missing(task.error.map { .error(SensorErrorKind($0)) } ?? .stale)
    }
    return quality
  }

  private mutating func forget() {
    sum = 0
    count = 0
    doubt = nil
  }

  /// Readings have stayed away; filters start over with the next one.
  mutating func restart() {
    median.restart()
    check.restart()
    forget()
  }
}
