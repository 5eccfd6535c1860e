import Conversion
import ModelFormat

/// Models that several tests load.
public enum ModelFixtures {
  /// The model of the annotated dump in `docs/model-format.md`: y = max(x, 0), in place.
  public static var smallest: ModelSketch {
    ModelSketch(
      tensors: [
        .arena("x", [1, 4], steps: 0...1), .arena("y", [1, 4], steps: 1...2),
        .constant("zero", [1], [0]),
      ],
      operators: [.init("relu", .maximum, [0, 2], output: 1)],
      inputs: [0], outputs: [1])
  }

  /// A model with every section, every storage, and a state that changes: each invocation gives
  /// the input of the one before, then the larger of both, through a table.
  ///
  /// The sizes of file and arena are multiples of 16, so that guarded buffers end at the guard.
  public static var everySection: ModelSketch {
    var sketch = ModelSketch(
      tensors: [
        .arena("input", [1, 4, 2], at: 16, steps: 0...4),
        .state("memory", [1, 8], at: 0, initial: 2),
        .constant("start", [8], [1, 2, 3, 4, 5, 6, 7, 8]),
        .view("memory as image", [1, 4, 2], of: 1, steps: 0...5),
        .arena("larger", [1, 4, 2], at: 32, steps: 2...3),
        .arena("before", [1, 4, 2], at: 48, steps: 1...5),
        .constant("table", [256], (0...255).map { UInt8($0) ^ 1 }),
        .arena("result", [1, 4, 2], at: 32, steps: 3...5),
        .view("flat", [8], of: 0, at: 16, steps: 0...4),
      ],
      operators: [
        .init("recall", .copy, [3], output: 5),
        .init("compare", .maximum, [0, 3], output: 4),
        .init("flip", .lookup, [4, 6], output: 7),
        .init("store", .copy, [8], output: 1),
      ],
      inputs: [0], outputs: [5, 7])
    sketch.arenaByteCount = 64
    sketch.extras = [
      (.contract, contract), (.preprocessing, preprocessing), (.labels, labels), (.golden, golden),
      (.card, Array("# A card".utf8)), (.provenance, Array("made=by hand    ".utf8)),
    ]
    return sketch
  }

  /// Two operators that run together, two rows at a time: y is the largest of three neighbours down
  /// the image, of x made positive. Four rows lie between them.
  public static var banded: ModelSketch {
    var window = WindowParameters()
    (window.kernelHeight, window.kernelWidth, window.paddingTop) = (3, 1, 1)
    (window.strideHeight, window.strideWidth) = (1, 1)
    (window.dilationHeight, window.dilationWidth) = (1, 1)
    window.activation = ActivationRange(minimum: -128, maximum: 127)
    var sketch = ModelSketch(
      tensors: [
        .arena("x", [1, 6, 2, 2], at: 16, steps: 0...1),
        .arena("between", [1, 6, 2, 2], at: 64, steps: 1...2),
        .arena("y", [1, 6, 2, 2], at: 96, steps: 2...3),
        .constant("zero", [1], [0]),
      ],
      operators: [
        .init("positive", .maximum, [0, 3], output: 1),
        .init("largest", .maxPool2D, [1], output: 2, words: window.words),
      ],
      inputs: [0], outputs: [2])
    sketch.tensors[1].storage = .band
    sketch.arenaByteCount = 128
    sketch.extras = [
      (.bands, bands([BandGroup(firstOperator: 0, operatorCount: 2, rowsPerBand: 2)]))
    ]
    return sketch
  }

  /// A band section.
  public static func bands(_ groups: [BandGroup]) -> [UInt8] {
    var section = Fields(byteCount: groups.count * Layout.BandGroup.stride)
    for (index, group) in groups.enumerated() {
      let start = index * Layout.BandGroup.stride
      section.set(group.firstOperator, at: start + Layout.BandGroup.firstOperator)
      section.set(group.operatorCount, at: start + Layout.BandGroup.operatorCount)
      section.set(group.rowsPerBand, at: start + Layout.BandGroup.rowsPerBand)
    }
    return section.bytes
  }

  /// The bytes of ``everySection`` with a drift baseline, which is no part of it because it would
  /// have to follow every change of the graph.
  public static let withBaseline: [UInt8] = {
    var generator = SeededGenerator(seed: 5)
    let samples = (0..<2).map { _ in
      (0..<2000).map { _ in Float.random(in: -1...1, using: &generator) }
    }
    var series = ReferenceSeries(
      channelNames: ["first", "second"], samples: samples, rateHertz: 10)
    series.classCount = 8
    series.predictions = (0..<500).map {
      .init(
        sample: 4 * $0, classIndex: Int.random(in: 0..<8, using: &generator),
        confidence: Float.random(in: 0...1, using: &generator))
    }
    do {
      return try ModelFile.settingBaseline(
        BaselineBuilder(series), of: ModelFixtures.everySection.bytes)
    } catch {
      preconditionFailure("the fixture's baseline: \(error)")
    }
  }()

