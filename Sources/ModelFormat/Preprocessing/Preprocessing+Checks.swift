extension Preprocessing {
  func checkSize() throws(ModelError) {
    guard windowLength <= Layout.Limits.preprocessedWindow else {
      throw Self.fail(0, found: windowLength, expected: Layout.Limits.preprocessedWindow)
    }
    // In 64 bits: features and channels are below 2²⁷ and 2¹⁰.
    let scales = Int64(featureCount) * Int64(channelCount) * Int64(Layout.FeatureScale.stride)
    guard scales + Int64(scalesOffset) == Int64(bytes.byteCount) else {
      throw ModelError(
        .wrongSectionSize, section: .preprocessing, offset: 0, found: bytes.byteCount,
        expected: Int(clamping: scales + Int64(scalesOffset)))
    }
  }

  func checkFilter(_ index: Int) throws(ModelError) {
    let start = Layout.Preprocessing.filters + index * Layout.Filter.stride
    let kind = bytes.uint32(at: start + Layout.Filter.kind)
    let length = bytes.uint32(at: start + Layout.Filter.length)
    let coefficients = (start + Layout.Filter.coefficients)..<(start + Layout.Filter.stride)
    switch kind {
    case Layout.Filter.movingAverage:
      guard (1...UInt32(Layout.Limits.filterLength)).contains(length) else {
        throw Self.fail(
          start + Layout.Filter.length, found: Int(truncatingIfNeeded: length),
          expected: Layout.Limits.filterLength)
      }
      if let offset = bytes.firstNonZero(in: coefficients) {
        throw ModelError(.reservedNotZero, section: .preprocessing, offset: offset)
      }
    case Layout.Filter.biquad:
      guard length == 0 else { throw Self.fail(start + Layout.Filter.length) }
      guard case .biquad(let b0, let b1, let b2, let a1, let a2) = filter(index),
        // Poles inside the unit circle: the filter forgets its past.
        b0.isFinite, b1.isFinite, b2.isFinite, abs(a2) < 1, abs(a1) < 1 + a2
      else { throw Self.fail(start + Layout.Filter.coefficients) }
    default:
      throw Self.fail(start + Layout.Filter.kind, found: Int(truncatingIfNeeded: kind))
    }
  }

  func checkBlocks() throws(ModelError) {
    var total: Int64 = 0
    for index in 0..<blockCount {
      let start = blockOffset(index)
      guard let block = decodeBlock(at: start) else { throw Self.fail(start) }
      let features = featureCount(of: block)
      guard features > 0 else { throw Self.fail(start + Layout.Block.frameLength) }
      if case .spectrum(let spectrum) = block {
        let frames = spectrum.frameCount(windowLength: decimatedLength)
        guard frames <= Layout.Limits.transformedSamples / spectrum.transformLength else {
          throw Self.fail(start + Layout.Block.frameStep, found: frames)
        }
      }
      total += Int64(features)
      guard canonical(block, at: start) else {
        throw ModelError(.reservedNotZero, section: .preprocessing, offset: start)
      }
    }
    guard total == Int64(featureCount) else {
      throw Self.fail(
        Layout.Preprocessing.featureCount, found: featureCount, expected: Int(clamping: total))
    }
  }

  /// Whether the fields that a block's kind does not use are zero.
  private func canonical(_ block: FeatureBlock, at start: Int) -> Bool {
    switch block {
    case .samples:
      bytes.firstNonZero(in: (start + 1)..<(start + Layout.Block.stride)) == nil
    case .statistics:
      bytes.firstNonZero(in: (start + 1)..<(start + Layout.Block.statistics)) == nil
        && bytes.firstNonZero(
          in: (start + Layout.Block.frameLength)..<(start + Layout.Block.stride)) == nil
    case .spectrum:
      bytes.uint32(at: start + Layout.Block.statistics) == 0
    }
  }

  /// Edges rise inside each block and stay inside the spectrum.
  func checkEdges() throws(ModelError) {
    for index in 0..<blockCount {
      guard case .spectrum(let spectrum) = block(index) else { continue }
      let last = Float(spectrum.transformLength / 2 + 1)
      var previous: Float = -1
      for position in spectrum.edges {
        let edge = edge(position)
        guard edge > previous, edge >= 0, edge <= last else {
          throw Self.fail(edgesOffset + 4 * position)
        }
        previous = edge
      }
    }
    for position in 0..<edgeCount where !edge(position).isFinite {
      throw Self.fail(edgesOffset + 4 * position)
    }
  }

  func checkScales() throws(ModelError) {
    for channel in 0..<channelCount {
      for feature in 0..<featureCount {
        let scale = scale(ofFeature: feature, channel: channel)
        guard scale.mean.isFinite, scale.standardDeviation.isFinite, scale.standardDeviation > 0
        else {
          let position = channel * featureCount + feature
          throw Self.fail(scalesOffset + position * Layout.FeatureScale.stride)
        }
      }
    }
  }

  static func fail(_ offset: Int, found: Int? = nil, expected: Int? = nil) -> ModelError {
    ModelError(
      .badPreprocessing, section: .preprocessing, offset: offset, found: found, expected: expected)
  }
}

extension Model {
  /// What is done to samples before they enter the model; nil where the model has no section.
  public var preprocessing: Preprocessing? {
    @_lifetime(copy self)
    get {
      guard let contract, sections.contains(.preprocessing) else { return nil }
      // Checked when the model was made.
      return try? Preprocessing(
        section(.preprocessing), windowLength: contract.windowLength,
        channelCount: contract.channelCount)
    }
  }

  /// Checks the preprocessing section and returns the elements a window of one channel becomes.
  func checkPreprocessing() throws(ModelError) -> Int? {
    guard sections.contains(.preprocessing) else { return nil }
    let range = sections[.preprocessing]
    guard let contract else {
      throw ModelError(.missingSection, section: .contract, offset: range.lowerBound)
    }
    do throws(ModelError) {
      let preprocessing = try Preprocessing(
        section(.preprocessing), windowLength: contract.windowLength,
        channelCount: contract.channelCount)
      return preprocessing.featureCount
    } catch {
      throw ModelError(
        error.reason, section: error.section, offset: range.lowerBound + error.offset,
        found: error.found, expected: error.expected)
    }
  }
}
