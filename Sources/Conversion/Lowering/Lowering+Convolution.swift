import FixedPoint
import ModelFormat

extension Lowering {
  mutating func lowerConvolution(
    _ layer: SourceOperator, _ options: Convolution2D
  ) throws(ConversionError) {
    let input = source.tensors[try operand(0, of: layer)]
    let weights = source.tensors[try operand(1, of: layer)]
    var window = try window(
      of: layer, filter: options.filter, strides: options.strides, dilations: options.dilations,
      padding: options.padding)
    window.groupDepth = weights.shape[3]
    window.activation = try activationRange(options.activation, of: layer)
    let layout = ConvolutionWeightLayout(
      channels: weights.shape[0], window: window, inputDepth: input.shape[3])
    let perChannel = weights.shape[1...].reduce(1, *)
    let packing = WeightPacking(
      kind: .convolutionWeights, byteCount: layout.byteCount, channels: layout.channels,
      perChannel: perChannel,
      source: { channel, element in channel * perChannel + element },
      target: { channel, element in
        let (run, index) = element.quotientAndRemainder(dividingBy: layout.runLength)
        return layout.offset(channel: channel, run: run, index: index)
      })
    try appendWeighted(
      .convolution2D, layer, weights, packing, activation: window.activation, words: window.words)
  }

  mutating func lowerDepthwise(
    _ layer: SourceOperator, _ options: DepthwiseConvolution2D
  ) throws(ConversionError) {
    let weights = source.tensors[try operand(1, of: layer)]
    var window = try window(
      of: layer, filter: options.filter, strides: options.strides, dilations: options.dilations,
      padding: options.padding)
    window.depthMultiplier = options.depthMultiplier
    window.activation = try activationRange(options.activation, of: layer)
    let channels = weights.shape[3]
    let taps = options.filter.height * options.filter.width
    let layout = DepthwiseWeightLayout(channels: channels, tapCount: taps)
    let packing = WeightPacking(
      kind: .depthwiseWeights, byteCount: layout.byteCount, channels: channels, perChannel: taps,
      source: { channel, tap in tap * channels + channel },
      target: { channel, tap in layout.offset(channel: channel, tap: tap) })
    try appendWeighted(
      .depthwiseConvolution2D, layer, weights, packing, activation: window.activation,
      words: window.words)
  }

  mutating func lowerFullyConnected(
    _ layer: SourceOperator, _ options: FullyConnected
  ) throws(ConversionError) {
    let weights = source.tensors[try operand(1, of: layer)]
    let (channels, depth) = (weights.shape[0], weights.shape[1])
    var parameters = FullyConnectedParameters()
    parameters.activation = try activationRange(options.activation, of: layer)
    let layout = ConvolutionWeightLayout(channels: channels, depth: depth)
    let packing = WeightPacking(
      kind: .convolutionWeights, byteCount: layout.byteCount, channels: channels, perChannel: depth,
      source: { channel, index in channel * depth + index },
      target: { channel, index in layout.offset(channel: channel, run: 0, index: index) })
    try appendWeighted(
      .fullyConnected, layer, weights, packing, activation: parameters.activation,
      words: parameters.words)
  }

  /// Adds an operator with packed weights and the channel table beside them.
  private mutating func appendWeighted(
    _ kind: OperatorKind, _ layer: SourceOperator, _ weights: SourceTensor,
    _ packing: WeightPacking, activation: ActivationRange, words: OperatorWords
  ) throws(ConversionError) {
    let input = source.tensors[try operand(0, of: layer)]
    let output = try quantization(of: layer.outputs[0], layer)
    let biases = try bias(of: layer, channels: packing.channels)
    let layout = ChannelTableLayout(channels: packing.channels)
    var table = [Int32](repeating: 0, count: layout.elementCount)
    var packed = [UInt8](repeating: 0, count: packing.byteCount)
    for channel in 0..<packing.channels {
      var constants = try channelConstants(
        packing.weights(of: channel, in: weights), bias: biases[channel],
        zeroPoint: input.quantization?.zeroPoint ?? 0, layer: layer, channel: channel)
      constants.settle(outputZeroPoint: output.zeroPoint, activation: activation)
      for (element, weight) in constants.weights.enumerated() {
        packed[packing.target(channel, element)] = UInt8(bitPattern: weight)
      }
      table[layout.index(.foldedBias, channel: channel)] = constants.foldedBias
      table[layout.index(.significand, channel: channel)] = constants.multiplier.significand
      table[layout.index(.shift, channel: channel)] = constants.multiplier.shift
      table[layout.index(.weightSum, channel: channel)] = constants.weightSum
    }
    let weightTensor = addConstant(
      name: weights.name, type: .int8, shape: weights.shape, bytes: packed, packing: packing.kind)
    let tableTensor = addConstant(
      name: "\(layer.name)/channels", type: .int32, shape: [packing.channels, 4],
      bytes: table.flatMap { littleEndian(UInt32(bitPattern: $0)) }, packing: .channelTable)
    append(
      kind, layer,
      inputs: [try tensor(operand(0, of: layer)), weightTensor, tableTensor],
      output: try tensor(layer.outputs[0]), words: words)
  }

