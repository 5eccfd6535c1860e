extension SourceGraph {
  /// Proves that the operands have the types and the quantization the operation is computed with.
  ///
  /// Where TensorFlow Lite Micro ignores a scale that the TensorFlow Lite quantization
  /// specification fixes (it copies or compares the stored bytes), a model that breaks the
  /// specification would silently compute something else than it was trained for: it is refused.
  func checkOperands(_ op: SourceOperator) throws(ConversionError) {
    switch op.operation {
    case .convolution2D:
      try checkWeightedSum(op, outputAxis: 0)
    case .depthwiseConvolution2D:
      try checkWeightedSum(op, outputAxis: 3)
    case .fullyConnected:
      try checkWeightedSum(op, outputAxis: 0)
      try checkBiasScale(op)
    case .averagePool2D, .maxPool2D, .transpose, .pad, .slice, .maximum, .minimum, .concatenation,
      .relu6:
      try requireInt8(op)
      try requireSameQuantization(op)
    case .add, .subtract:
      try requireInt8(op)
      try checkSumScales(op)
    case .multiply, .mean, .relu, .leakyRelu:
      try requireInt8(op)
    case .hardSwish:
      try requireInt8(op)
      guard input(op, 0).scaleOrOne / output(op).scaleOrOne < 128 else {
        throw unsupported(
          op, "output scale is less than 1/128 of input scale \(input(op, 0).scaleOrOne)")
      }
    case .softmax(let beta):
      try requireInt8(op)
      try requireOutputQuantization(op, scale: 1 / 256, zeroPoint: -128)
      // The fixed-point exponential needs scale × beta × 2²⁶ > 1; less is a constant output.
      guard beta.isFinite, Double(beta) * Double(input(op, 0).scaleOrOne) * 0x1p26 > 1 else {
        throw unsupported(op, "beta is \(beta) at input scale \(input(op, 0).scaleOrOne)")
      }
    case .logistic:
      try requireInt8(op)
      try requireOutputQuantization(op, scale: 1 / 256, zeroPoint: -128)
    case .tanh:
      try requireInt8(op)
      try requireOutputQuantization(op, scale: 1 / 128, zeroPoint: 0)
    case .reshape:
      try checkReshapeTypes(op)
    case .argMax:
      try requireInt8(op, input(op, 0), "input")
      guard output(op).type == .int32 || output(op).type == .int64 else {
        throw unsupported(op, "output is \(output(op).type)")
      }
    case .quantize:
      try checkTypes(op, [(.int8, .int8), (.int8, .uint8), (.uint8, .int8), (.float32, .int8)])
    case .dequantize:
      try checkTypes(op, [(.int8, .float32), (.uint8, .float32)])
    case .readVariable(let index):
      try requireInt8(op, output(op), "output")
      try requireVariableQuantization(op, output(op), variable: index)
    case .assignVariable(let index):
      try requireInt8(op, input(op, 0), "input")
      try requireVariableQuantization(op, input(op, 0), variable: index)
    }
  }

  // MARK: - Operations with weights

  private func checkWeightedSum(
    _ op: SourceOperator, outputAxis: Int
  ) throws(ConversionError) {
    try requireInt8(op, input(op, 0), "input")
    let weights = input(op, 1)
    guard weights.type == .int8 else {
      throw unsupported(op, "weights '\(weights.name)' are \(weights.type)")
    }
    guard weights.constant != nil else {
      throw unsupported(op, "weights '\(weights.name)' are not constant")
    }
    guard let quantization = weights.quantization else {
      throw malformed(op.place, "weights '\(weights.name)' have no scale")
    }
    guard quantization.zeroPoints.allSatisfy({ $0 == 0 }) else {
      throw unsupported(op, "weights '\(weights.name)' have a zero point other than 0")
    }
    guard !quantization.isPerAxis || quantization.axis == outputAxis else {
      throw unsupported(
        op,
        "weights '\(weights.name)' are quantized along dimension \(quantization.axis), "
          + "not \(outputAxis)")
    }
    if op.inputs.count == 3, let index = op.inputs[2] {
      let bias = tensors[index]
      guard bias.type == .int32, bias.constant != nil else {
        throw unsupported(op, "bias '\(bias.name)' is not a constant of int32")
      }
      // The bias bytes are added as they are; a zero point would be lost.
      guard bias.quantization?.zeroPoints.allSatisfy({ $0 == 0 }) ?? true else {
        throw unsupported(op, "bias '\(bias.name)' has a zero point other than 0")
      }
    }
    try requireInt8(op, output(op), "output")
  }

  /// A bias is stored in units of input scale × weight scale. TensorFlow Lite Micro checks this for
  /// fully connected layers with one weight scale only, and so do we: elsewhere the stored scale is
  /// not used, and converters are known to leave it rounded.
  private func checkBiasScale(_ op: SourceOperator) throws(ConversionError) {
    guard op.inputs.count == 3, let index = op.inputs[2], let weights = input(op, 1).quantization,
      let bias = tensors[index].quantization, !weights.isPerAxis
    else { return }
    let product = Double(input(op, 0).scaleOrOne) * Double(weights.scale)
    let difference = abs(product - Double(bias.scale))
    guard difference / Double(output(op).scaleOrOne) <= 0.02 else {
      throw malformed(
        op.place,
        "bias '\(tensors[index].name)' has scale \(bias.scale), but input scale × weight scale is "
          + "\(product)")
    }
  }

  // MARK: - Rules shared by several operations

  /// Every operand that is present, and the output, must be int8 with one scale.
  private func requireInt8(_ op: SourceOperator) throws(ConversionError) {
    for (position, index) in op.inputs.enumerated() {
      guard let index else { continue }
      try requireInt8(op, tensors[index], op.inputs.count == 1 ? "input" : "input \(position)")
    }
    try requireInt8(op, output(op), "output")
  }

  private func requireInt8(
    _ op: SourceOperator, _ tensor: SourceTensor, _ role: String
  ) throws(ConversionError) {
    guard tensor.type == .int8 else { throw notInt8(op, tensor, role) }
    try requireScale(op, tensor, role)
  }

  private func requireScale(
    _ op: SourceOperator, _ tensor: SourceTensor, _ role: String
  ) throws(ConversionError) {
    guard let quantization = tensor.quantization else {
      throw malformed(op.place, "\(role) '\(tensor.name)' is \(tensor.type) without a scale")
    }
    guard !quantization.isPerAxis else {
      throw unsupported(op, "\(role) '\(tensor.name)' has more than one scale")
    }
  }

  private func requireSameQuantization(_ op: SourceOperator) throws(ConversionError) {
    for case let index? in op.inputs {
      try requireSameQuantization(op, tensors[index].quantization, output(op).quantization)
    }
  }

  private func requireSameQuantization(
    _ op: SourceOperator, _ a: SourceQuantization?, _ b: SourceQuantization?
  ) throws(ConversionError) {
    guard let a, let b, !a.agrees(with: b) else { return }
    throw ConversionError(
      .unsupportedOption, place: op.place,
      what: "takes scale \(a.scale), zero point \(a.zeroPoint) and gives scale \(b.scale), "
        + "zero point \(b.zeroPoint), but it moves stored values unchanged",
      hint: "supported: \(op.builtinName) with one quantization for inputs and output; "
        + "convert the model again with a current TensorFlow")
  }

  private func requireVariableQuantization(
    _ op: SourceOperator, _ tensor: SourceTensor, variable index: Int
  ) throws(ConversionError) {
    guard variables.indices.contains(index) else { return }
    try requireSameQuantization(op, tensor.quantization, variables[index].quantization)
  }

  private func requireOutputQuantization(
    _ op: SourceOperator, scale: Float, zeroPoint: Int32
  ) throws(ConversionError) {
    guard let stated = output(op).quantization, stated.scale == scale,
      stated.zeroPoint == zeroPoint
    else {
      throw unsupported(
        op,
        "output has scale \(output(op).scaleOrOne), "
          + "zero point \(output(op).quantization?.zeroPoint ?? 0), not \(scale) and \(zeroPoint)")
    }
  }

  /// Sums are formed with 20 extra bits; the way back must be a factor below 1.
  private func checkSumScales(_ op: SourceOperator) throws(ConversionError) {
    let larger = Double(max(input(op, 0).scaleOrOne, input(op, 1).scaleOrOne))
    let factor = 2 * larger / (0x1p20 * Double(output(op).scaleOrOne))
    guard factor < 1 else {
      throw unsupported(
        op, "output scale \(output(op).scaleOrOne) is too small for input scale \(larger)")
    }
  }

  private func checkReshapeTypes(_ op: SourceOperator) throws(ConversionError) {
    let (source, result) = (input(op, 0), output(op))
    guard source.type == result.type, source.type != .bool, source.type != .int16 else {
      throw unsupported(op, "turns \(source.type) into \(result.type)")
    }
    guard source.type.quantizedRange != nil else { return }
    try requireScale(op, source, "input")
    try requireScale(op, result, "output")
    try requireSameQuantization(op)
  }

  private func checkTypes(
    _ op: SourceOperator, _ allowed: [(SourceElementType, SourceElementType)]
  ) throws(ConversionError) {
    let (source, result) = (input(op, 0), output(op))
    guard allowed.contains(where: { $0 == (source.type, result.type) }) else {
      throw unsupported(op, "turns \(source.type) into \(result.type)")
    }
    if source.type.quantizedRange != nil { try requireScale(op, source, "input") }
    if result.type.quantizedRange != nil { try requireScale(op, result, "output") }
  }

  // MARK: - Operands

  private func input(_ op: SourceOperator, _ position: Int) -> SourceTensor {
    // `checkArity` has shown that required operands are present.
    tensors[op.inputs[position] ?? 0]
  }

  private func output(_ op: SourceOperator) -> SourceTensor { tensors[op.outputs[0]] }
}

extension SourceTensor {
  /// The tensor's scale, or 1 where it has none.
  var scaleOrOne: Float { quantization?.scale ?? 1 }
}

extension SourceQuantization {
  /// True where two tensors store the same real number as the same integer.
  ///
  /// Scales may differ by 10⁻⁶, as TensorFlow Lite Micro allows between a pooling's input and
  /// output, or by as much relative to a scale above 1.
  func agrees(with other: SourceQuantization) -> Bool {
    guard scales.count == other.scales.count, zeroPoints == other.zeroPoints else { return false }
    return zip(scales, other.scales).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, $0) }
  }
}