  /// A fully connected layer from 2 inputs to 3 outputs: 2 x + 3 y, x − y, −x, without rescaling.
  public static var dense: ModelSketch {
    let layout = ConvolutionWeightLayout(channels: 3, depth: 2)
    let table = ChannelTableLayout(channels: 3)
    var weights = Array(repeating: UInt8(0), count: layout.byteCount)
    var channels = Fields(byteCount: table.elementCount * 4)
    for (channel, row) in [[2, 3], [1, -1], [-1, 0]].enumerated() {
      for (index, weight) in row.enumerated() {
        weights[layout.offset(channel: channel, run: 0, index: index)] = UInt8(
          bitPattern: Int8(weight))
      }
      // 2^30 × 2^(1 − 31) = 1.
      channels.set(1 << 30, at: 4 * table.index(.significand, channel: channel))
      channels.set(1, at: 4 * table.index(.shift, channel: channel))
      channels.set(row.reduce(0, +), at: 4 * table.index(.weightSum, channel: channel))
    }
    var parameters = FullyConnectedParameters()
    parameters.activation = ActivationRange(minimum: -128, maximum: 127)
    return ModelSketch(
      tensors: [
        .arena("in", [1, 2], steps: 0...1), .arena("out", [1, 3], at: 16, steps: 1...2),
        .constant("weights", [3, 2], weights, packing: .convolutionWeights),
        .constant("channels", [3], channels.bytes, type: .int32, packing: .channelTable),
      ],
      operators: [.init("dense", .fullyConnected, [0, 2, 3], output: 1, words: parameters.words)],
      inputs: [0], outputs: [1])
  }

  /// Two channels, four samples a window, 10 samples a second.
  private static var contract: [UInt8] {
    var fields = Fields(byteCount: Layout.Contract.channels + 2 * Layout.Channel.stride)
    fields.set(2, at: Layout.Contract.channelCount)
    fields.set(4, at: Layout.Contract.windowLength)
    fields.set(1, at: Layout.Contract.hop)
    fields.set(10_000, at: Layout.Contract.rateMillihertz)
    for channel in 0..<2 {
      let start = Layout.Contract.channels + channel * Layout.Channel.stride
      fields.set(channel, at: start + Layout.Channel.nameOffset)
      fields.set(1, at: start + Layout.Channel.nameByteCount)
      fields.set(2, at: start + Layout.Channel.unitByteCount)
      fields.set(
        Int(Float(0.25).bitPattern), at: start + Layout.Channel.mean)
      fields.set(
        Int(Float(2).bitPattern), at: start + Layout.Channel.standardDeviation)
    }
    return fields.bytes
  }

  /// The samples themselves, each feature with mean 0 and standard deviation 1.
  private static var preprocessing: [UInt8] {
    let scales = Layout.Preprocessing.filters + Layout.Block.stride
    var fields = Fields(byteCount: scales + 2 * 4 * Layout.FeatureScale.stride)
    fields.set(1, at: Layout.Preprocessing.blockCount)
    fields.set(4, at: Layout.Preprocessing.featureCount)
    fields.set(1, at: Layout.Preprocessing.decimation)
    fields.set(Int(Layout.Block.samples), at: Layout.Preprocessing.filters + Layout.Block.kind)
    for feature in 0..<8 {
      let start = scales + feature * Layout.FeatureScale.stride
      fields.set(
        Int(Float(1).bitPattern), at: start + Layout.FeatureScale.standardDeviation)
    }
    return fields.bytes
  }

  private static var labels: [UInt8] {
    fourBytes(2) + fourBytes(0) + fourBytes(0) + fourBytes(5) + fourBytes(5) + fourBytes(6)
  }

  /// Two successive invocations from the start: outputs `before`, then `result`.
  private static var golden: [UInt8] {
    let first: [UInt8] = [9, 0, 0xFF, 4, 4, 4, 4, 100]
    let second: [UInt8] = [0x80, 1, 0, 0, 0x7F, 0, 0, 0]
    return fourBytes(2) + fourBytes(8) + fourBytes(16) + fourBytes(0)
      + first + [1, 2, 3, 4, 5, 6, 7, 8] + [9, 2, 3, 4, 5, 6, 7, 100].map { $0 ^ 1 }
      + second + first + [9, 1, 0, 4, 0x7F, 4, 4, 100].map { $0 ^ 1 }
  }
}
