import Acquisition
import Pipeline

/// What the daemon knows of itself: for health records, metrics and whoever asks.
///
/// Counters only grow, also over a new configuration.
struct DaemonState {
  /// When the program began, in nanoseconds of the monotonic clock.
  let startedAt: UInt64

  /// Samples taken.
  var sampleCount: UInt64 = 0
  /// Samples in which at least one reading was missing.
  var missingSampleCount: UInt64 = 0
  /// Samples in which at least one reading was implausible.
  var suspectSampleCount: UInt64 = 0
  /// Sample deadlines that were skipped, the one before them took too long.
  var missedSampleCount: UInt64 = 0
  /// Predictions made.
  var predictionCount: UInt64 = 0
  /// Windows left out because of their readings.
  var skippedWindowCount: UInt64 = 0
  /// Jumps of the wall clock.
  var clockJumpCount: UInt64 = 0
  /// Configurations taken over while running.
  var reloadCount: UInt64 = 0
  /// Configurations refused while running.
  var refusedReloadCount: UInt64 = 0

  /// Whether there is a drift alarm.
  var hasDriftAlarm = false
  /// The last prediction.
  var lastPrediction: Prediction?
  /// How long it took from the deadline of its last sample, in microseconds.
  var lastLatency: UInt64 = 0
  /// The decision that stands; `nil` while undecided.
  var decision: Int?
  /// Since when, in nanoseconds of the monotonic clock.
  var decisionSince: UInt64 = 0

  /// From a deadline to when the loop got to it, in microseconds.
  var lateness = LatencyHistogram()
  /// From the deadline of a window's last sample to the prediction, in microseconds.
  var latency = LatencyHistogram()

  init(startedAt: UInt64) {
    self.startedAt = startedAt
  }
}
