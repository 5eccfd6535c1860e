import ModelFormat

/// Turns windows of samples into the features a model was trained on.
///
/// The same code runs on the board and in `swiftlet features`, with the same bytes on every target:
/// all of it is additions, multiplications, divisions and square roots that IEEE 754 defines to the
/// last bit, in a fixed order.
public struct FeatureExtractor: ~Copyable, ~Escapable {
  private let plan: Preprocessing
  private var memory: MutableRawSpan

  /// Numbers a window becomes, for all channels.
  public var featureCount: Int { plan.featureCount * plan.channelCount }

  /// Bytes of memory a plan needs.
  public static func byteCount(for plan: borrowing Preprocessing) -> Int {
    FeatureMemory.byteCount(for: plan)
  }

  /// Prepares transforms and weights.
  ///
  /// - Parameter memory: `byteCount(for:)` bytes; their contents do not matter.
  @_lifetime(copy plan, copy memory)
  public init(_ plan: Preprocessing, memory: consuming MutableRawSpan) {
    precondition(memory.byteCount >= Self.byteCount(for: plan))
    self.plan = plan
    self.memory = memory
    for index in 0..<plan.blockCount {
      if case .spectrum(let block) = plan.block(index) { prepare(block, index) }
    }
  }

  /// Computes the features of a window, normalized as the model takes them.
  ///
  /// - Parameters:
  ///   - window: Gives samples of a channel from one on, 0 the oldest, as many as there are up to a
  ///     chunk's.
  ///   - store: Takes features and where in the model's input they go.
  public mutating func extract(
    from window: (_ first: Int, _ channel: Int, _ samples: inout SampleChunk) -> Void,
    _ store: (_ features: FeaturePlaces, _ values: SampleChunk) -> Void
  ) {
    for channel in 0..<plan.channelCount {
      fillChannel(channel, from: window)
      var output = FeatureOutput(plan, channel: channel)
      var features = FeatureChunk()
      for index in 0..<plan.blockCount { emit(plan.block(index), index, &features, &output, store) }
      output.take(&features, store)
    }
  }

  // MARK: Channels

  /// Filters, decimates and detrends one channel into the scratch memory.
  private mutating func fillChannel(
    _ channel: Int,
    from window: (_ first: Int, _ channel: Int, _ samples: inout SampleChunk) -> Void
  ) {
    var filters = FilterChain()
    let (length, decimation) = (plan.windowLength, plan.decimation)
    var chunk = SampleChunk(repeating: 0)
    var first = 0
    var next = 0
    var offset = 0
    while first < length {
      window(first, channel, &chunk)
      let count = min(chunk.count, length - first)
      filters.filter(&chunk, count, plan)
      if decimation == 1 && count == chunk.count {
        memory.storeBytes(of: chunk, toByteOffset: offset, as: SampleChunk.self)
        offset += 4 * count
      } else {
        while next < count {
          memory.storeBytes(of: chunk[next], toByteOffset: offset, as: Float.self)
          offset += 4
          next += decimation
        }
        next -= count
      }
      first += count
    }
    let (count, detrend) = (plan.decimatedLength, plan.detrend)
    guard detrend != .none else { return }
    // Every pattern of bits is a number; so it is below.
    var numbers = unsafe memory._unsafeMutableView(as: Float.self)
    var samples = numbers._mutatingExtracting(0..<count)
    detrend.apply(to: &samples)
  }

  private mutating func emit(
    _ block: FeatureBlock, _ index: Int, _ features: inout FeatureChunk,
    _ output: inout FeatureOutput,
    _ store: (_ features: FeaturePlaces, _ values: SampleChunk) -> Void
  ) {
    switch block {
    case .samples:
      giveNumbers(plan.decimatedLength, at: 0, of: nil, &features, &output, store)
    case .statistics(let set):
      let statistics = describe()
      for statistic in 0..<StatisticSet.statisticCount where set.contains(statistic) {
        if features.append(statistics[statistic]) { output.take(&features, store) }
      }
    case .spectrum(let spectrum):
      let transform = RealFFT(
        length: spectrum.transformLength, at: FeatureMemory.transform(index, of: plan))
      let weights = FeatureMemory.weights(index, of: plan)
      for frame in 0..<spectrum.frameCount(windowLength: plan.decimatedLength) {
        transformFrame(frame, spectrum, transform, weights: weights)
        if spectrum.reduction == .bins {
          giveNumbers(
            spectrum.valuesPerFrame, at: transform.powers, of: spectrum, &features, &output, store)
          continue
        }
        for value in 0..<spectrum.valuesPerFrame {
          let power = reduced(value, spectrum, transform)
          if features.append(spectrum.scaled(power)) { output.take(&features, store) }
        }
      }
    }
  }

