extension SourceGraph {
  /// Proves that the output has the shape the operation computes from its inputs and payload.
  ///
  /// A file states every shape, and may lie; kernels and the memory plan take shapes from here.
  func checkShapes(_ op: SourceOperator) throws(ConversionError) {
    let inputs = op.inputs.map { $0.map { tensors[$0].shape } }
    switch op.operation {
    case .convolution2D(let payload):
      try checkConvolution(op, payload)
    case .depthwiseConvolution2D(let payload):
      try checkDepthwiseConvolution(op, payload)
    case .fullyConnected(let payload):
      try checkFullyConnected(op, payload)
    case .averagePool2D(let payload), .maxPool2D(let payload):
      let image = try imageShape(op, 0)
      let window = Window(payload.filter, payload.strides, Extent2D(height: 1, width: 1))
      let extent = try outputExtent(op, image: image, window: window, padding: payload.padding)
      try requireOutput(op, [1, extent.height, extent.width, image[3]])
    case .mean(let payload):
      try checkMean(op, payload)
    case .add, .subtract, .multiply, .maximum, .minimum:
      guard let a = inputs[0], let b = inputs[1], let shape = Self.broadcast(a, b) else {
        throw malformed(
          op.place, "inputs of shapes \(inputs[0] ?? []) and \(inputs[1] ?? []) do not broadcast")
      }
      try requireOutput(op, shape)
    case .reshape:
      let input = tensors[op.inputs[0] ?? 0]
      let output = tensors[op.outputs[0]]
      guard input.elementCount == output.elementCount else {
        throw malformed(
          op.place, "turns shape \(input.shape) into \(output.shape), which has other contents")
      }
    case .transpose(let permutation):
      let shape = inputs[0] ?? []
      guard permutation.sorted() == Array(shape.indices) else {
        throw malformed(op.place, "permutation \(permutation) does not fit shape \(shape)")
      }
      try requireOutput(op, permutation.map { shape[$0] })
    case .pad(let payload):
      let shape = inputs[0] ?? []
      guard payload.before.count == shape.count, payload.after.count == shape.count,
        (payload.before + payload.after).allSatisfy({ (0..<Self.maximumElementCount).contains($0) })
      else {
        throw malformed(
          op.place, "paddings \(payload.before) and \(payload.after) do not fit shape \(shape)")
      }
      try requireOutput(
        op, shape.indices.map { payload.before[$0] + shape[$0] + payload.after[$0] })
    case .concatenation(let axis):
      try checkConcatenation(op, axis: axis)
    case .slice(let payload):
      try checkSlice(op, payload)
    case .softmax, .logistic, .tanh, .relu, .relu6, .leakyRelu, .hardSwish, .quantize, .dequantize:
      if case .softmax = op.operation, inputs[0]?.isEmpty == true {
        throw malformed(op.place, "has a scalar input, which has no last dimension")
      }
      try requireOutput(op, inputs[0] ?? [])
    case .argMax(let axis):
      var shape = inputs[0] ?? []
      try checkAxis(op, axis, rank: shape.count)
      shape.remove(at: axis)
      try requireOutput(op, shape)
    case .readVariable(let index):
      try checkVariableAccess(op, index, tensor: op.outputs[0])
    case .assignVariable(let index):
      try checkVariableAccess(op, index, tensor: op.inputs[0] ?? 0)
    }
  }

  /// The shape both operands stretch to when extents of 1 repeat, aligned at the last dimension.
  static func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
    let rank = max(a.count, b.count)
    let left = Array(repeating: 1, count: rank - a.count) + a
    let right = Array(repeating: 1, count: rank - b.count) + b
    var shape: [Int] = []
    for (x, y) in zip(left, right) {
      guard x == y || x == 1 || y == 1 else { return nil }
      shape.append(max(x, y))
    }
    return shape
  }

  func requireOutput(_ op: SourceOperator, _ expected: [Int]) throws(ConversionError) {
    let stated = tensors[op.outputs[0]].shape
    guard stated == expected else {
      throw malformed(op.place, "its output has shape \(stated), but it computes \(expected)")
    }
  }

  private func checkAxis(_ op: SourceOperator, _ axis: Int, rank: Int) throws(ConversionError) {
    guard (0..<rank).contains(axis) else {
      throw malformed(op.place, "axis \(axis) does not exist in \(rank) dimensions")
    }
  }

  private func checkMean(_ op: SourceOperator, _ payload: Mean) throws(ConversionError) {
    let shape = tensors[op.inputs[0] ?? 0].shape
    guard !payload.axes.isEmpty, Set(payload.axes).sorted() == payload.axes else {
      throw malformed(op.place, "axes \(payload.axes) are not an ascending list")
    }
    for axis in payload.axes { try checkAxis(op, axis, rank: shape.count) }
    let reduced = shape.enumerated().map { payload.axes.contains($0) ? 1 : $1 }
    let kept = reduced.enumerated().filter { !payload.axes.contains($0.offset) }.map(\.element)
    try requireOutput(op, payload.keepDimensions ? reduced : kept)
  }

  private func checkConcatenation(_ op: SourceOperator, axis: Int) throws(ConversionError) {
    let shapes = op.inputs.map { tensors[$0 ?? 0].shape }
    var result = shapes[0]
    try checkAxis(op, axis, rank: result.count)
    for shape in shapes.dropFirst() {
      guard shape.count == result.count,
        shape.indices.allSatisfy({ $0 == axis || shape[$0] == result[$0] })
      else {
        throw malformed(op.place, "joins shapes \(shapes[0]) and \(shape) along axis \(axis)")
      }
      result[axis] += shape[axis]
    }
    try requireOutput(op, result)
  }

  private func checkSlice(_ op: SourceOperator, _ slice: Slice) throws(ConversionError) {
    let shape = tensors[op.inputs[0] ?? 0].shape
    let rank = shape.count
    guard slice.begin.count == rank, slice.stride.count == rank, slice.size.count == rank else {
      throw malformed(op.place, "selects from \(slice.begin.count) dimensions of \(rank)")
    }
    for (dimension, extent) in shape.enumerated() {
      let (begin, stride, size) =
        (slice.begin[dimension], slice.stride[dimension], slice.size[dimension])
      // With size ≤ extent < 2²⁸ and |stride| ≤ 2³¹ the last position fits `Int`.
      guard (0..<extent).contains(begin), (1...extent).contains(size), stride != 0,
        stride.magnitude <= 1 << 31, (0..<extent).contains(begin + (size - 1) * stride)
      else {
        throw malformed(
          op.place,
          "selects \(size) elements from \(begin) by \(stride) in dimension \(dimension) of \(shape)"
        )
      }
    }
    let stated = tensors[op.outputs[0]].shape
    guard stated.filter({ $0 != 1 }) == slice.size.filter({ $0 != 1 }) else {
      throw malformed(op.place, "its output has shape \(stated), but it selects \(slice.size)")
    }
  }

  private func checkVariableAccess(
    _ op: SourceOperator, _ index: Int, tensor: Int
  ) throws(ConversionError) {
    guard variables.indices.contains(index) else {
      throw malformed(op.place, "refers to variable \(index) of \(variables.count)")
    }
    let variable = variables[index]
    guard variable.shape == tensors[tensor].shape, variable.type == tensors[tensor].type else {
      throw malformed(
        op.place,
        "moves \(tensors[tensor].type) \(tensors[tensor].shape), but variable '\(variable.name)' "
          + "holds \(variable.type) \(variable.shape)")
    }
  }
}
