/// What samples go through before they enter the model, as a person writes it in a contract.
///
///     "preprocessing": {
///       "filters":  [ { "type": "low-pass", "cutoff_hz": 20, "order": 4 } ],
///       "decimate": 2,
///       "detrend":  "mean",
///       "features": [ { "type": "statistics", "of": ["rms", "kurtosis"] },
///                     { "type": "bands", "edges_hz": [0, 5, 10, 20] } ] }
///
/// Everything but `features` may be left out.
public struct PreprocessingFile: Codable, Equatable, Sendable {
  /// Passed by each channel of a window, in order.
  public var filters: [Filter]?
  /// Every so manieth sample of a window is kept.
  public var decimate: Int?
  /// `none`, `mean` or `linear`.
  public var detrend: String?
  /// What a window of a channel becomes, one after another.
  public var features: [Feature]
  /// Mean and standard deviation of the features in the training data.
  public var normalization: Normalization?

  enum CodingKeys: String, CodingKey, CaseIterable {
    case filters, decimate, detrend, features, normalization
  }

  /// One filter.
  public struct Filter: Codable, Equatable, Sendable {
    /// `moving-average`, `low-pass`, `high-pass` or `biquad`.
    public var type: String
    /// Samples of a moving average.
    public var length: Int?
    /// Where a Butterworth filter has fallen to half its power.
    public var cutoffHertz: Double?
    /// Order of a Butterworth filter, even.
    public var order: Int?
    /// b₀, b₁, b₂ of a second-order section.
    public var b: [Double]?
    /// a₀, a₁, a₂ of a second-order section.
    public var a: [Double]?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case type, length
      case cutoffHertz = "cutoff_hz"
      case order, b, a
    }
  }

  /// One block of features.
  public struct Feature: Codable, Equatable, Sendable {
    /// `samples`, `statistics`, `spectrum`, `bands` or `log-mel`.
    public var type: String
    /// Names of statistics.
    public var of: [String]?
    /// Samples of a frame; the whole window by default.
    public var frame: Int?
    /// Samples from one frame to the next; a frame's length by default.
    public var step: Int?
    /// Samples of the transform, a power of two; the next above the frame by default.
    public var transform: Int?
    /// `rectangular`, `hann` (default) or `hamming`.
    public var window: String?
    /// `magnitude` (default of a spectrum), `power` (of bands) or `logarithm` (of log-mel).
    public var scale: String?
    /// Edges of the bands.
    public var edgesHertz: [Double]?
    /// How many mel filters.
    public var count: Int?
    /// Where the first mel filter begins.
    public var fromHertz: Double?
    /// Where the last mel filter ends; half the rate by default.
    public var toHertz: Double?
    /// Added to a power before its logarithm; 10⁻⁶ by default.
    public var floor: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
      case type, of, frame, step, transform, window, scale
      case edgesHertz = "edges_hz"
      case count
      case fromHertz = "from_hz"
      case toHertz = "to_hz"
      case floor
    }
  }

  /// One list a channel, one number a feature.
  public struct Normalization: Codable, Equatable, Sendable {
    /// Means of the training data.
    public var mean: [[Double]]
    /// Standard deviations of the training data.
    public var standardDeviation: [[Double]]

    /// Statistics of the training data.
    public init(mean: [[Double]], standardDeviation: [[Double]]) {
      self.mean = mean
      self.standardDeviation = standardDeviation
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
      case mean
      case standardDeviation = "standard_deviation"
    }
  }
}
