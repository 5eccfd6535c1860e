import Sensors

/// When one sensor is due for what: start, trigger, read; and what to do after errors.
///
/// Pure bookkeeping over times that are passed in. A reading is due at each deadline; devices that
/// convert on request are triggered their conversion time before. A failed read is tried again at
/// once, at most `retryLimit` times; a deadline that stays without a reading is counted. After
/// `missingLimit` of them in a row, or an error that only a person can mend, the sensor is left alone
/// for 1 s, 2 s, 4 s … 30 s and then started anew, until it answers.
public struct SensorTask: Sendable {
  /// Attempts after the first one within a deadline.
  public static let retryLimit = 2
  /// Deadlines in a row without a reading after which the device is started anew.
  public static let missingLimit = 3
  /// The first and the longest pause, in nanoseconds.
  public static let pauses: ClosedRange<UInt64> = 1_000_000_000...30_000_000_000

  /// Without anything new for so long, and ten periods, a device is started anew.
  static let quietLimit: UInt64 = 1_000_000_000

  /// What a sensor is due for.
  public enum Action: Sendable {
    case start
    case trigger
    case read
  }

  /// Something people and the journal should know.
  public enum Event: Sendable {
    /// Readings stay away; the next start is tried after a pause.
    case failed(SensorError, pauseNanoseconds: UInt64)
    /// Readings come again, after so many deadlines without.
    case recovered(missing: UInt64)
  }

  /// What happened so far.
  public internal(set) var counters = SensorCounters()

  /// When the next action is due, in nanoseconds of the monotonic clock.
  public private(set) var due: UInt64

  /// What the next action is.
  public private(set) var action = Action.start

  /// The last error, as long as no reading came after it.
  public private(set) var error: SensorError?

  private var deadline: PeriodicDeadline
  private let conversion: UInt64
  private let mayConvert: Bool
  private var attempts = 0
  /// Deadlines without a reading since the last one with.
  private var missingInRow: UInt64 = 0
  private var pause = Self.pauses.lowerBound
  private var isAway = false
  /// When the device last gave something new, or was started.
  private var quietSince: UInt64 = 0
  private var event: Event?

  /// A sensor that is still to be started.
  ///
  /// - Parameters:
  ///   - rateMillihertz: Readings in 1,000 seconds.
  ///   - conversionNanoseconds: From trigger to result; 0 for devices that are only read.
  ///   - begin: When the device is to be started.
  ///   - origin: When the first reading is due.
  public init(
    rateMillihertz: Int, conversionNanoseconds: UInt64, begin: UInt64, origin: UInt64
  ) {
    deadline = PeriodicDeadline(rateMillihertz: rateMillihertz, origin: origin)
    conversion = conversionNanoseconds
    mayConvert = conversionNanoseconds > 0
    due = begin
  }

  /// The sensor's period in nanoseconds.
  public var periodNanoseconds: UInt64 { deadline.periodNanoseconds }

  /// Whether the sensor was given up for a pause.
  public var isFailing: Bool { isAway }

  /// What happened since the last call that should be told; the latest of several.
  public mutating func takeEvent() -> Event? {
    let taken = event
    event = nil
    return taken
  }

  // MARK: What became of an action

  /// A step of the start went well.
  public mutating func didStart(_ progress: StartProgress, at now: UInt64) {
    switch progress {
    case .wait(let nanoseconds):
      due = now + nanoseconds
    case .ready:
      passOver(now)
      counters.starts += 1
      quietSince = now
      aim()
    }
  }

  /// A conversion began.
  public mutating func didTrigger(at now: UInt64) {
    action = .read
    due = max(deadline.next, now + conversion)
  }

  /// A read went well.
  ///
  /// - Parameters:
  ///   - begin: When it began.
  ///   - now: When it had ended.
  public mutating func didRead(_ progress: ReadProgress, begun begin: UInt64, at now: UInt64) {
    switch progress {
    case .wait(let nanoseconds):
      action = .read
      due = now + nanoseconds
      return
    case .nothingNew:
      counters.nothingNew += 1
    case .reading, .readingAndMore:
      counters.readings += 1
      quietSince = now
      if isAway { event = .recovered(missing: missingInRow) }
      isAway = false
      error = nil
      missingInRow = 0
      pause = Self.pauses.lowerBound
    }
    // The rest of a device's buffer belongs to the same deadline.
    guard progress != .readingAndMore else { return }
    if begin > deadline.next, begin - deadline.next > deadline.periodNanoseconds / 4 {
      counters.late += 1
    }
    counters.missed += deadline.advance(past: now)
    // A device that lost its supply for a moment sleeps, and answers.
    if now - quietSince > max(Self.quietLimit, 10 * deadline.periodNanoseconds) {
      action = .start
      due = now
    } else {
      aim()
    }
  }

  /// The action failed.
  public mutating func didFail(_ failure: SensorError, at now: UInt64) {
    error = failure
    let kind = SensorErrorKind(failure)
    counters[kind] += 1
    guard action != .start else {
      passOver(now)
      return goAway(failure, now)
    }
    switch kind.remedy {
    case .retry where attempts < Self.retryLimit:
      attempts += 1
      counters.retries += 1
      action = mayConvert ? .trigger : .read
      due = now
    case .accept:
      miss(now)
      missingInRow = 0
      aim()
    case .retry, .waitForNextDeadline:
      miss(now)
      if missingInRow >= UInt64(Self.missingLimit) { goAway(failure, now) } else { aim() }
    case .startAgain:
      miss(now)
      if missingInRow >= UInt64(Self.missingLimit) { return goAway(failure, now) }
      action = .start
      due = now
    case .backOff:
      miss(now)
      goAway(failure, now)
    }
  }

  // MARK: Steps

  /// Turns to the next deadline.
  private mutating func aim() {
    attempts = 0
    action = mayConvert ? .trigger : .read
    due = mayConvert ? deadline.next - min(conversion, deadline.next) : deadline.next
  }

  /// The current deadline has no reading.
  private mutating func miss(_ now: UInt64) {
    let skipped = deadline.advance(past: now)
    counters.missing += 1
    counters.missed += skipped
    missingInRow += 1 + skipped
  }

  /// Deadlines that passed during a start or a pause have no reading; the very first start is
  /// nobody's loss.
  private mutating func passOver(_ now: UInt64) {
    guard deadline.next <= now else { return }
    let count = 1 + deadline.advance(past: now)
    guard counters.starts > 0 || isAway else { return }
    counters.missing += count
    missingInRow += count
  }

  private mutating func goAway(_ failure: SensorError, _ now: UInt64) {
    // One message for each time it goes, not one for each attempt.
    if !isAway { event = .failed(failure, pauseNanoseconds: pause) }
    isAway = true
    attempts = 0
    action = .start
    due = now + pause
    pause = min(2 * pause, Self.pauses.upperBound)
  }
}
