import ModelFormat

/// Checks what all kernels take for granted about packed weights: padding is zero, and the channel
/// table holds the sum of each channel's weights.
///
/// Some kernels read activations as unsigned bytes and correct the result with that sum; others
/// multiply the padding. With a wrong sum or a padding that is not zero they would disagree.
struct PackedWeightsVerifier: ~Escapable {
  /// The packed weights, int8.
  let weights: RawSpan
  /// The channel table, int32.
  let table: RawSpan

  @_lifetime(copy weights, copy table)
  init(weights: RawSpan, table: RawSpan) {
    self.weights = weights
    self.table = table
  }

  /// The first channel whose sum or padding is wrong; the sizes have been checked.
  func firstWrongChannel(in layout: ConvolutionWeightLayout) -> Int? {
    let groups = layout.runCount * layout.groupsPerRun
    let table = ChannelTableLayout(channels: layout.channels)
    for channel in 0..<PackedLayout.blockCount(channels: layout.channels) * 16 {
      let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
      var sum: Int32 = 0
      for group in 0..<groups {
        let start = (block * groups + group) * 64 + lane * 4
        // Inputs of this group that belong to the run; the others pad it.
        let used = min(4, layout.runLength - group % layout.groupsPerRun * 4)
        for input in 0..<4 {
          let weight = Int32(weight(at: start + input))
          guard input < used && channel < layout.channels || weight == 0 else { return channel }
          sum &+= weight
        }
      }
      guard hasSum(sum, channel, table) else { return channel }
    }
    return nil
  }

  /// The first channel whose sum or padding is wrong; the sizes have been checked.
  func firstWrongChannel(in layout: DepthwiseWeightLayout) -> Int? {
    let table = ChannelTableLayout(channels: layout.channels)
    for channel in 0..<PackedLayout.blockCount(channels: layout.channels) * 16 {
      var sum: Int32 = 0
      for tap in 0..<layout.tapCount {
        let weight = Int32(weight(at: layout.offset(channel: channel, tap: tap)))
        guard channel < layout.channels || weight == 0 else { return channel }
        sum &+= weight
      }
      guard hasSum(sum, channel, table) else { return channel }
    }
    return nil
  }

  private func hasSum(_ sum: Int32, _ channel: Int, _ layout: ChannelTableLayout) -> Bool {
    let offset = layout.index(.weightSum, channel: channel) * 4
    // In bounds, as the load checks, and every bit pattern is an Int32.
    return unsafe table.unsafeLoadUnaligned(fromByteOffset: offset, as: Int32.self) == sum
  }

  private func weight(at offset: Int) -> Int8 {
    // In bounds, as the load checks, and every bit pattern is an Int8.
    unsafe weights.unsafeLoad(fromByteOffset: offset, as: Int8.self)
  }
}
