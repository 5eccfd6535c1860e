import Foundation
import ModelFormat

extension ContractFile {
  /// The bytes of the preprocessing section; nil where the contract asks for none.
  ///
  /// - Throws: `invalidCompanion` with the place in the contract.
  public func preprocessingSection() throws(ConversionError) -> [UInt8]? {
    guard let preprocessing else { return nil }
    var compiler = PreprocessingCompiler(self)
    return try compiler.compile(preprocessing)
  }
}

/// Resolves what a contract leaves open and writes the section of `docs/model-format.md`.
private struct PreprocessingCompiler {
  private let contract: ContractFile
  private var filters: [SampleFilter] = []
  private var blocks: [FeatureBlock] = []
  private var edges: [Float] = []
  private var decimation = 1

  init(_ contract: ContractFile) { self.contract = contract }

  /// Samples of a channel that the features are made of.
  private var length: Int { (contract.window + decimation - 1) / decimation }

  private var rateHertz: Double { contract.rateHertz / Double(decimation) }

  mutating func compile(_ file: PreprocessingFile) throws(ConversionError) -> [UInt8] {
    guard contract.window <= Layout.Limits.preprocessedWindow else {
      throw fail(
        "window", "\(contract.window) samples are too many to preprocess",
        "use at most \(Layout.Limits.preprocessedWindow), or leave preprocessing out")
    }
    decimation = file.decimate ?? 1
    guard (1...Layout.Limits.decimation).contains(decimation) else {
      throw fail("decimate", "\(decimation)", "use 1 to \(Layout.Limits.decimation)")
    }
    for (index, filter) in (file.filters ?? []).enumerated() {
      filters += try sections(of: filter, at: "filters[\(index)]")
    }
    guard filters.count <= Layout.Limits.filters else {
      throw fail(
        "filters", "these make \(filters.count) second-order sections and averages",
        "a model has at most \(Layout.Limits.filters); lower the orders")
    }
    guard (1...Layout.Limits.blocks).contains(file.features.count) else {
      throw fail(
        "features", "there are \(file.features.count)", "use 1 to \(Layout.Limits.blocks)")
    }
    for (index, feature) in file.features.enumerated() {
      blocks.append(try block(of: feature, at: "features[\(index)]"))
    }
    guard edges.count <= Layout.Limits.edges else {
      throw fail("features", "\(edges.count) edges", "use at most \(Layout.Limits.edges)")
    }
    let detrend: Detrend
    switch file.detrend ?? "none" {
    case "none": detrend = .none
    case "mean": detrend = .mean
    case "linear": detrend = .linear
    default:
      throw fail("detrend", "'\(file.detrend ?? "")' is not known", "use none, mean or linear")
    }
    return try write(detrend, normalization: file.normalization)
  }

  // MARK: Filters

  private func sections(
    of filter: PreprocessingFile.Filter, at place: String
  ) throws(ConversionError) -> [SampleFilter] {
    switch filter.type {
    case "moving-average":
      guard let length = filter.length, (1...Layout.Limits.filterLength).contains(length) else {
        throw fail(
          "\(place).length", missing(filter.length),
          "use 1 to \(Layout.Limits.filterLength) samples")
      }
      return [.movingAverage(length: length)]
    case "low-pass", "high-pass":
      let order = filter.order ?? 2
      guard order >= 2, order % 2 == 0, order <= 2 * Layout.Limits.filters else {
        throw fail(
          "\(place).order", "\(order)", "use an even order, 2 to \(2 * Layout.Limits.filters)")
      }
      guard let cutoff = filter.cutoffHertz, cutoff > 0, cutoff < contract.rateHertz / 2 else {
        throw fail(
          "\(place).cutoff_hz", missing(filter.cutoffHertz),
          "use a frequency between 0 and half the rate, \(contract.rateHertz / 2) Hz")
      }
      return ButterworthDesign.sections(
        order: order, cutoff: cutoff / contract.rateHertz, isHighPass: filter.type == "high-pass")
    case "biquad":
      guard let b = filter.b, let a = filter.a, b.count == 3, a.count == 3, a[0] != 0,
        (a + b).allSatisfy(\.isFinite)
      else {
        throw fail(place, "a biquad has three numbers each in b and a, with a[0] not 0", "")
      }
      let (a1, a2) = (a[1] / a[0], a[2] / a[0])
      guard abs(a2) < 1, abs(a1) < 1 + a2 else {
        throw fail(
          "\(place).a", "the filter is not stable", "keep its poles inside the unit circle")
      }
      return [.biquad(b0: b[0] / a[0], b1: b[1] / a[0], b2: b[2] / a[0], a1: a1, a2: a2)]
    default:
      throw fail(
        "\(place).type", "'\(filter.type)' is not known",
        "use moving-average, low-pass, high-pass or biquad")
    }
  }

