/// Where the elements of packed weights and channel tables are.
///
/// One layout serves every kernel without repacking: sixteen output channels by four inputs are 64
/// bytes, which is a cache line, one 512-bit or four 128-bit registers, and what one step of the
/// int8 dot-product instructions of ARM and x86 consumes.
public enum PackedLayout {
  /// Output channels in a block.
  public static let channelsPerBlock = 16
  /// Consecutive inputs in a group.
  public static let inputsPerGroup = 4

  /// Blocks that hold `channels` channels.
  public static func blockCount(channels: Int) -> Int {
    (channels + channelsPerBlock - 1) / channelsPerBlock
  }
}

/// Weights of ``OperatorKind/convolution2D`` and ``OperatorKind/fullyConnected``.
///
/// The inputs of one output channel are cut into runs that are contiguous in the activations; each
/// run is padded with zeros to a multiple of four. Order: `[channel block][run][group][channel in
/// block: 16][input in group: 4]`. Channels past the last are zero.
public struct ConvolutionWeightLayout: Sendable {
  /// Output channels.
  public let channels: Int
  /// Runs of one output channel.
  public let runCount: Int
  /// Inputs in a run.
  public let runLength: Int

  /// The layout of a fully connected operator with `depth` inputs: one run.
  public init(channels: Int, depth: Int) {
    self.channels = channels
    runCount = 1
    runLength = depth
  }

  /// The layout of a convolution: a window row is one run where its columns are neighbours in the
  /// input (no dilation along the width, one group); otherwise every window element is a run.
  public init(channels: Int, window: WindowParameters, inputDepth: Int) {
    self.channels = channels
    let rowIsContiguous = window.dilationWidth == 1 && window.groupDepth == inputDepth
    runCount = rowIsContiguous ? window.kernelHeight : window.kernelHeight * window.kernelWidth
    runLength = rowIsContiguous ? window.kernelWidth * inputDepth : window.groupDepth
  }

  /// Groups of four inputs in a run.
  public var groupsPerRun: Int {
    (runLength + PackedLayout.inputsPerGroup - 1) / PackedLayout.inputsPerGroup
  }

  /// Bytes of the packed weights.
  public var byteCount: Int {
    PackedLayout.blockCount(channels: channels) * runCount * groupsPerRun * 64
  }

  /// The place of the weight of output channel `channel` for input `index` of run `run`.
  public func offset(channel: Int, run: Int, index: Int) -> Int {
    let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
    let (group, input) = index.quotientAndRemainder(dividingBy: 4)
    return ((block * runCount + run) * groupsPerRun + group) * 64 + lane * 4 + input
  }
}

/// Weights of ``OperatorKind/depthwiseConvolution2D``.
///
/// Order: `[channel block][window element, row-major][channel in block: 16]`; channels past the
/// last are zero.
public struct DepthwiseWeightLayout: Sendable {
  /// Output channels.
  public let channels: Int
  /// Elements of the window.
  public let tapCount: Int

  /// The layout for `channels` output channels and a window of `tapCount` elements.
  public init(channels: Int, tapCount: Int) {
    self.channels = channels
    self.tapCount = tapCount
  }

  /// Bytes of the packed weights.
  public var byteCount: Int { PackedLayout.blockCount(channels: channels) * tapCount * 16 }

  /// The place of the weight of output channel `channel` for window element `tap`.
  public func offset(channel: Int, tap: Int) -> Int {
    let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
    return (block * tapCount + tap) * 16 + lane
  }
}

/// The int32 table beside packed weights: what turns an accumulator into an output.
///
/// Order: `[channel block][column][channel in block: 16]`, 256 bytes a block. Channels past the
/// last are zero.
public struct ChannelTableLayout: Sendable {
  /// One column of the table.
  public enum Column: Int, Sendable {
    /// Bias minus input zero point times the sum of the channel's weights (numerics, equation 7):
    /// with it the accumulator starts right and activations are used as they are.
    case foldedBias = 0
    /// Significand of the output multiplier.
    case significand = 1
    /// Shift of the output multiplier.
    case shift = 2
    /// Sum of the channel's weights, for kernels that move activations to unsigned bytes.
    case weightSum = 3
  }

  /// Output channels.
  public let channels: Int

  /// The layout for `channels` output channels.
  public init(channels: Int) { self.channels = channels }

  /// Number of int32 elements.
  public var elementCount: Int { PackedLayout.blockCount(channels: channels) * 64 }

  /// The place, in int32 elements, of `column` for output channel `channel`.
  public func index(_ column: Column, channel: Int) -> Int {
    let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
    return block * 64 + column.rawValue * 16 + lane
  }
}
