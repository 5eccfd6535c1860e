import Sensors

/// Reads sensors at their own rates and puts samples together at the model's.
///
/// All deadlines count from one origin, so rates that divide each other stay in step: a sample is
/// put together right after the readings of the same moment. The sensor that fails is retried and
/// left alone for a while; the others and the samples keep their time.
///
/// It does not read a clock and does not wait: whoever runs it sleeps until `nextDeadline` and calls
/// `service(_:)` and then `assemble(into:at:)`. It allocates nothing.
public struct Acquisition: ~Copyable {
  /// The most sensors.
  public static let maximumSensorCount = 16

  /// Actions on one sensor in one call, so that a device with much to say does not keep the others
  /// waiting: the entries of a device's buffer, or a read with its retries.
  private static let actionLimit = 40

  /// How many sensors there are.
  public let sensorCount: Int
  /// How many channels there are.
  public let channelCount: Int

  /// Samples assembled.
  public private(set) var sampleCount: UInt64 = 0
  /// Sample deadlines that had passed before their turn came, and were skipped.
  public private(set) var missedSampleCount: UInt64 = 0

  private var tasks: InlineArray<16, SensorTask>
  private var channels: InlineArray<127, Channel>
  private var samples: PeriodicDeadline
  private let latestFirstSample: UInt64
  private var hasBegun = false
  private var reading = Reading()

  /// A schedule of which nothing has run yet.
  ///
  /// - Parameters:
  ///   - sampleRateMillihertz: Samples in 1,000 seconds.
  ///   - origin: Now, in nanoseconds of the monotonic clock. The first deadlines come one period
  ///     after; the first sample when each channel has a reading, at the latest after two seconds
  ///     and two periods of the slowest sensor.
  ///   - sensors: What is known of each sensor: rate in 1/1,000 s and conversion time in ns.
  ///   - channels: In the order of the model's contract.
  public init(
    sampleRateMillihertz: Int, origin: UInt64,
    sensors: borrowing Span<SensorTiming>, channels sources: borrowing Span<ChannelSource>
  ) {
    precondition(sensors.count <= Self.maximumSensorCount, "too many sensors")
    precondition(sources.count <= Sample.maximumChannelCount, "too many channels")
    sensorCount = sensors.count
    channelCount = sources.count
    tasks = InlineArray(
      repeating: SensorTask(
        rateMillihertz: 1000, conversionNanoseconds: 0, begin: origin, origin: origin))
    channels = InlineArray(repeating: Channel(ChannelSource(sensor: 0, quantity: 0)))
    var slowest: UInt64 = 0
    for index in sensors.indices {
      let timing = sensors[index]
      var first = PeriodicDeadline(rateMillihertz: timing.rateMillihertz, origin: origin)
      _ = first.advance(past: origin)
      tasks[index] = SensorTask(
        rateMillihertz: timing.rateMillihertz,
        conversionNanoseconds: timing.conversionNanoseconds, begin: origin, origin: first.next)
      slowest = max(slowest, first.periodNanoseconds)
    }
    for index in sources.indices { channels[index] = Channel(sources[index]) }
    samples = PeriodicDeadline(rateMillihertz: sampleRateMillihertz, origin: origin)
    _ = samples.advance(past: origin)
    latestFirstSample = origin + 2_000_000_000 + 2 * slowest
    aim()
  }

  // MARK: What to wait for

  /// When something is due next, in nanoseconds of the monotonic clock.
  public private(set) var nextDeadline: UInt64 = 0

  /// When the next sample is due.
  public private(set) var nextSample: UInt64 = 0

  private mutating func aim() {
    nextSample = samples.next
    nextDeadline = min(nextSample, Self.earliest(tasks.mutableSpan, sensorCount))
  }

  private static func earliest(_ tasks: borrowing MutableSpan<SensorTask>, _ count: Int) -> UInt64 {
    var earliest = UInt64.max
    for index in 0..<count { earliest = min(earliest, tasks[index].due) }
    return earliest
  }

  /// How far a sensor is and what happened to it.
  public func sensor(_ index: Int) -> SensorTask { tasks[index] }

  /// What happened to a sensor since the last call that should be told.
  public mutating func takeEvent(_ index: Int) -> SensorTask.Event? { tasks[index].takeEvent() }

  /// How often actions on a channel's sensor failed since the last call for this channel, retries
  /// that helped included.
  public mutating func takeErrorCount(ofChannel index: Int) -> UInt64 {
    let count = tasks[channels[index].source.sensor].counters.errorCount
    let new = count - channels[index].toldErrorCount
    channels[index].toldErrorCount = count
    return new
  }

