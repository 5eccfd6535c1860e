import ModelFormat
import TestSupport

/// One operator with its tensors, laid out in an arena: a valid one of every kind, to be broken.
struct OperatorSketch {
  var kind: OperatorKind
  var inputs: [ModelSketch.Tensor]
  var output: ModelSketch.Tensor
  var words = OperatorWords()

  /// A model with this operator only. Tensors in the arena follow each other; those the operator
  /// reads are the graph's inputs.
  var model: ModelSketch {
    var (tensors, offset) = (inputs + [output], 0)
    for index in tensors.indices where tensors[index].storage == .arena {
      tensors[index].offset = offset
      tensors[index].steps = index == inputs.count ? 1...2 : 0...1
      let byteCount = tensors[index].shape.reduce(1, *) * tensors[index].elementType.byteCount
      offset += (byteCount + 15) / 16 * 16
    }
    var sketch = ModelSketch(
      tensors: tensors,
      operators: [
        .init("it", kind, Array(inputs.indices), output: inputs.count, words: words)
      ],
      inputs: inputs.indices.filter { inputs[$0].storage == .arena }, outputs: [inputs.count])
    sketch.arenaByteCount = offset
    return sketch
  }

  /// A valid operator of kind `kind`.
  static func valid(_ kind: OperatorKind) -> OperatorSketch {
    switch kind {
    case .convolution2D: return convolution
    case .depthwiseConvolution2D: return depthwise
    case .fullyConnected: return fullyConnected
    case .averagePool2D, .maxPool2D:
      return OperatorSketch(
        kind: kind, inputs: [activation([1, 4, 4, 2])], output: activation([1, 2, 2, 2]),
        words: window(kernel: 2, stride: 2, padding: 0).words)
    case .mean:
      var parameters = MeanParameters()
      parameters.multiplier = half
      parameters.axes = 0b0110
      return OperatorSketch(
        kind: kind, inputs: [activation([1, 3, 5, 2])], output: activation([1, 1, 1, 2]),
        words: parameters.words)
    case .add, .subtract, .multiply: return elementwise(kind)
    case .maximum, .minimum:
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 1, 3]), activation([4, 1])],
        output: activation([2, 4, 3]))
    case .copy:
      return OperatorSketch(kind: kind, inputs: [activation([6])], output: activation([2, 3]))
    case .transpose:
      var parameters = TransposeParameters()
      (parameters[source: 0], parameters[source: 1], parameters[source: 2]) = (2, 0, 1)
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 3, 4])], output: activation([4, 2, 3]),
        words: parameters.words)
    case .pad:
      var parameters = PadParameters()
      (parameters[before: 0], parameters[before: 1], parameters.value) = (1, 0, -7)
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 3])], output: activation([4, 5]),
        words: parameters.words)
    case .concatenation:
      var parameters = AxisParameters()
      parameters.axis = 1
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 3]), activation([2, 1])], output: activation([2, 4]),
        words: parameters.words)
    case .slice: return slice
    case .lookup:
      return OperatorSketch(
        kind: kind,
        inputs: [
          activation([2, 3]), .constant("table", [256], Array(repeating: 9, count: 256)),
        ], output: activation([2, 3]))
    case .softmax:
      var parameters = SoftmaxParameters()
      parameters.multiplier = MultiplierWords(significand: 1 << 30, shift: 23)
      parameters.smallestDifference = -248
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 5])], output: activation([2, 5]),
        words: parameters.words)
    case .quantize:
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 3], type: .float32)],
        output: activation([6], type: .uint8))
    case .dequantize:
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 3])], output: activation([6], type: .float32))
    case .argMax:
      var parameters = AxisParameters()
      parameters.axis = 1
      return OperatorSketch(
        kind: kind, inputs: [activation([2, 3, 4])], output: activation([2, 4], type: .int64),
        words: parameters.words)
    }
  }

  /// A tensor in the arena; its place follows from the others.
  static func activation(_ shape: [Int], type: ElementType = .int8) -> ModelSketch.Tensor {
    .arena("t", shape, type: type, steps: 0...0)
  }

  /// The multiplier 1/2.
  static let half = MultiplierWords(significand: 1 << 30, shift: 0)

  static func window(kernel: Int, stride: Int, padding: Int) -> WindowParameters {
    var window = WindowParameters()
    (window.kernelHeight, window.kernelWidth) = (kernel, kernel)
    (window.strideHeight, window.strideWidth) = (stride, stride)
    (window.dilationHeight, window.dilationWidth) = (1, 1)
    (window.paddingTop, window.paddingLeft) = (padding, padding)
    window.activation = ActivationRange(minimum: -128, maximum: 127)
    return window
  }

  /// Three by three, four channels to six.
  private static var convolution: OperatorSketch {
    var window = window(kernel: 3, stride: 1, padding: 1)
    window.groupDepth = 4
    let layout = ConvolutionWeightLayout(channels: 6, window: window, inputDepth: 4)
    return OperatorSketch(
      kind: .convolution2D,
      inputs: [activation([1, 4, 4, 4])] + packed(layout),
      output: activation([1, 4, 4, 6]), words: window.words)
  }

  /// Three by three, two channels to four.
  private static var depthwise: OperatorSketch {
    var window = window(kernel: 3, stride: 2, padding: 1)
    window.depthMultiplier = 2
    let layout = DepthwiseWeightLayout(channels: 4, tapCount: 9)
    return OperatorSketch(
      kind: .depthwiseConvolution2D,
      inputs: [activation([1, 4, 4, 2])] + packed(layout),
      output: activation([1, 2, 2, 4]), words: window.words)
  }

  /// Three rows of five to two.
  private static var fullyConnected: OperatorSketch {
    var parameters = FullyConnectedParameters()
    parameters.activation = ActivationRange(minimum: 0, maximum: 127)
    let layout = ConvolutionWeightLayout(channels: 2, depth: 5)
    return OperatorSketch(
      kind: .fullyConnected,
      inputs: [activation([3, 5])] + packed(layout),
      output: activation([3, 2]), words: parameters.words)
  }

  private static func elementwise(_ kind: OperatorKind) -> OperatorSketch {
    var parameters = ElementwiseParameters()
    parameters.output = half
    parameters.activation = ActivationRange(minimum: -128, maximum: 127)
    if kind != .multiply {
      (parameters.first, parameters.second, parameters.leftShift) = (half, half, 20)
    }
    return OperatorSketch(
      kind: kind, inputs: [activation([2, 3]), activation([3])], output: activation([2, 3]),
      words: parameters.words)
  }

  /// Every second row, backwards, and two columns of the middle.
  private static var slice: OperatorSketch {
    var parameters = SliceParameters()
    (parameters[begin: 0], parameters[step: 0], parameters[size: 0]) = (3, -2, 2)
    (parameters[begin: 1], parameters[step: 1], parameters[size: 1]) = (1, 1, 2)
    return OperatorSketch(
      kind: .slice, inputs: [activation([4, 4])], output: activation([2, 2]),
      words: parameters.words)
  }

  static func packed(_ layout: ConvolutionWeightLayout) -> [ModelSketch.Tensor] {
    let places = (0..<layout.channels).map { channel in
      (0..<layout.runCount).flatMap { run in
        (0..<layout.runLength).map { layout.offset(channel: channel, run: run, index: $0) }
      }
    }
    return packed(places, byteCount: layout.byteCount, .convolutionWeights)
  }

  static func packed(_ layout: DepthwiseWeightLayout) -> [ModelSketch.Tensor] {
    let places = (0..<layout.channels).map { channel in
      (0..<layout.tapCount).map { layout.offset(channel: channel, tap: $0) }
    }
    return packed(places, byteCount: layout.byteCount, .depthwiseWeights)
  }

  /// Weights of −7 to 6 at the places of every channel, and the channel table that fits them.
  private static func packed(
    _ places: [[Int]], byteCount: Int, _ packing: TensorPacking
  ) -> [ModelSketch.Tensor] {
    let layout = ChannelTableLayout(channels: places.count)
    var weights = Array(repeating: UInt8(0), count: byteCount)
    var table = Fields(byteCount: layout.elementCount * 4)
    for (channel, places) in places.enumerated() {
      let values = places.indices.map { ($0 * 5 + channel * 3) % 14 - 7 }
      for (place, value) in zip(places, values) {
        weights[place] = UInt8(truncatingIfNeeded: value)
      }
      let sum = values.reduce(0, +)
      table.set(100 * channel, at: 4 * layout.index(.foldedBias, channel: channel))
      table.set(Int(half.significand), at: 4 * layout.index(.significand, channel: channel))
      table.set(-(channel % 8), at: 4 * layout.index(.shift, channel: channel))
      table.set(sum, at: 4 * layout.index(.weightSum, channel: channel))
    }
    return [
      .constant("weights", [1], weights, packing: packing),
      .constant("channels", [places.count], table.bytes, type: .int32, packing: .channelTable),
    ]
  }
}
