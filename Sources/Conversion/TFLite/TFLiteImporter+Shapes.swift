extension TFLiteImporter {
  /// RESHAPE takes its shape from an operand or an option; what counts is the output's own shape,
  /// which both describe. They may hold a −1, and old files hold stale numbers: TensorFlow Lite
  /// Micro does not look at them, and neither do we. That the contents fit is checked.
  mutating func importReshape(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(1...2)
    let input = try input(site, 0)
    try emit(site, .reshape, [input], [try output(site)])
  }

  mutating func importSqueeze(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(1...1)
    let input = try input(site, 0)
    let source = shape(input)
    var dropped: Set<Int> = []
    if case .squeeze(let dimensions) = site.op.options, !dimensions.isEmpty {
      for dimension in dimensions {
        dropped.insert(try site.axis(Int(dimension), rank: source.count))
      }
      guard dropped.allSatisfy({ source[$0] == 1 }) else {
        throw site.malformed("drops dimensions \(dimensions) of \(source), which are not all 1")
      }
    } else {
      dropped = Set(source.indices.filter { source[$0] == 1 })
    }
    let output = try output(site)
    let expected = source.indices.filter { !dropped.contains($0) }.map { source[$0] }
    try require(site, output, expected)
    try emit(site, .reshape, [input], [output])
  }

  mutating func importExpandDims(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...2)
    let input = try input(site, 0)
    let axes = try integers(site, 1, "axis")
    guard axes.count == 1 else { throw site.malformed("has \(axes.count) axes") }
    var expected = shape(input)
    expected.insert(1, at: try site.axis(axes[0], rank: expected.count + 1))
    let output = try output(site)
    try require(site, output, expected)
    try emit(site, .reshape, [input], [output])
  }

  mutating func importTranspose(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...2)
    let input = try input(site, 0)
    let permutation = try integers(site, 1, "permutation")
    try emit(site, .transpose(permutation: permutation), [input], [try output(site)])
  }

  /// PAD fills with real zero, which is the output's zero point; PADV2 brings a value.
  mutating func importPad(_ site: OperatorSite, hasValue: Bool) throws(ConversionError) {
    try site.requireOperands(hasValue ? 3...3 : 2...2)
    let input = try input(site, 0)
    let rank = shape(input).count
    let paddings = try integers(site, 1, "paddings")
    guard paddings.count == 2 * rank else {
      throw site.malformed("has \(paddings.count) paddings for \(rank) dimensions")
    }
    guard paddings.allSatisfy({ $0 >= 0 }) else {
      throw site.unsupported("has a negative padding")
    }
    let stated = hasValue ? try self.input(site, 2) : nil
    let output = try output(site)
    let value =
      if let stated { try padValue(site, stated, output) } else {
        Int8(truncatingIfNeeded: graph.tensors[output].quantization?.zeroPoints.first ?? 0)
      }
    let payload = Pad(
      before: (0..<rank).map { paddings[2 * $0] }, after: (0..<rank).map { paddings[2 * $0 + 1] },
      value: value)
    try emit(site, .pad(payload), [input], [output])
  }

  private func padValue(
    _ site: OperatorSite, _ index: Int, _ output: Int
  ) throws(ConversionError) -> Int8 {
    let (tensor, result) = (graph.tensors[index], graph.tensors[output])
    guard let constant = tensor.constant else {
      throw site.unsupported("pad value '\(tensor.name)' is computed at run time, not constant")
    }
    guard tensor.type == .int8, constant.count == 1 else {
      throw site.unsupported("pad value '\(tensor.name)' is \(tensor.type) \(tensor.shape)")
    }
    guard let ours = tensor.quantization, let theirs = result.quantization,
      ours.agrees(with: theirs)
    else {
      throw site.unsupported("pad value '\(tensor.name)' has another scale than the output")
    }
    return Int8(bitPattern: constant[0])
  }

  mutating func importConcatenation(_ site: OperatorSite) throws(ConversionError) {
    guard case .concatenation(let axis, let activation) = site.op.options else {
      throw site.wrongOptions
    }
    guard !site.op.inputs.isEmpty else { throw site.malformed("has no inputs") }
    try site.requireOperands(1...Int(UInt16.max))
    // No reference kernel applies an activation here.
    guard try site.activation(activation) == .none else {
      throw site.unsupported("has a fused activation")
    }
    var inputs: [Int] = []
    for position in site.op.inputs.indices { inputs.append(try input(site, position)) }
    let resolved = try site.axis(Int(axis), rank: shape(inputs[0]).count)
    try emit(site, .concatenation(axis: resolved), inputs, [try output(site)])
  }

  private func require(
    _ site: OperatorSite, _ output: Int, _ expected: [Int]
  ) throws(ConversionError) {
    guard shape(output) == expected else {
      throw site.malformed("its output has shape \(shape(output)), but it computes \(expected)")
    }
  }
}
