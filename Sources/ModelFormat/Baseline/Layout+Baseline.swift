extension Layout {
  /// Byte offsets inside the drift baseline; channel records, the record of predictions and the
  /// counts of classes follow.
  package enum Baseline {
    package static let channelCount = 0
    package static let classCount = 4
    package static let binStride = 8
    package static let windowSampleCount = 12
    package static let budgetSeconds = 16
    package static let promise = 20
    package static let channelDecisions = 24
    package static let predictionDecisions = 28
    package static let sampleCount = 32
    package static let predictionCount = 36
    package static let independentWindowCount = 40
    package static let clearWindowCount = 44
    package static let modelCheck = 48
    package static let epsilon = 52
    package static let decisionProbability = 56
    package static let reserved = 64
    package static let channels = 80
  }

  /// Byte offsets inside a channel of the baseline; edges and counts of its bins follow.
  package enum BaselineChannel {
    package static let mean = 0
    package static let variance = 8
    package static let differenceVariance = 16
    package static let minimum = 24
    package static let maximum = 28
    package static let skewness = 32
    package static let kurtosis = 36
    package static let correlation = 40
    package static let correlationTime = 44
    package static let extremeShare = 48
    package static let longestRun = 52
    package static let binCount = 56
    package static let detectableShift = 60
    package static let detectableSpread = 64
    package static let reserved = 68
    package static let thresholds = 72
    package static let bins = 72 + 7 * Threshold.stride
    /// An edge and a count.
    package static let binByteCount = 8
  }

  /// Byte offsets inside the record of predictions; counts of classes follow.
  package enum BaselinePredictions {
    package static let confidenceMean = 0
    package static let confidenceVariance = 8
    package static let detectableClassShift = 16
    package static let detectableConfidenceShift = 20
    package static let confidenceCounts = 24
    package static let thresholds = 24 + 4 * confidenceBins
    package static let classCounts = thresholds + 4 * Threshold.stride
    package static let confidenceBins = 10
  }

  /// Byte offsets inside a threshold.
  package enum Threshold {
    package static let lower = 0
    package static let upper = 4
    package static let clearLower = 8
    package static let clearUpper = 12
    package static let stride = 16
  }
}

extension Layout.Limits {
  /// Bins of a channel's histogram.
  package static let bins = 32
  /// Samples of a drift window.
  package static let driftWindow = 1 << 27
  /// Seconds that may hold one false alarm: 100 years.
  package static let budgetSeconds: UInt32 = 3_155_760_000
}