  // MARK: Features

  private mutating func block(
    of feature: PreprocessingFile.Feature, at place: String
  ) throws(ConversionError) -> FeatureBlock {
    switch feature.type {
    case "samples": return .samples
    case "statistics": return .statistics(try statistics(feature.of, at: "\(place).of"))
    case "spectrum": return .spectrum(try spectrum(feature, .bins, "magnitude", at: place))
    case "bands": return .spectrum(try spectrum(feature, .bands, "power", at: place))
    case "log-mel": return .spectrum(try spectrum(feature, .triangles, "logarithm", at: place))
    default:
      throw fail(
        "\(place).type", "'\(feature.type)' is not known",
        "use samples, statistics, spectrum, bands or log-mel")
    }
  }

  private func statistics(
    _ names: [String]?, at place: String
  ) throws(ConversionError) -> StatisticSet {
    let known = (0..<StatisticSet.statisticCount).map { "\(StatisticSet.name($0))" }
    var bits: UInt16 = 0
    for name in names ?? known {
      guard let index = known.firstIndex(of: name) else {
        throw fail(place, "'\(name)' is not known", "use \(known.joined(separator: ", "))")
      }
      bits |= 1 << UInt16(index)
    }
    guard let set = StatisticSet(bits: bits) else {
      throw fail(place, "the list is empty", "use \(known.joined(separator: ", "))")
    }
    return set
  }

  private mutating func spectrum(
    _ feature: PreprocessingFile.Feature, _ reduction: SpectrumReduction, _ usualScale: String,
    at place: String
  ) throws(ConversionError) -> SpectrumBlock {
    let frame = feature.frame ?? length
    guard (1...length).contains(frame), frame <= Layout.Limits.transformLengths.upperBound else {
      throw fail(
        "\(place).frame", "\(frame) samples",
        "use 1 to \(min(length, Layout.Limits.transformLengths.upperBound)), the window's length")
    }
    let step = feature.step ?? frame
    guard (1...Layout.Limits.preprocessedWindow).contains(step) else {
      throw fail("\(place).step", "\(step) samples", "use at least 1")
    }
    var next = Layout.Limits.transformLengths.lowerBound
    while next < frame { next *= 2 }
    let transform = feature.transform ?? next
    guard Layout.Limits.transformLengths.contains(transform), transform & (transform - 1) == 0,
      transform >= frame
    else {
      throw fail(
        "\(place).transform", "\(transform) samples",
        "use a power of two from \(next) to \(Layout.Limits.transformLengths.upperBound)")
    }
    guard 1 + (length - frame) / step <= Layout.Limits.transformedSamples / transform else {
      throw fail("\(place).step", "\(step) samples give too many frames", "use a larger step")
    }
    let first = edges.count
    edges += try edgesInHertz(feature, reduction, at: place).map { hertz in
      Float(hertz * Double(transform) / rateHertz)
    }
    let scale = try scale(feature.scale ?? usualScale, at: place)
    let floor = scale == .logarithm ? Float(feature.floor ?? 1e-6) : 0
    guard floor.isFinite, scale != .logarithm || floor > 0 else {
      throw fail("\(place).floor", "\(floor)", "use a small positive number")
    }
    return SpectrumBlock(
      frameLength: frame, frameStep: step, transformLength: transform,
      window: try window(feature.window ?? "hann", at: place), reduction: reduction, scale: scale,
      floor: floor, edges: reduction == .bins ? 0..<0 : first..<edges.count)
  }

