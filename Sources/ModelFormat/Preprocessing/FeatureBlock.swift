/// A run of features computed from one channel of a window.
public enum FeatureBlock: Equatable, Sendable {
  /// The samples themselves.
  case samples
  /// Numbers that describe the window as a whole.
  case statistics(StatisticSet)
  /// Spectra of one or more frames of the window.
  case spectrum(SpectrumBlock)
}

/// Spectra of the frames of a window.
public struct SpectrumBlock: Equatable, Sendable {
  /// Samples of a frame.
  public let frameLength: Int
  /// Samples from the start of a frame to the start of the next.
  public let frameStep: Int
  /// Samples of a transform; what a frame lacks is filled with zeros.
  public let transformLength: Int
  /// What a frame is multiplied with.
  public let window: WindowFunction
  /// How bins become features.
  public let reduction: SpectrumReduction
  /// The scale of the features.
  public let scale: SpectrumScale
  /// Added to powers before their logarithm is taken, above 0.
  public let floor: Float
  /// Where the edges of the bands are in the table of edges, in bins.
  public let edges: Range<Int>

  package init(
    frameLength: Int, frameStep: Int, transformLength: Int, window: WindowFunction,
    reduction: SpectrumReduction, scale: SpectrumScale, floor: Float, edges: Range<Int>
  ) {
    self.frameLength = frameLength
    self.frameStep = frameStep
    self.transformLength = transformLength
    self.window = window
    self.reduction = reduction
    self.scale = scale
    self.floor = floor
    self.edges = edges
  }

  /// Frames in a window of so many samples.
  public func frameCount(windowLength: Int) -> Int {
    windowLength < frameLength ? 0 : 1 + (windowLength - frameLength) / frameStep
  }

  /// Features of one frame.
  public var valuesPerFrame: Int {
    switch reduction {
    case .bins: transformLength / 2 + 1
    case .bands: edges.count - 1
    case .triangles: edges.count - 2
    }
  }
}

/// One filter that the samples of a window pass.
public enum SampleFilter: Equatable, Sendable {
  /// The mean of the last `length` samples.
  case movingAverage(length: Int)
  /// A second-order section with a₀ = 1.
  case biquad(b0: Double, b1: Double, b2: Double, a1: Double, a2: Double)
}
