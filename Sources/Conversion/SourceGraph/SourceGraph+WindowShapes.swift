/// A filter or pooling window: what it covers and how it moves.
struct Window {
  let filter: Extent2D
  let strides: Extent2D
  let dilations: Extent2D

  init(_ filter: Extent2D, _ strides: Extent2D, _ dilations: Extent2D) {
    self.filter = filter
    self.strides = strides
    self.dilations = dilations
  }
}

extension SourceGraph {
  /// Cells from the first to the last that a window touches, in either direction or in one place.
  private static let maximumReach = 1 << 30

  func checkConvolution(
    _ op: SourceOperator, _ payload: Convolution2D
  ) throws(ConversionError) {
    let image = try imageShape(op, 0)
    let weights = tensors[op.inputs[1] ?? 0].shape
    guard weights.count == 4, payload.filter == Extent2D(height: weights[1], width: weights[2])
    else {
      throw malformed(
        op.place, "weights of shape \(weights) are not [outputs, height, width, inputs]")
    }
    guard (1...image[3]).contains(payload.groups), weights[3] * payload.groups == image[3],
      weights[0] % payload.groups == 0
    else {
      throw malformed(
        op.place, "weights of shape \(weights) do not fit an image of \(image[3]) channels")
    }
    let window = Window(payload.filter, payload.strides, payload.dilations)
    let extent = try outputExtent(op, image: image, window: window, padding: payload.padding)
    try checkBias(op, outputs: weights[0])
    try requireOutput(op, [1, extent.height, extent.width, weights[0]])
  }

  func checkDepthwiseConvolution(
    _ op: SourceOperator, _ payload: DepthwiseConvolution2D
  ) throws(ConversionError) {
    let image = try imageShape(op, 0)
    let weights = tensors[op.inputs[1] ?? 0].shape
    guard weights.count == 4, weights[0] == 1,
      payload.filter == Extent2D(height: weights[1], width: weights[2])
    else {
      throw malformed(op.place, "weights of shape \(weights) are not [1, height, width, outputs]")
    }
    guard (1..<Self.maximumElementCount).contains(payload.depthMultiplier),
      weights[3] == image[3] * payload.depthMultiplier
    else {
      throw malformed(
        op.place,
        "weights of shape \(weights) do not fit an image of \(image[3]) channels "
          + "with depth multiplier \(payload.depthMultiplier)")
    }
    let window = Window(payload.filter, payload.strides, payload.dilations)
    let extent = try outputExtent(op, image: image, window: window, padding: payload.padding)
    try checkBias(op, outputs: weights[3])
    try requireOutput(op, [1, extent.height, extent.width, weights[3]])
  }

  func checkFullyConnected(
    _ op: SourceOperator, _ payload: FullyConnected
  ) throws(ConversionError) {
    let input = tensors[op.inputs[0] ?? 0]
    let weights = tensors[op.inputs[1] ?? 0].shape
    let output = tensors[op.outputs[0]]
    guard weights.count == 2 else {
      throw malformed(op.place, "weights of shape \(weights) are not [outputs, inputs]")
    }
    guard (1...input.elementCount).contains(payload.rows),
      payload.rows * weights[1] == input.elementCount
    else {
      throw malformed(
        op.place, "an input of shape \(input.shape) is not a list of vectors of \(weights[1])")
    }
    try checkBias(op, outputs: weights[0])
    if payload.keepNumDims, input.shape.last == weights[1] {
      try requireOutput(op, input.shape.dropLast() + [weights[0]])
    } else {
      // Converters write the folded leading dimensions in more than one way; the order of the
      // elements is the same in all of them.
      guard output.shape.last == weights[0], output.elementCount == payload.rows * weights[0] else {
        throw malformed(
          op.place,
          "its output has shape \(output.shape), but it computes \([payload.rows, weights[0]])")
      }
    }
  }

  /// The shape of an image operand: four dimensions, the first of them 1.
  func imageShape(_ op: SourceOperator, _ position: Int) throws(ConversionError) -> [Int] {
    let shape = tensors[op.inputs[position] ?? 0].shape
    guard shape.count == 4 else {
      throw malformed(op.place, "its input has shape \(shape), not [1, height, width, channels]")
    }
    guard shape[0] == 1 else {
      throw ConversionError(
        .unsupportedOption, place: op.place, what: "its input has batch size \(shape[0])",
        hint: "supported: batch 1; export the model with a batch size of 1")
    }
    return shape
  }

  /// How often a window fits into a padded image.
  func outputExtent(
    _ op: SourceOperator, image: [Int], window: Window, padding: Padding2D
  ) throws(ConversionError) -> Extent2D {
    func positions(
      image: Int, filter: Int, stride: Int, dilation: Int, before: Int, after: Int
    ) -> Int? {
      // Each factor is at most 2³¹ − 1 or a checked extent below 2²⁸: all products fit `Int`.
      guard (1..<Self.maximumElementCount).contains(filter), (1...1 << 31).contains(stride),
        (1...1 << 31).contains(dilation), (0...1 << 60).contains(before),
        (0...1 << 60).contains(after)
      else { return nil }
      let room = image + before + after - ((filter - 1) * dilation + 1)
      return room < 0 ? nil : room / stride + 1
    }
    guard
      let height = positions(
        image: image[1], filter: window.filter.height, stride: window.strides.height,
        dilation: window.dilations.height, before: padding.top, after: padding.bottom),
      let width = positions(
        image: image[2], filter: window.filter.width, stride: window.strides.width,
        dilation: window.dilations.width, before: padding.left, after: padding.right)
    else {
      throw malformed(
        op.place,
        "a window of \(window.filter.height) × \(window.filter.width), "
          + "stride \(window.strides.height) × \(window.strides.width), "
          + "dilation \(window.dilations.height) × \(window.dilations.width) "
          + "does not fit an image of \(image[1]) × \(image[2])")
    }
    // A window's place must fit 32 bits with room to spare on a 32-bit board.
    func reach(_ results: Int, _ stride: Int, _ filter: Int, _ dilation: Int, _ before: Int) -> Int
    {
      (results - 1) * stride + before + (filter - 1) * dilation + filter
    }
    let reaches = [
      reach(
        height, window.strides.height, window.filter.height, window.dilations.height, padding.top),
      reach(
        width, window.strides.width, window.filter.width, window.dilations.width, padding.left),
      // The first two factors are below 2²⁸, and only a product below 2³⁰ meets the third.
      min(window.filter.height * window.filter.width, Self.maximumReach + 1) * image[3],
    ]
    guard reaches.allSatisfy({ $0 <= Self.maximumReach }) else {
      throw ConversionError(
        .unsupportedOption, place: op.place,
        what: "its window reaches over \(reaches.max() ?? 0) cells",
        hint: "supported: at most \(Self.maximumReach)")
    }
    return Extent2D(height: height, width: width)
  }

  private func checkBias(_ op: SourceOperator, outputs: Int) throws(ConversionError) {
    guard op.inputs.count == 3, let index = op.inputs[2] else { return }
    guard tensors[index].elementCount == outputs else {
      throw malformed(
        op.place, "a bias of shape \(tensors[index].shape) does not fit \(outputs) outputs")
    }
  }
}
