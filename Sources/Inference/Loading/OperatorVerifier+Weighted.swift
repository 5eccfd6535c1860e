import ModelFormat

// Operators with packed weights, and pools: what slides a window over an image.
extension OperatorVerifier {
  func verifyConvolution() throws(ModelError) {
    try requireInputs(3)
    let window = WindowParameters(words: record.words)
    try verifyImages(window)
    let (depth, channels) = (input(0).shape[3], output.shape[3])
    try require(window.groupDepth >= 1 && window.groupDepth <= depth, .badParameter)
    try require(depth % window.groupDepth == 0, .wrongShape)
    try require(channels % (depth / window.groupDepth) == 0, .wrongShape)
    // Both factors are bounded by the limits of the format, but their product needs 64 bits.
    let weights = Int64(window.kernelHeight) * Int64(window.kernelWidth) * Int64(window.groupDepth)
    try require(weights <= Int64(Layout.Limits.bytes / 64), .badParameter)
    let layout = ConvolutionWeightLayout(channels: channels, window: window, inputDepth: depth)
    let groups = Int64(layout.runCount) * Int64(layout.groupsPerRun)
    try verifyWeights(
      packing: .convolutionWeights,
      byteCount: Int64(PackedLayout.blockCount(channels: channels)) * groups * 64)
    try verifyChannelTable(channels: channels)
    try verifyContents(layout)
  }

  func verifyDepthwise() throws(ModelError) {
    try requireInputs(3)
    let window = WindowParameters(words: record.words)
    try verifyImages(window)
    let (depth, channels) = (input(0).shape[3], output.shape[3])
    try require(window.depthMultiplier >= 1 && window.depthMultiplier <= channels, .badParameter)
    try require(Int64(depth) * Int64(window.depthMultiplier) == Int64(channels), .wrongShape)
    let taps = Int64(window.kernelHeight) * Int64(window.kernelWidth)
    try verifyWeights(
      packing: .depthwiseWeights,
      byteCount: Int64(PackedLayout.blockCount(channels: channels)) * taps * 16)
    try verifyChannelTable(channels: channels)
    try verifyContents(DepthwiseWeightLayout(channels: channels, tapCount: Int(taps)))
  }

  func verifyFullyConnected() throws(ModelError) {
    try requireInputs(3)
    try requireInt8(input(0))
    try requireInt8(output)
    try requireActivation(FullyConnectedParameters(words: record.words).activation)
    try require(output.shape.rank >= 1, .wrongShape)
    let channels = output.shape[output.shape.rank - 1]
    let rows = output.shape.elementCount / channels
    let elements = input(0).shape.elementCount
    try require(elements % rows == 0, .wrongShape)
    let groups = Int64((elements / rows + 3) / 4)
    try verifyWeights(
      packing: .convolutionWeights,
      byteCount: Int64(PackedLayout.blockCount(channels: channels)) * groups * 64)
    try verifyChannelTable(channels: channels)
    try verifyContents(ConvolutionWeightLayout(channels: channels, depth: elements / rows))
  }

  func verifyPool() throws(ModelError) {
    try requireInputs(1)
    try verifyImages(WindowParameters(words: record.words))
    try require(input(0).shape[3] == output.shape[3], .wrongShape)
  }

  /// Input and output are int8 images of one batch size, and every index the window takes fits in
  /// 31 bits.
  private func verifyImages(_ window: WindowParameters) throws(ModelError) {
    let input = input(0)
    try requireInt8(input)
    try requireInt8(output)
    try require(input.shape.rank == 4 && output.shape.rank == 4, .wrongShape)
    try require(input.shape[0] == output.shape[0], .wrongShape)
    try requireActivation(window.activation)
    let limit = Layout.Limits.windowParameter
    try require((1...limit).contains(window.kernelHeight), .badParameter)
    try require((1...limit).contains(window.kernelWidth), .badParameter)
    try require((1...limit).contains(window.strideHeight), .badParameter)
    try require((1...limit).contains(window.strideWidth), .badParameter)
    try require((1...limit).contains(window.dilationHeight), .badParameter)
    try require((1...limit).contains(window.dilationWidth), .badParameter)
    try require((0...limit).contains(window.paddingTop), .badParameter)
    try require((0...limit).contains(window.paddingLeft), .badParameter)
    let lastRow =
      Int64(output.shape[1]) * Int64(window.strideHeight) + Int64(window.paddingTop)
      + Int64(window.kernelHeight) * Int64(window.dilationHeight)
    let lastColumn =
      Int64(output.shape[2]) * Int64(window.strideWidth) + Int64(window.paddingLeft)
      + Int64(window.kernelWidth) * Int64(window.dilationWidth)
    try require(max(lastRow, lastColumn) <= Int64(Int32.max), .badParameter)
  }

  private func verifyWeights(
    packing: TensorPacking, byteCount: Int64
  ) throws(ModelError) {
    let weights = input(1)
    guard weights.storage == .constant, weights.elementType == .int8, weights.packing == packing
    else { throw fail(.wrongOperandType) }
    guard Int64(weights.byteCount) == byteCount else {
      throw fail(
        .wrongPackedSize, found: weights.byteCount, expected: Int(truncatingIfNeeded: byteCount))
    }
  }

  private func verifyContents(_ layout: ConvolutionWeightLayout) throws(ModelError) {
    let contents = PackedWeightsVerifier(
      weights: model.constant(input(1)), table: model.constant(input(2)))
    if let channel = contents.firstWrongChannel(in: layout) {
      throw fail(.wrongPackedWeights, found: channel)
    }
  }

  private func verifyContents(_ layout: DepthwiseWeightLayout) throws(ModelError) {
    let contents = PackedWeightsVerifier(
      weights: model.constant(input(1)), table: model.constant(input(2)))
    if let channel = contents.firstWrongChannel(in: layout) {
      throw fail(.wrongPackedWeights, found: channel)
    }
  }

  private func verifyChannelTable(channels: Int) throws(ModelError) {
    let table = input(2)
    guard table.storage == .constant, table.elementType == .int32, table.packing == .channelTable
    else { throw fail(.wrongOperandType) }
    let layout = ChannelTableLayout(channels: channels)
    // Of 2^27 channels 2^31 bytes: too many for an Int of 32 bits.
    let byteCount = Int64(layout.elementCount) * 4
    guard Int64(table.byteCount) == byteCount else {
      throw fail(
        .wrongPackedSize, found: table.byteCount, expected: Int(truncatingIfNeeded: byteCount))
    }
    let words = model.constant(table)
    for channel in 0..<channels {
      let place = layout.index(.shift, channel: channel) * 4
      // Every bit pattern is an Int32, and the load checks its bounds.
      let shift = Int32(
        littleEndian: unsafe words.unsafeLoad(fromByteOffset: place, as: Int32.self))
      guard (-31...30).contains(shift) else { throw fail(.badParameter, found: Int(shift)) }
    }
  }
}