  /// Gives numbers of the memory on as features: samples, or powers of a spectrum's bins.
  private func giveNumbers(
    _ count: Int, at offset: Int, of spectrum: SpectrumBlock?, _ features: inout FeatureChunk,
    _ output: inout FeatureOutput,
    _ store: (_ features: FeaturePlaces, _ values: SampleChunk) -> Void
  ) {
    output.take(&features, store)
    var first = 0
    while first < count {
      features.load(count - first, at: offset + 4 * first, of: memory.bytes)
      first += features.count
      spectrum?.scale(&features)
      output.take(&features, store)
    }
  }

  private mutating func describe() -> WindowStatistics {
    let count = plan.decimatedLength
    var numbers = unsafe memory._unsafeMutableView(as: Float.self)
    return WindowStatistics(numbers._mutatingExtracting(0..<count))
  }

  // MARK: Spectra

  private mutating func prepare(_ block: SpectrumBlock, _ index: Int) {
    let transform = RealFFT(
      length: block.transformLength, at: FeatureMemory.transform(index, of: plan))
    let weights = FeatureMemory.weights(index, of: plan)
    transform.prepare(in: &memory)
    for sample in 0..<block.frameLength {
      memory.storeBytes(
        of: block.window.weight(sample, of: block.frameLength),
        toByteOffset: weights + 4 * sample, as: Float.self)
    }
  }

  private mutating func transformFrame(
    _ frame: Int, _ block: SpectrumBlock, _ transform: RealFFT, weights: Int
  ) {
    transform.transform(
      block.frameLength, samplesAt: 4 * frame * block.frameStep, weightsAt: weights, in: &memory)
    transform.turnIntoPowers(in: &memory)
  }

  /// The power of a bin, or the weighted sum of powers that makes value `index` of a frame.
  private func reduced(_ index: Int, _ block: SpectrumBlock, _ transform: RealFFT) -> Double {
    func edge(_ offset: Int) -> Double {
      Double(plan.edge(block.edges.lowerBound + index + offset))
    }
    func sum(_ low: Double, _ high: Double, _ weight: (Double) -> Double) -> Double {
      var sum = 0.0
      for bin in Int(low)...min(Int(high), block.transformLength / 2) {
        sum += weight(Double(bin)) * Double(transform.power(bin, in: memory))
      }
      return sum
    }
    switch block.reduction {
    case .bins:
      return Double(transform.power(index, in: memory))
    case .bands:
      let (low, high) = (edge(0), edge(1))
      return sum(low, high) { $0 >= low && $0 < high ? 1 : 0 }
    case .triangles:
      let (low, peak, high) = (edge(0), edge(1), edge(2))
      return sum(low, high) { bin in
        max(0, min((bin - low) / (peak - low), (high - bin) / (high - peak)))
      }
    }
  }
}

/// Where the features of one channel go, in order.
private struct FeatureOutput: ~Escapable {
  private let plan: Preprocessing
  private let channel: Int
  private let firstPlace: Int
  private let stride: Int
  private var feature = 0

  @_lifetime(copy plan)
  init(_ plan: Preprocessing, channel: Int) {
    self.plan = plan
    self.channel = channel
    let isTimeFirst = plan.isTimeFirst
    firstPlace = isTimeFirst ? channel : channel * plan.featureCount
    stride = isTimeFirst ? plan.channelCount : 1
  }

  /// Normalizes the features of a chunk, gives them to `store` and empties the chunk.
  mutating func take(
    _ features: inout FeatureChunk,
    _ store: (_ features: FeaturePlaces, _ values: SampleChunk) -> Void
  ) {
    let count = features.count
    guard count > 0 else { return }
    features.normalize(plan.scales(ofFeatures: feature..<feature + count, channel: channel))
    store(
      FeaturePlaces(count: count, first: firstPlace + feature * stride, stride: stride),
      features.values)
    feature += count
    features.empty()
  }
}

extension SpectrumBlock {
  /// Brings powers to the block's scale.
  fileprivate func scale(_ powers: inout FeatureChunk) {
    switch scale {
    case .power: break
    case .magnitude:
      // As good as the root in double precision: its rounding to single precision is the same.
      for index in powers.values.indices {
        powers.values[index] = powers.values[index].squareRoot()
      }
    case .logarithm:
      for index in 0..<powers.count { powers.values[index] = scaled(Double(powers.values[index])) }
    }
  }

  /// A power on the block's scale.
  fileprivate func scaled(_ power: Double) -> Float {
    switch scale {
    case .power: Float(power)
    case .magnitude: Float(power.squareRoot())
    case .logarithm:
      // A sum of squares; not a number where samples were too large for one.
      Float(Logarithm.natural(power < .greatestFiniteMagnitude ? power + Double(floor) : 1e300))
    }
  }
}

extension WindowStatistics {
  /// Statistic `index` of a `StatisticSet`.
  fileprivate subscript(index: Int) -> Float {
    switch index {
    case 0: Float(mean)
    case 1: Float(standardDeviation)
    case 2: Float(rootMeanSquare)
    case 3: minimum
    case 4: maximum
    case 5: Float(zeroCrossings)
    case 6: Float(skewness)
    default: Float(kurtosis)
    }
  }
}