  // MARK: Work

  /// Does everything that is due on the sensors.
  public mutating func service(_ bank: inout some SensorBank & ~Copyable) {
    for index in 0..<sensorCount {
      var actions = 0
      while actions < Self.actionLimit, tasks[index].due <= bank.now() {
        act(on: index, &bank)
        actions += 1
      }
    }
    aim()
  }

  private mutating func act(on index: Int, _ bank: inout some SensorBank & ~Copyable) {
    let begin = bank.now()
    do throws(SensorError) {
      switch tasks[index].action {
      case .start:
        let progress = try bank.start(index)
        tasks[index].didStart(progress, at: bank.now())
      case .trigger:
        try bank.trigger(index)
        tasks[index].didTrigger(at: bank.now())
      case .read:
        reading.ageNanoseconds = 0
        let progress = try bank.read(index, into: &reading)
        let now = bank.now()
        tasks[index].didRead(progress, begun: begin, at: now)
        if progress == .reading || progress == .readingAndMore { take(from: index, at: now) }
      }
    } catch {
      tasks[index].didFail(error, at: bank.now())
      if tasks[index].isFailing { restartChannels(of: index) }
    }
  }

  // A table in place is used through its span: the compiler copies all of it, some 30 KB, onto the
  // stack before it looks at one element of a table that is not being changed.

  private mutating func take(from sensor: Int, at now: UInt64) {
    let moment = now - min(now, reading.ageNanoseconds)
    var channels = channels.mutableSpan
    for index in 0..<channelCount where channels[index].source.sensor == sensor {
      channels[index].take(reading, measuredAt: moment)
    }
  }

  private mutating func restartChannels(of sensor: Int) {
    var channels = channels.mutableSpan
    for index in 0..<channelCount where channels[index].source.sensor == sensor {
      channels[index].restart()
    }
  }

  /// Puts a sample together if one is due.
  ///
  /// - Parameters:
  ///   - sample: Gets the readings, what they are worth, and its deadline as its time.
  ///   - now: Nanoseconds of the monotonic clock.
  /// - Returns: Whether one was due, and where samples were skipped before this one: how many.
  public mutating func assemble(into sample: inout Sample, at now: UInt64) -> SampleStep {
    guard samples.next <= now else { return .notDue }
    let deadline = samples.next
    let skipped = samples.advance(past: now)
    aim()
    guard hasBegun || isComplete || deadline >= latestFirstSample else { return .notDue }
    sample.time = Double(deadline) / 1e9
    var channels = channels.mutableSpan
    for index in 0..<channelCount {
      channels[index].settle()
      sample[index] = channels[index].value
      sample[quality: index] = Self.quality(
        of: channels[index], tasks.mutableSpan, at: deadline,
        samplePeriod: samples.periodNanoseconds)
    }
    let missedBefore = pendingSkips
    pendingSkips = skipped
    missedSampleCount += skipped
    sampleCount += 1
    hasBegun = true
    return missedBefore == 0 ? .sample : .sampleAfterGap(skipped: missedBefore)
  }

  /// Samples skipped after the last one.
  private var pendingSkips: UInt64 = 0

  /// Whether each channel has had a reading.
  private var isComplete: Bool {
    mutating get { Self.areComplete(channels.mutableSpan, channelCount) }
  }

  private static func areComplete(
    _ channels: borrowing MutableSpan<Channel>, _ count: Int
  ) -> Bool {
    for index in 0..<count where channels[index].time == nil { return false }
    return true
  }

  private static func quality(
    of channel: Channel, _ tasks: borrowing MutableSpan<SensorTask>, at deadline: UInt64,
    samplePeriod: UInt64
  ) -> ChannelQuality {
    channel.quality(
      at: deadline, from: tasks[channel.source.sensor], samplePeriod: samplePeriod)
  }
}

/// What the schedule must know of a sensor.
public struct SensorTiming: Sendable {
  /// Readings in 1,000 seconds.
  public var rateMillihertz: Int
  /// From trigger to result; 0 for devices that are only read.
  public var conversionNanoseconds: UInt64

  /// The timing of one sensor.
  public init(rateMillihertz: Int, conversionNanoseconds: UInt64) {
    self.rateMillihertz = rateMillihertz
    self.conversionNanoseconds = conversionNanoseconds
  }
}

/// What a look for a due sample found.
public enum SampleStep: Equatable, Sendable {
  case notDue
  /// A sample that follows the one before.
  case sample
  /// A sample after deadlines that were skipped.
  case sampleAfterGap(skipped: UInt64)
}
