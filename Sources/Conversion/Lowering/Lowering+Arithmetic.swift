import FixedPoint
import ModelFormat

extension Lowering {
  mutating func lowerPool(
    _ layer: SourceOperator, _ options: Pool2D, _ kind: OperatorKind
  ) throws(ConversionError) {
    var window = try window(
      of: layer, filter: options.filter, strides: options.strides,
      dilations: Extent2D(height: 1, width: 1), padding: options.padding)
    window.activation = try activationRange(options.activation, of: layer)
    try emit(kind, layer, words: window.words)
  }

  mutating func lowerMean(_ layer: SourceOperator, _ options: Mean) throws(ConversionError) {
    let shape = source.tensors[try operand(0, of: layer)].shape
    let input = try quantization(of: operand(0, of: layer), layer)
    let output = try quantization(of: layer.outputs[0], layer)
    _ = try multiplier(Double(input.scale) / Double(output.scale), layer)
    let count = options.axes.reduce(1) { $0 * shape[$1] }
    // 2^23 elements of at most 255: the sum fits 31 bits.
    guard count < 1 << 23 else {
      throw ConversionError(
        .unsupportedOption, place: layer.place, what: "a mean over \(count) elements",
        hint: "at most \((1 << 23) - 1) are supported")
    }
    let scaling = QuantizedMultiplier(
      meanOf: count, inputScale: input.scale, outputScale: output.scale)
    var parameters = MeanParameters()
    parameters.multiplier = MultiplierWords(scaling)
    parameters.axes = options.axes.reduce(0) { $0 | 1 << UInt32($1) }
    try emit(.mean, layer, words: parameters.words)
  }

  mutating func lowerSum(
    _ layer: SourceOperator, _ activation: FusedActivation, _ kind: OperatorKind
  ) throws(ConversionError) {
    let first = try quantization(of: operand(0, of: layer), layer)
    let second = try quantization(of: operand(1, of: layer), layer)
    let output = try quantization(of: layer.outputs[0], layer)
    let scaling = SumScaling(
      firstScale: first.scale, secondScale: second.scale, outputScale: output.scale)
    guard let scaling else {
      throw ConversionError(
        .unsupportedOption, place: layer.place,
        what: "the output scale \(output.scale) is too small for the input scales "
          + "\(first.scale) and \(second.scale)",
        hint: "calibrate the model with representative data and quantize it again")
    }
    var parameters = ElementwiseParameters()
    parameters.first = MultiplierWords(scaling.first)
    parameters.second = MultiplierWords(scaling.second)
    parameters.output = MultiplierWords(scaling.output)
    parameters.leftShift = Int(SumScaling.leftShift)
    parameters.activation = try activationRange(activation, of: layer)
    try emit(kind, layer, words: parameters.words)
  }

  mutating func lowerProduct(
    _ layer: SourceOperator, _ activation: FusedActivation
  ) throws(ConversionError) {
    let first = try quantization(of: operand(0, of: layer), layer)
    let second = try quantization(of: operand(1, of: layer), layer)
    let output = try quantization(of: layer.outputs[0], layer)
    let real = productMultiplier(
      firstScale: first.scale, secondScale: second.scale, outputScale: output.scale)
    var parameters = ElementwiseParameters()
    parameters.output = MultiplierWords(try multiplier(real, layer))
    parameters.activation = try activationRange(activation, of: layer)
    try emit(.multiply, layer, words: parameters.words)
  }

  mutating func lowerSoftmax(_ layer: SourceOperator, beta: Float) throws(ConversionError) {
    let input = try quantization(of: operand(0, of: layer), layer)
    guard let scaling = SoftmaxScaling(inputScale: input.scale, beta: beta) else {
      throw ConversionError(
        .unsupportedOption, place: layer.place,
        what: "beta (\(beta)) times the input scale (\(input.scale)) is too small",
        hint: "it must be more than 2^-26")
    }
    let shape = source.tensors[try operand(0, of: layer)].shape
    // The sum of exponentials in Q12.19 holds 4,095 terms.
    guard (shape.last ?? 1) < 4096 else {
      throw ConversionError(
        .unsupportedOption, place: layer.place,
        what: "softmax over \(shape.last ?? 1) values", hint: "at most 4095 are supported")
    }
    var parameters = SoftmaxParameters()
    parameters.multiplier = MultiplierWords(scaling.multiplier)
    parameters.smallestDifference = scaling.smallestDifference
    try emit(.softmax, layer, words: parameters.words)
  }
}