  private func edgesInHertz(
    _ feature: PreprocessingFile.Feature, _ reduction: SpectrumReduction, at place: String
  ) throws(ConversionError) -> [Double] {
    let highest = rateHertz / 2
    switch reduction {
    case .bins: return []
    case .bands:
      guard let edges = feature.edgesHertz, edges.count >= 2,
        zip(edges, edges.dropFirst()).allSatisfy({ $0 < $1 }), edges[0] >= 0,
        edges[edges.count - 1] <= highest
      else {
        throw fail(
          "\(place).edges_hz", "these are not two or more rising frequencies",
          "use frequencies from 0 to \(highest) Hz, half the rate")
      }
      return edges
    case .triangles:
      let (low, high) = (feature.fromHertz ?? 0, feature.toHertz ?? highest)
      guard low >= 0, low < high, high <= highest else {
        throw fail(
          "\(place).from_hz", "\(low) to \(high) Hz", "use frequencies from 0 to \(highest) Hz")
      }
      guard let count = feature.count, (1...256).contains(count) else {
        throw fail("\(place).count", missing(feature.count), "use 1 to 256 filters")
      }
      // Evenly spaced in mel = 2595 log₁₀(1 + f / 700), the formula of HTK.
      let (from, to) = (2595 * log10(1 + low / 700), 2595 * log10(1 + high / 700))
      return (0...count + 1).map { index in
        let mel = from + (to - from) * Double(index) / Double(count + 1)
        return min(high, 700 * (pow(10, mel / 2595) - 1))
      }
    }
  }

  private func window(
    _ name: String, at place: String
  ) throws(ConversionError) -> WindowFunction {
    switch name {
    case "rectangular": return .rectangular
    case "hann": return .hann
    case "hamming": return .hamming
    default:
      throw fail("\(place).window", "'\(name)' is not known", "use rectangular, hann or hamming")
    }
  }

  private func scale(_ name: String, at place: String) throws(ConversionError) -> SpectrumScale {
    switch name {
    case "magnitude": return .magnitude
    case "power": return .power
    case "logarithm": return .logarithm
    default:
      throw fail("\(place).scale", "'\(name)' is not known", "use magnitude, power or logarithm")
    }
  }

  // MARK: Writing

  private func write(
    _ detrend: Detrend, normalization: PreprocessingFile.Normalization?
  ) throws(ConversionError) -> [UInt8] {
    let perChannel = blocks.reduce(0) { $0 + count(of: $1) }
    var section = ByteWriter(byteCount: Layout.Preprocessing.filters)
    section.set(count: filters.count, at: Layout.Preprocessing.filterCount)
    section.set(count: blocks.count, at: Layout.Preprocessing.blockCount)
    section.set(count: edges.count, at: Layout.Preprocessing.edgeCount)
    section.set(count: perChannel, at: Layout.Preprocessing.featureCount)
    section.set(count: decimation, at: Layout.Preprocessing.decimation)
    section.set(count: Int(detrend.rawValue), at: Layout.Preprocessing.detrend)
    for filter in filters { section.append(record(filter)) }
    for block in blocks { section.append(record(block)) }
    for edge in edges { section.append(littleEndian(edge.bitPattern)) }
    for channel in contract.channels.indices {
      for scale in try scales(channel, count: perChannel, normalization) {
        section.append(littleEndian(scale.mean.bitPattern))
        section.append(littleEndian(scale.deviation.bitPattern))
      }
    }
    return section.bytes
  }

  private func count(of block: FeatureBlock) -> Int {
    switch block {
    case .samples: length
    case .statistics(let set): set.count
    case .spectrum(let spectrum):
      spectrum.frameCount(windowLength: length) * spectrum.valuesPerFrame
    }
  }

