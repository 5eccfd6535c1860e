import ModelFormat

/// What is remembered of a channel's samples while a drift window is open.
///
/// Its fields are those of the state, 72 bytes in this order, so that samples are added in place.
///
/// Sums are taken of deviations from the reference mean, in double precision and in the order of the
/// samples: the same bits on every target.
public struct ChannelWindow: BitwiseCopyable, Equatable, Sendable {
  /// Samples with a value.
  public private(set) var count: UInt32 = 0
  /// Samples whose predecessor has a value.
  public private(set) var stepCount: UInt32 = 0
  /// Samples equal to the smallest.
  public private(set) var minimumCount: UInt32 = 0
  /// Samples equal to the largest.
  public private(set) var maximumCount: UInt32 = 0
  /// Equal samples in a row up to now, those of the window before included.
  public private(set) var run: UInt32 = 0
  /// The most equal samples in a row, those of the window before included.
  public private(set) var longestRun: UInt32 = 0
  /// Reads that failed.
  public internal(set) var busErrorCount: UInt32 = 0
  private var hasLast: UInt32 = 0
  private var last: Float = 0
  /// The smallest sample.
  public private(set) var minimum: Float = 0
  /// The largest sample.
  public private(set) var maximum: Float = 0
  /// Samples until the next one that the detector sees; not of the window, but of every sample.
  var countdown: UInt32 = 0
  /// Sum of deviations from the reference mean.
  public private(set) var sum = 0.0
  /// Sum of their squares.
  public private(set) var squareSum = 0.0
  /// Sum of the squared steps from one sample to the next.
  public private(set) var stepSquareSum = 0.0

  /// A window before the first sample.
  public init() {}

  /// Adds a finite sample.
  public mutating func add(_ value: Float, referenceMean: Double) {
    let sample = Double(value)
    let deviation = sample - referenceMean
    sum += deviation
    squareSum += deviation * deviation
    var run: UInt32 = 1
    if hasLast != 0 {
      let step = sample - Double(last)
      stepSquareSum += step * step
      stepCount &+= 1
      if value == last { run = self.run < UInt32.max ? self.run &+ 1 : 1 }
    }
    self.run = run
    if run > longestRun { longestRun = run }
    if count == 0 {
      (minimum, maximum) = (value, value)
      (minimumCount, maximumCount) = (1, 1)
    } else {
      if value <= minimum { meetMinimum(value) }
      if value >= maximum { meetMaximum(value) }
    }
    count &+= 1
    last = value
    hasLast = 1
  }

  private mutating func meetMinimum(_ value: Float) {
    minimumCount = value == minimum ? minimumCount &+ 1 : 1
    // Of two zeros the first one stays.
    if value < minimum { minimum = value }
  }

  private mutating func meetMaximum(_ value: Float) {
    maximumCount = value == maximum ? maximumCount &+ 1 : 1
    if value > maximum { maximum = value }
  }

  /// Counts a sample towards the next one that the detector sees; whether this is it.
  mutating func countDown() -> Bool {
    guard countdown > 0 else { return true }
    countdown &-= 1
    return false
  }

  /// Notes that a sample has no value: there is no step from the one before to the next.
  public mutating func skip() { hasLast = 0 }

  /// The window that follows: empty, but a run of equal samples goes on.
  public var next: ChannelWindow {
    var window = ChannelWindow()
    (window.run, window.hasLast, window.last) = (run, hasLast, last)
    window.countdown = countdown
    return window
  }

  /// The share of samples that equal the smallest or the largest, whichever is more.
  public var extremeShare: Double {
    count == 0 ? 0 : Double(max(minimumCount, maximumCount)) / Double(count)
  }

  static let byteCount = 72

  init(at offset: Int, of bytes: RawSpan) {
    // Every pattern of bits is a window. All targets are little-endian.
    self = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Self.self)
  }

  func store(at offset: Int, in bytes: inout MutableRawSpan) {
    bytes.storeBytes(of: self, toByteOffset: offset, as: Self.self)
  }
}

/// Mean and variances of a drift window.
public struct WindowMoments: Equatable, Sendable {
  /// Mean of the samples.
  public let mean: Double
  /// Mean square of their deviations from it.
  public let variance: Double
  /// Mean square of the steps from one sample to the next.
  public let differenceVariance: Double

  /// The moments of sums of deviations from `origin`; zeros for no samples.
  public init(
    count: Double, sum: Double, squareSum: Double, stepCount: Double, stepSquareSum: Double,
    origin: Double
  ) {
    let average = count > 0 ? sum / count : 0
    mean = origin + average
    variance = count > 0 ? max(0, squareSum / count - average * average) : 0
    differenceVariance = stepCount > 0 ? stepSquareSum / stepCount : 0
  }

  init(_ window: ChannelWindow, origin: Double) {
    self.init(
      count: Double(window.count), sum: window.sum, squareSum: window.squareSum,
      stepCount: Double(window.stepCount), stepSquareSum: window.stepSquareSum, origin: origin)
  }
}
