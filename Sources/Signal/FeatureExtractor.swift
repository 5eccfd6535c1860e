import ModelFormat

/// Some samples of a channel in a row.
public typealias SampleChunk = InlineArray<32, Float>

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
  ///   - store: Takes each feature with its place in the model's input.
  public mutating func extract(
    from window: (_ first: Int, _ channel: Int, _ samples: inout SampleChunk) -> Void,
    _ store: (_ index: Int, _ value: Float) -> Void
  ) {
    for channel in 0..<plan.channelCount {
      fillChannel(channel, from: window)
      var output = FeatureOutput(plan, channel: channel)
      for index in 0..<plan.blockCount { emit(plan.block(index), index, &output, store) }
    }
  }

  // MARK: Channels

  /// Filters, decimates and detrends one channel into the scratch memory.
  private mutating func fillChannel(
    _ channel: Int,
    from window: (_ first: Int, _ channel: Int, _ samples: inout SampleChunk) -> Void
  ) {
    var filters = FilterChain()
    let hasFilters = plan.filterCount > 0
    let (length, decimation) = (plan.windowLength, plan.decimation)
    var chunk = SampleChunk(repeating: 0)
    var first = 0
    var untilKept = 0
    var offset = 0
    while first < length {
      window(first, channel, &chunk)
      for index in 0..<min(chunk.count, length - first) {
        let value = hasFilters ? filters.filter(chunk[index], plan) : chunk[index]
        guard untilKept == 0 else {
          untilKept -= 1
          continue
        }
        untilKept = decimation - 1
        memory.storeBytes(of: value, toByteOffset: offset, as: Float.self)
        offset += 4
      }
      first += chunk.count
    }
    let (count, detrend) = (plan.decimatedLength, plan.detrend)
    guard detrend != .none else { return }
    // Every pattern of bits is a number; so it is below.
    var numbers = unsafe memory._unsafeMutableView(as: Float.self)
    var samples = numbers._mutatingExtracting(0..<count)
    detrend.apply(to: &samples)
  }

  private mutating func emit(
    _ block: FeatureBlock, _ index: Int, _ output: inout FeatureOutput,
    _ store: (_ index: Int, _ value: Float) -> Void
  ) {
    switch block {
    case .samples:
      for sample in 0..<plan.decimatedLength { output.take(number(at: 4 * sample), store) }
    case .statistics(let set):
      let statistics = describe()
      for statistic in 0..<StatisticSet.statisticCount where set.contains(statistic) {
        output.take(statistics[statistic], store)
      }
    case .spectrum(let spectrum):
      let transform = RealFFT(
        length: spectrum.transformLength, at: FeatureMemory.transform(index, of: plan))
      let weights = FeatureMemory.weights(index, of: plan)
      for frame in 0..<spectrum.frameCount(windowLength: plan.decimatedLength) {
        transformFrame(frame, spectrum, transform, weights: weights)
        for value in 0..<spectrum.valuesPerFrame {
          let power = reduced(value, spectrum, transform)
          output.take(spectrum.scaled(power), store)
        }
      }
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
    transform.put(
      block.frameLength, samplesAt: 4 * frame * block.frameStep, weightsAt: weights, in: &memory)
    transform.transform(in: &memory)
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

  // MARK: Memory

  // Every pattern of bits is a number.
  private func number(at offset: Int) -> Float {
    unsafe memory.unsafeLoadUnaligned(fromByteOffset: offset, as: Float.self)
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

  mutating func take(_ value: Float, _ store: (_ index: Int, _ value: Float) -> Void) {
    let scale = plan.scale(ofFeature: feature, channel: channel)
    store(
      firstPlace + feature * stride, ((value - scale.mean) / scale.standardDeviation).bounded)
    feature += 1
  }
}

extension SpectrumBlock {
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

extension Float {
  /// The largest number where it is beyond, and 0 where it is none: samples of 10³⁰ overflow in a
  /// spectrum, and what comes out must still be quantized.
  fileprivate var bounded: Float {
    if isFinite { return self }
    if isNaN { return 0 }
    return self > 0 ? .greatestFiniteMagnitude : -.greatestFiniteMagnitude
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