  private func record(_ filter: SampleFilter) -> [UInt8] {
    var record = ByteWriter(byteCount: Layout.Filter.stride)
    switch filter {
    case .movingAverage(let length):
      record.set(Layout.Filter.movingAverage, at: Layout.Filter.kind)
      record.set(count: length, at: Layout.Filter.length)
    case .biquad(let b0, let b1, let b2, let a1, let a2):
      record.set(Layout.Filter.biquad, at: Layout.Filter.kind)
      for (index, value) in [b0, b1, b2, a1, a2].enumerated() {
        let start = Layout.Filter.coefficients + 8 * index
        record.set(UInt32(truncatingIfNeeded: value.bitPattern), at: start)
        record.set(UInt32(truncatingIfNeeded: value.bitPattern >> 32), at: start + 4)
      }
    }
    return record.bytes
  }

  private func record(_ block: FeatureBlock) -> [UInt8] {
    var record = ByteWriter(byteCount: Layout.Block.stride)
    switch block {
    case .samples: record.set(Layout.Block.samples, at: Layout.Block.kind)
    case .statistics(let set):
      record.set(Layout.Block.describing, at: Layout.Block.kind)
      record.set(UInt32(set.bits), at: Layout.Block.statistics)
    case .spectrum(let spectrum):
      record.set(Layout.Block.spectrum, at: Layout.Block.kind)
      record.set(spectrum.window.rawValue, at: Layout.Block.window)
      record.set(spectrum.reduction.rawValue, at: Layout.Block.reduction)
      record.set(spectrum.scale.rawValue, at: Layout.Block.scale)
      record.set(count: spectrum.frameLength, at: Layout.Block.frameLength)
      record.set(count: spectrum.frameStep, at: Layout.Block.frameStep)
      record.set(count: spectrum.transformLength, at: Layout.Block.transformLength)
      record.set(count: spectrum.edges.lowerBound, at: Layout.Block.firstEdge)
      record.set(count: spectrum.edges.count, at: Layout.Block.edgeCount)
      record.set(spectrum.floor, at: Layout.Block.floor)
    }
    return record.bytes
  }

  /// Mean and standard deviation of each feature of a channel.
  ///
  /// Without a normalization of the features, samples have that of their channel, which the contract
  /// gives, and other features stay as they are.
  private func scales(
    _ channel: Int, count: Int, _ normalization: PreprocessingFile.Normalization?
  ) throws(ConversionError) -> [(mean: Float, deviation: Float)] {
    guard let normalization else {
      let own = contract.channels[channel]
      return blocks.flatMap { block -> [(mean: Float, deviation: Float)] in
        let scale: (mean: Float, deviation: Float) =
          block == .samples ? (Float(own.mean), Float(own.standardDeviation)) : (0, 1)
        return Array(repeating: scale, count: self.count(of: block))
      }
    }
    let (means, deviations) = (normalization.mean, normalization.standardDeviation)
    let channels = contract.channels.count
    guard means.count == channels, deviations.count == channels,
      means[channel].count == count, deviations[channel].count == count
    else {
      throw fail(
        "normalization", "this is not \(channels) lists of \(count) numbers each",
        "give a number for each feature of each channel; `swiftlet features --fit` makes them")
    }
    return try zip(means[channel], deviations[channel]).map {
      mean, deviation throws(ConversionError) in
      guard Float(mean).isFinite, Float(deviation).isFinite, Float(deviation) > 0 else {
        throw fail(
          "normalization", "mean \(mean), standard deviation \(deviation) of channel \(channel)",
          "use finite numbers, the standard deviation above 0")
      }
      return (Float(mean), Float(deviation))
    }
  }

  private func missing(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "is missing" }

  private func fail(_ place: String, _ what: String, _ hint: String) -> ConversionError {
    ConversionError(
      .invalidCompanion, place: "preprocessing.\(place)", what: what,
      hint: hint.isEmpty ? "see docs/converting.md" : hint)
  }
}
