/// What is done to the samples of a window before they are the input of a model.
///
/// Each channel goes the same way: filters, decimation, detrending and blocks of features. Every feature enters the model as
/// (x − mean) / standard deviation, with constants of its own for each channel.
///
/// The records are read in place from the section's bytes, which were checked when this was made.
public struct Preprocessing: ~Escapable {
  /// Filters a channel passes, in order.
  public let filterCount: Int
  /// Blocks of features, in order.
  public let blockCount: Int
  /// Features of one channel of a window.
  public let featureCount: Int
  /// Every so manieth sample of a window is kept, the first one to begin with.
  public let decimation: Int
  /// What is taken out of each channel of a window.
  public let detrend: Detrend
  /// Samples of a channel in a window, before decimation.
  public let windowLength: Int
  /// Channels of a sample.
  public let channelCount: Int

  let bytes: RawSpan
  let edgeCount: Int

  /// Reads and checks the bytes of a section.
  ///
  /// - Parameters:
  ///   - bytes: The section.
  ///   - windowLength: Samples of a channel in a window.
  ///   - channelCount: Channels of a sample.
  /// - Throws: `badPreprocessing` or `wrongSectionSize`, with the offset in the section.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, windowLength: Int, channelCount: Int) throws(ModelError) {
    self.bytes = bytes
    self.windowLength = windowLength
    self.channelCount = channelCount
    guard bytes.byteCount >= Layout.Preprocessing.filters else {
      throw ModelError(
        .wrongSectionSize, section: .preprocessing, offset: 0, found: bytes.byteCount,
        expected: Layout.Preprocessing.filters)
    }
    func count(_ offset: Int, _ range: ClosedRange<Int>) throws(ModelError) -> Int {
      let value = bytes.uint32(at: offset)
      guard let count = Int(exactly: value), range.contains(count) else {
        throw Self.fail(offset, found: Int(truncatingIfNeeded: value), expected: range.upperBound)
      }
      return count
    }
    filterCount = try count(Layout.Preprocessing.filterCount, 0...Layout.Limits.filters)
    blockCount = try count(Layout.Preprocessing.blockCount, 1...Layout.Limits.blocks)
    edgeCount = try count(Layout.Preprocessing.edgeCount, 0...Layout.Limits.edges)
    featureCount = try count(Layout.Preprocessing.featureCount, 1...Layout.Limits.elements)
    decimation = try count(Layout.Preprocessing.decimation, 1...Layout.Limits.decimation)
    let detrend = bytes.uint32(at: Layout.Preprocessing.detrend)
    guard let detrend = Detrend(rawValue: UInt8(clamping: detrend)) else {
      throw Self.fail(Layout.Preprocessing.detrend, found: Int(truncatingIfNeeded: detrend))
    }
    self.detrend = detrend
    let reserved = Layout.Preprocessing.reserved..<Layout.Preprocessing.filters
    if let offset = bytes.firstNonZero(in: reserved) {
      throw ModelError(.reservedNotZero, section: .preprocessing, offset: offset)
    }
    try checkSize()
    for index in 0..<filterCount { try checkFilter(index) }
    try checkBlocks()
    try checkEdges()
    try checkScales()
  }

  /// Samples of a channel in a window, after decimation.
  public var decimatedLength: Int { (windowLength + decimation - 1) / decimation }

  /// Whether the features are the samples and nothing else: the model's input is then time first,
  /// element time × channels + channel. Otherwise it is channels first.
  public var isTimeFirst: Bool { blockCount == 1 && block(0) == .samples }

  /// Filter `index`.
  public func filter(_ index: Int) -> SampleFilter {
    precondition(index >= 0 && index < filterCount, "there is no such filter")
    let start = Layout.Preprocessing.filters + index * Layout.Filter.stride
    guard bytes.uint32(at: start + Layout.Filter.kind) == Layout.Filter.biquad else {
      return .movingAverage(length: Int(bytes.uint32(at: start + Layout.Filter.length)))
    }
    let coefficients = start + Layout.Filter.coefficients
    return .biquad(
      b0: bytes.float64(at: coefficients), b1: bytes.float64(at: coefficients + 8),
      b2: bytes.float64(at: coefficients + 16), a1: bytes.float64(at: coefficients + 24),
      a2: bytes.float64(at: coefficients + 32))
  }

  /// Block `index`.
  public func block(_ index: Int) -> FeatureBlock {
    precondition(index >= 0 && index < blockCount, "there is no such block")
    guard let block = decodeBlock(at: blockOffset(index)) else {
      preconditionFailure("checked when the section was read")
    }
    return block
  }

  /// Edge `index` of the table, in bins of the transform.
  public func edge(_ index: Int) -> Float {
    precondition(index >= 0 && index < edgeCount, "there is no such edge")
    return bytes.float32(at: edgesOffset + 4 * index)
  }

  /// Mean and standard deviation of features of a channel in the training data: pairs of
  /// single-precision numbers, one after another.
  @_lifetime(copy self)
  public func scales(ofFeatures features: Range<Int>, channel: Int) -> RawSpan {
    precondition(
      features.lowerBound >= 0 && features.upperBound <= featureCount && channel >= 0
        && channel < channelCount)
    let start = scalesOffset + scaleOffset(features.lowerBound, channel)
    return bytes.extracting(start..<start + Layout.FeatureScale.stride * features.count)
  }

  /// Mean and standard deviation of one of them.
  func scale(
    ofFeature feature: Int, channel: Int
  ) -> (mean: Float, standardDeviation: Float) {
    let start = scalesOffset + scaleOffset(feature, channel)
    return (
      bytes.float32(at: start + Layout.FeatureScale.mean),
      bytes.float32(at: start + Layout.FeatureScale.standardDeviation)
    )
  }

  private func scaleOffset(_ feature: Int, _ channel: Int) -> Int {
    (channel * featureCount + feature) * Layout.FeatureScale.stride
  }

  /// Features a block gives for one channel.
  public func featureCount(of block: FeatureBlock) -> Int {
    switch block {
    case .samples: decimatedLength
    case .statistics(let set): set.count
    case .spectrum(let spectrum):
      spectrum.frameCount(windowLength: decimatedLength) * spectrum.valuesPerFrame
    }
  }

  func blockOffset(_ index: Int) -> Int {
    Layout.Preprocessing.filters + filterCount * Layout.Filter.stride + index * Layout.Block.stride
  }

  var edgesOffset: Int { blockOffset(blockCount) }

  var scalesOffset: Int { edgesOffset + 4 * edgeCount }

  /// The block at a place in the section; nil where its kinds or numbers are out of range.
  func decodeBlock(at start: Int) -> FeatureBlock? {
    switch bytes.uint8(at: start + Layout.Block.kind) {
    case Layout.Block.samples: return .samples
    case Layout.Block.describing:
      let bits = bytes.uint32(at: start + Layout.Block.statistics)
      return StatisticSet(bits: UInt16(clamping: bits)).map { .statistics($0) }
    case Layout.Block.spectrum: return decodeSpectrum(at: start).map { .spectrum($0) }
    default: return nil
    }
  }

  private func decodeSpectrum(at start: Int) -> SpectrumBlock? {
    func number(_ offset: Int, _ limit: Int) -> Int? {
      let value = bytes.uint32(at: start + offset)
      return value <= UInt32(limit) ? Int(value) : nil
    }
    guard let window = WindowFunction(rawValue: bytes.uint8(at: start + Layout.Block.window)),
      let reduction = SpectrumReduction(rawValue: bytes.uint8(at: start + Layout.Block.reduction)),
      let scale = SpectrumScale(rawValue: bytes.uint8(at: start + Layout.Block.scale)),
      let transform = number(
        Layout.Block.transformLength, Layout.Limits.transformLengths.upperBound),
      transform >= Layout.Limits.transformLengths.lowerBound, transform & (transform - 1) == 0,
      let frame = number(Layout.Block.frameLength, transform), frame > 0,
      let step = number(Layout.Block.frameStep, Layout.Limits.preprocessedWindow), step > 0,
      let firstEdge = number(Layout.Block.firstEdge, edgeCount),
      let edges = number(Layout.Block.edgeCount, edgeCount - firstEdge)
    else { return nil }
    let floor = bytes.float32(at: start + Layout.Block.floor)
    guard floor.isFinite, scale == .logarithm ? floor > 0 : floor == 0 else { return nil }
    let least = reduction == .bins ? 0 : reduction == .bands ? 2 : 3
    guard reduction == .bins ? edges == 0 : edges >= least else { return nil }
    return SpectrumBlock(
      frameLength: frame, frameStep: step, transformLength: transform, window: window,
      reduction: reduction, scale: scale, floor: floor, edges: firstEdge..<firstEdge + edges)
  }
}