  /// The factor from accumulator to output of one channel.
  private func channelMultiplier(
    _ layer: SourceOperator, channel: Int
  ) throws(ConversionError) -> QuantizedMultiplier {
    let input = try quantization(of: operand(0, of: layer), layer)
    let output = try quantization(of: layer.outputs[0], layer)
    let weightTensor = source.tensors[try operand(1, of: layer)]
    guard let weights = weightTensor.quantization else {
      throw missingQuantization(of: weightTensor, layer)
    }
    let real = dotProductMultiplier(
      inputScale: input.scale,
      weightScale: weights.isPerAxis ? weights.scales[channel] : weights.scale,
      outputScale: output.scale)
    return try multiplier(real, layer)
  }

  /// The biases of `layer`, zeros where it has none.
  private func bias(
    of layer: SourceOperator, channels: Int
  ) throws(ConversionError) -> [Int32] {
    guard layer.inputs.count > 2, let index = layer.inputs[2],
      let bytes = source.tensors[index].constant
    else { return Array(repeating: 0, count: channels) }
    return (0..<channels).map { channel in
      let base = channel * 4
      return Int32(bytes[base]) | Int32(bytes[base + 1]) << 8 | Int32(bytes[base + 2]) << 16
        | Int32(Int8(bitPattern: bytes[base + 3])) << 24
    }
  }

  /// What an output channel's accumulator is made of, after a check that it cannot overflow
  /// (numerics, equations 7 and 8).
  private func channelConstants(
    _ weights: [Int8], bias: Int32, zeroPoint: Int32, layer: SourceOperator, channel: Int
  ) throws(ConversionError) -> ChannelConstants {
    var (sum, magnitude): (Int64, Int64) = (0, 0)
    for weight in weights {
      sum += Int64(weight)
      magnitude += abs(Int64(weight))
    }
    let folded = Int64(bias) - Int64(zeroPoint) * sum
    // |x − zero point| ≤ 255 bounds the reference's accumulator, |x| ≤ 128 the folded one.
    guard magnitude * 255 + abs(Int64(bias)) <= Int64(Int32.max),
      magnitude * 128 + abs(folded) <= Int64(Int32.max)
    else {
      throw ConversionError(
        .unsupportedOption, place: layer.place,
        what: "the 32-bit accumulator of output channel \(channel) can overflow",
        hint: "the bias (\(bias)) is out of proportion to the weights; quantize the model again")
    }
    return ChannelConstants(
      weights: weights, foldedBias: Int32(folded), weightSum: Int32(sum),
      multiplier: try channelMultiplier(layer, channel: channel))
  }
}

extension Lowering {
  /// A window of the given size, moved by `strides` over an image with `padding` around it.
  func window(
    of layer: SourceOperator, filter: Extent2D, strides: Extent2D, dilations: Extent2D,
    padding: Padding2D
  ) throws(ConversionError) -> WindowParameters {
    let largest = [filter, strides, dilations].map { max($0.height, $0.width) }
      .reduce(max(padding.top, padding.left), max)
    guard largest <= Layout.Limits.windowParameter else {
      throw ConversionError(
        .unsupportedOption, place: layer.place,
        what: "a window size, stride, dilation or padding of \(largest)",
        hint: "at most \(Layout.Limits.windowParameter) is supported")
    }
    var window = WindowParameters()
    (window.kernelHeight, window.kernelWidth) = (filter.height, filter.width)
    (window.strideHeight, window.strideWidth) = (strides.height, strides.width)
    (window.dilationHeight, window.dilationWidth) = (dilations.height, dilations.width)
    (window.paddingTop, window.paddingLeft) = (padding.top, padding.left)
    return window
  }
}

/// The four bytes of `value`, lowest first.
func littleEndian(_ value: UInt32) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
