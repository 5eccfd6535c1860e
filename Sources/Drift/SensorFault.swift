import ModelFormat

/// What a channel's samples say about its sensor.
public enum SensorFault: UInt8, Sendable {
  /// Nothing unusual.
  case none
  /// The same value over and over, far longer than ever in the reference.
  case stuck
  /// Too many samples at one end of the range.
  case clipped
  /// Too few samples.
  case dropped
  /// Reads failed.
  case busErrors
  /// The noise floor changed while the signal did not.
  case noisy

  /// The name in journals.
  public var name: StaticString {
    switch self {
    case .none: "none"
    case .stuck: "stuck"
    case .clipped: "clipped"
    case .dropped: "dropped"
    case .busErrors: "bus_errors"
    case .noisy: "noisy"
    }
  }

  /// What can be told from one window of one channel: every fault but `.noisy`, which needs the
  /// other channels to be told from a change of the world.
  ///
  /// - Stuck: a run of equal samples of a sixteenth of the window, sixteen at least, and eight times
  ///   the reference's longest.
  /// - Dropped: a tenth of the samples missing; the reference has none missing.
  /// - Bus errors: more than five, and more than one in fifty samples.
  /// - Clipped: a hundredth of the samples at the smallest or the largest value, eight at least, and
  ///   eight times the reference's share.
  static func detect(
    _ window: ChannelWindow, reference: BaselineChannel, windowSampleCount: Int
  ) -> SensorFault {
    let size = UInt32(windowSampleCount)
    let run = UInt64(window.longestRun)
    if run >= 16, 16 * run >= UInt64(size), run >= 8 * UInt64(reference.longestRun) {
      return .stuck
    }
    if window.count <= size && 10 * UInt64(size - window.count) >= UInt64(size) { return .dropped }
    if window.busErrorCount > 5, 50 * UInt64(window.busErrorCount) > UInt64(size) {
      return .busErrors
    }
    let share = window.extremeShare
    if max(window.minimumCount, window.maximumCount) >= 8, share >= 0.01,
      share >= 8 * Double(reference.extremeShare)
    {
      return .clipped
    }
    return .none
  }

  /// Whether one value explains that a channel moved: a run of a quarter of the window, eight samples
  /// at least, and twice the reference's longest. Too little to raise an alarm on its own.
  static func looksStuck(
    _ window: ChannelWindow, reference: BaselineChannel, windowSampleCount: Int
  ) -> Bool {
    let run = UInt64(window.longestRun)
    return run >= 8 && 4 * run >= UInt64(windowSampleCount)
      && run >= 2 * UInt64(reference.longestRun)
  }
}
