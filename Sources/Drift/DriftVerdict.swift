import ModelFormat

/// What an alarm looks like it is about.
public enum DriftVerdict: UInt8, Sendable {
  /// A sensor: stuck, clipped, dropped, its bus or its noise floor.
  case sensor
  /// The world: inputs moved, predictions with them or not.
  case world
  /// The model: predictions moved, inputs did not.
  case model

  /// The name in journals.
  public var name: StaticString {
    switch self {
    case .sensor: "sensor"
    case .world: "world"
    case .model: "model"
    }
  }
}

/// What a verdict rests on, counted over the channels of one drift window.
public struct DriftEvidence: Equatable, Sendable {
  /// Channels of the model.
  public var channelCount = 0
  /// Channels that are stuck, clipped, dropped or have bus errors, or were so a few windows ago.
  public var faultCount = 0
  /// Channels without such a fault of which a statistic is nearer to an alarm than to its end.
  public var movedCount = 0
  /// Those of them whose noise changed more than their spread while the mean stayed.
  public var noiseOnlyCount = 0
  /// Those of them whose noise and spread changed alike while the mean stayed, as they do where
  /// samples hardly depend on each other.
  public var spreadOnlyCount = 0
  /// Whether predicted classes moved.
  public var classesMoved = false
  /// Whether confidence moved.
  public var confidenceMoved = false

  /// No evidence.
  public init() {}

  /// The verdict.
  ///
  /// A fault decides for the sensor, and goes on to for as many windows as end an alarm: a sensor
  /// that comes back, and the predictions made of it, look like anything. Predictions that moved alone decide for the model. Noise that
  /// changed without the signal is the sensor's where it is a minority of channels; where noise
  /// cannot be told from signal, predictions must have stayed, too. Everything else is the world.
  public var verdict: DriftVerdict {
    if faultCount > 0 { return .sensor }
    let predictionsMoved = classesMoved || confidenceMoved
    if movedCount == 0 && predictionsMoved { return .model }
    let isMinority = 2 * movedCount <= channelCount || channelCount == 1
    if movedCount > 0, movedCount == noiseOnlyCount, isMinority { return .sensor }
    if movedCount > 0, movedCount == noiseOnlyCount + spreadOnlyCount, !predictionsMoved,
      2 * movedCount <= channelCount
    {
      return .sensor
    }
    return .world
  }
}

/// What raised an alarm.
public enum DriftSubject: Equatable, Sendable {
  /// A channel of the contract.
  case channel(Int)
  /// The predicted classes.
  case classes
  /// The confidence of the predictions.
  case confidence
}

/// An alarm that is up.
public struct DriftAlarm: Equatable, Sendable {
  /// What it looks like.
  public var verdict: DriftVerdict
  /// What raised it.
  public var subject: DriftSubject
  /// The statistic of a channel that raised it; nil where a fault of the sensor did.
  public var statistic: DriftStatistic?
  /// The statistic of predictions that raised it.
  public var predictionStatistic: PredictionStatistic?
  /// Its value in the last window.
  public var value: Double
  /// Its threshold.
  public var threshold: Threshold
  /// Fault of the channel, where it is one.
  public var fault: SensorFault
  /// Start of the first window that was off, seconds since 1970; 0 when the clock was not set.
  public var since: Double
  /// End of the window that raised it, seconds since 1970.
  public var raisedAt: Double
  /// What the verdict rests on.
  public var evidence: DriftEvidence

  /// The name of the statistic, or `fault`.
  public var statisticName: StaticString {
    if let statistic { return statistic.name }
    if let predictionStatistic { return predictionStatistic.name }
    return "fault"
  }
}
