public import ModelFormat

/// What the report needs to know of a model file.
public struct ModelFacts: Sendable {
  struct Channel: Sendable {
    let name: String
    let unit: String
  }

  struct Contract: Sendable {
    let rateHertz: Double
    let window: Int
    let hop: Int
  }

  /// The name of the file.
  let fileName: String
  /// Tells models apart: equal where graph, weights and contract are.
  let check: UInt32
  let formatVersion: String
  let contract: Contract?
  let channels: [Channel]
  let labels: [String]
  let baseline: BaselineFacts?
  /// Markdown.
  let card: String
  /// `key=value` lines.
  let provenance: [(key: String, value: String)]

  /// The title of the card, or the name of the file without its extension.
  var name: String {
    let heading = card.split(separator: "\n").first { $0.hasPrefix("# ") }
    if let heading { return String(heading.dropFirst(2)) }
    return fileName.hasSuffix(".swl") ? String(fileName.dropLast(4)) : fileName
  }

  func channelIndex(named name: String) -> Int? { channels.firstIndex { $0.name == name } }
}

extension ModelFacts {
  /// The facts of a model.
  public init(_ model: borrowing Model, fileName: String) {
    self.fileName = fileName
    check = model.driftModelCheck
    formatVersion = "\(Layout.majorVersion).\(Layout.minorVersion)"
    contract = model.contract.map {
      Contract(
        rateHertz: Double($0.rateMillihertz) / 1000, window: $0.windowLength, hop: $0.hop)
    }
    channels = (0..<(model.contract?.channelCount ?? 0)).map { index in
      let channel = model.channel(index)
      return Channel(
        name: Self.string(model.text(channel.name)), unit: Self.string(model.text(channel.unit)))
    }
    labels = (0..<model.labelCount).map { Self.string(model.text(model.label($0))) }
    if let found = model.baseline { baseline = BaselineFacts(found) } else { baseline = nil }
    card = Self.string(model.section(.card))
    provenance = Self.string(model.section(.provenance)).split(separator: "\n").map { line in
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
  }

  private static func string(_ bytes: RawSpan) -> String {
    bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// The baseline of a model.
struct BaselineFacts: Sendable {
  struct Limits: Sendable {
    /// nil where values of that side mean nothing.
    let lower: Double?
    let upper: Double?
    /// Whether it raises alarms.
    let decides: Bool

    /// How far a value is on the way from `center`, where there is no drift, to the threshold: 1 is
    /// there.
    func part(of value: Double, center: Double) -> Double? {
      if value >= center {
        guard let upper, upper > center else { return nil }
        return (value - center) / (upper - center)
      }
      guard let lower, lower < center else { return nil }
      return (center - value) / (center - lower)
    }
  }

  struct Channel: Sendable {
    let mean: Double
    let standardDeviation: Double
    let minimum: Double
    let maximum: Double
    let edges: [Double]
    let counts: [Double]
    /// By raw value of the statistic.
    let limits: [Limits]
    let detectableShift: Double?
  }

  let promise: DriftPromise
  let budgetSeconds: Double
  let windowSamples: Int
  let referenceSamples: Int
  let channels: [Channel]
  let classCounts: [Double]
  let confidenceMean: Double?
  let confidenceDeviation: Double?
  /// By raw value of the statistic of predictions.
  let predictionLimits: [Limits]
}

extension BaselineFacts {
  init(_ baseline: Baseline) {
    promise = baseline.promise
    budgetSeconds = Double(baseline.budgetSeconds)
    windowSamples = baseline.windowSampleCount
    referenceSamples = baseline.sampleCount
    channels = (0..<baseline.channelCount).map { index in
      let channel = baseline.channel(index)
      let shift = channel.detectableShift
      return Channel(
        mean: channel.mean, standardDeviation: channel.standardDeviation,
        minimum: Double(channel.minimum), maximum: Double(channel.maximum),
        edges: (0..<channel.binCount).map { Double(baseline.edge($0, ofChannel: index)) },
        counts: (0..<channel.binCount).map { Double(baseline.count($0, ofChannel: index)) },
        limits: (0..<UInt8(DriftStatistic.count)).compactMap { raw in
          DriftStatistic(rawValue: raw).map {
            Limits(baseline.threshold($0, ofChannel: index), decides: baseline.decides($0))
          }
        },
        detectableShift: shift.isFinite ? Double(shift) : nil)
    }
    classCounts = (0..<baseline.classCount).map { Double(baseline.classCountInReference($0)) }
    guard baseline.classCount > 0 else {
      confidenceMean = nil
      confidenceDeviation = nil
      predictionLimits = []
      return
    }
    confidenceMean = baseline.confidenceMean
    confidenceDeviation = baseline.confidenceVariance.squareRoot()
    predictionLimits = (0..<UInt8(PredictionStatistic.count)).compactMap { raw in
      PredictionStatistic(rawValue: raw).map {
        Limits(baseline.threshold($0), decides: baseline.decides($0))
      }
    }
  }
}

extension BaselineFacts.Limits {
  init(_ threshold: Threshold, decides: Bool) {
    lower = threshold.lower.isFinite ? Double(threshold.lower) : nil
    upper = threshold.upper.isFinite ? Double(threshold.upper) : nil
    self.decides = decides
  }
}
