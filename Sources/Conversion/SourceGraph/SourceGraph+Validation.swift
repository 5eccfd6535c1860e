extension SourceGraph {
  /// As many dimensions as the kernels take; bounds the work of every later stage.
  public static let maximumRank = 6

  /// Every tensor has fewer elements than this, so that products with byte sizes and 32-bit strides
  /// never overflow `Int`, and int32 positions in a tensor never overflow on the device.
  public static let maximumElementCount = 1 << 28

  /// All variables together take at most this much memory; a few bytes can describe any amount.
  public static let maximumVariableByteCount = 1 << 26

  /// Proves what later stages rely on: indices in range, every tensor defined once and before use,
  /// shapes as the operators compute them, types and quantization as `Operation` promises.
  ///
  /// - Throws: the first contradiction, with the operator or tensor it was found at.
  public func validate() throws(ConversionError) {
    for tensor in tensors { try checkTensor(tensor) }
    for variable in variables { try checkVariable(variable) }
    var defined = tensors.map { $0.constant != nil }
    try checkInputs(&defined)
    for op in operators {
      try check(op)
      for case let input? in op.inputs where !defined[input] {
        throw malformed(
          op.place, "reads tensor '\(tensors[input].name)' before anything has computed it")
      }
      for output in op.outputs {
        guard !defined[output] else {
          throw malformed(op.place, "computes tensor '\(tensors[output].name)' a second time")
        }
        defined[output] = true
      }
    }
    try checkOutputs(defined)
  }

  /// Proves that one operator's operands are in range and fit its operation.
  func check(_ op: SourceOperator) throws(ConversionError) {
    for case let index? in op.inputs + op.outputs where !tensors.indices.contains(index) {
      throw malformed(op.place, "refers to tensor \(index) of \(tensors.count)")
    }
    guard Set(op.outputs).count == op.outputs.count else {
      throw malformed(op.place, "names one tensor twice among its outputs")
    }
    try checkArity(op)
    try checkOperands(op)
    try checkShapes(op)
  }

  private func checkArity(_ op: SourceOperator) throws(ConversionError) {
    let (required, allowed) = op.operation.inputCounts
    let outputCount = if case .assignVariable = op.operation { 0 } else { 1 }
    guard allowed.contains(op.inputs.count), op.outputs.count == outputCount,
      op.inputs.prefix(required).allSatisfy({ $0 != nil })
    else {
      throw malformed(
        op.place, "has \(op.inputs.count) data inputs and \(op.outputs.count) outputs")
    }
  }

  func checkTensor(_ tensor: SourceTensor) throws(ConversionError) {
    let place = "tensor \(tensor.fileIndex) '\(tensor.name)'"
    try Self.checkShape(tensor.shape, place: place)
    if let constant = tensor.constant, constant.count != tensor.byteCount {
      throw malformed(
        place,
        "holds \(constant.count) bytes, but \(tensor.type) \(tensor.shape) takes \(tensor.byteCount)"
      )
    }
    if let quantization = tensor.quantization {
      try Self.checkQuantization(
        quantization, type: tensor.type, shape: tensor.shape, place: place)
    }
  }

  private func checkVariable(_ variable: SourceVariable) throws(ConversionError) {
    let place = "variable '\(variable.name)'"
    try Self.checkShape(variable.shape, place: place)
    guard variable.initialValue.count == variable.byteCount else {
      throw malformed(
        place,
        "starts with \(variable.initialValue.count) bytes, but takes \(variable.byteCount)")
    }
    if let quantization = variable.quantization {
      try Self.checkQuantization(
        quantization, type: variable.type, shape: variable.shape, place: place)
    }
  }

  static func checkShape(_ shape: [Int], place: String) throws(ConversionError) {
    guard shape.count <= maximumRank else {
      throw ConversionError(
        .unsupportedOption, place: place, what: "has \(shape.count) dimensions",
        hint: "supported: at most \(maximumRank)")
    }
    var count = 1
    for extent in shape {
      guard extent >= 1 else {
        throw ConversionError(
          .unsupportedOption, place: place, what: "has an extent of \(extent) in shape \(shape)",
          hint: "export the model with a fixed shape in which every extent is at least 1")
      }
      // The running count is below 2²⁸ and so is every extent that is let through: no overflow.
      guard extent < maximumElementCount, count * extent < maximumElementCount else {
        throw ConversionError(
          .unsupportedOption, place: place, what: "shape \(shape) has too many elements",
          hint: "supported: fewer than \(maximumElementCount)")
      }
      count *= extent
    }
  }

  private static func checkQuantization(
    _ quantization: SourceQuantization, type: SourceElementType, shape: [Int], place: String
  ) throws(ConversionError) {
    func malformed(_ what: String) -> ConversionError {
      ConversionError(.malformed, place: place, what: what)
    }
    let scales = quantization.scales
    guard !scales.isEmpty, scales.count == quantization.zeroPoints.count else {
      throw malformed("has \(scales.count) scales and \(quantization.zeroPoints.count) zero points")
    }
    if let scale = scales.first(where: { !$0.isFinite || $0 <= 0 }) {
      throw malformed("has a scale of \(scale)")
    }
    // Wider integers, such as a bias, are quantized symmetrically.
    let range = type.quantizedRange ?? 0...0
    if let zeroPoint = quantization.zeroPoints.first(where: { !range.contains($0) }) {
      throw malformed("has zero point \(zeroPoint), which \(type) cannot hold")
    }
    if quantization.isPerAxis {
      guard shape.indices.contains(quantization.axis) else {
        throw malformed("is quantized along dimension \(quantization.axis) of shape \(shape)")
      }
      guard shape[quantization.axis] == scales.count else {
        throw malformed(
          "has \(scales.count) scales along dimension \(quantization.axis) of shape \(shape)")
      }
    }
  }

  private func checkInputs(_ defined: inout [Bool]) throws(ConversionError) {
    for (position, index) in inputs.enumerated() {
      let place = "graph input \(position)"
      guard tensors.indices.contains(index) else {
        throw malformed(place, "refers to tensor \(index) of \(tensors.count)")
      }
      let tensor = tensors[index]
      guard !defined[index] else {
        throw malformed(place, "'\(tensor.name)' is a constant or is listed twice")
      }
      try checkBorder(tensor, place: place, allowed: [.int8, .uint8, .float32])
      defined[index] = true
    }
  }

  private func checkOutputs(_ defined: [Bool]) throws(ConversionError) {
    guard !outputs.isEmpty else { throw malformed("", "the graph has no outputs") }
    for (position, index) in outputs.enumerated() {
      let place = "graph output \(position)"
      guard tensors.indices.contains(index) else {
        throw malformed(place, "refers to tensor \(index) of \(tensors.count)")
      }
      guard defined[index] else {
        throw malformed(place, "'\(tensors[index].name)' is never computed")
      }
      try checkBorder(
        tensors[index], place: place, allowed: [.int8, .uint8, .float32, .int32, .int64])
    }
  }

  /// A tensor that callers see must have a type they can fill and, where it is quantized, a map to
  /// real numbers.
  private func checkBorder(
    _ tensor: SourceTensor, place: String, allowed: [SourceElementType]
  ) throws(ConversionError) {
    guard allowed.contains(tensor.type) else {
      throw ConversionError(
        .unsupportedOption, place: place, what: "'\(tensor.name)' is \(tensor.type)",
        hint: "supported: \(allowed.map(\.rawValue).joined(separator: ", "))")
    }
    guard tensor.type.quantizedRange == nil || tensor.quantization?.isPerAxis == false else {
      throw ConversionError(
        .malformed, place: place,
        what: "'\(tensor.name)' is \(tensor.type) without a single scale and zero point")
    }
  }
}

extension Operation {
  /// How many data operands the operation needs, and how many it can have.
  var inputCounts: (required: Int, allowed: ClosedRange<Int>) {
    switch self {
    case .convolution2D, .depthwiseConvolution2D, .fullyConnected: (2, 2...3)
    case .add, .subtract, .multiply, .maximum, .minimum: (2, 2...2)
    case .concatenation: (.max, 1...Int(UInt16.max))
    case .readVariable: (0, 0...0)
    case .averagePool2D, .maxPool2D, .mean, .reshape, .transpose, .pad, .slice, .softmax,
      .logistic, .tanh, .relu, .relu6, .leakyRelu, .hardSwish, .argMax, .quantize, .dequantize,
      .assignVariable:
      (1, 1...1)
    }
  }
}
