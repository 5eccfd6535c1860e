import ModelFormat

/// Rows of inputs times a weight matrix (numerics, equations 7 and 8).
///
/// The innermost axis of the output has the output channels; its other axes are rows, and the input
/// has as many rows of equal length.
///
/// Relies on:
/// - the output has rank ≥ 1, and its number of rows divides the input's number of elements;
/// - `weights` has `ConvolutionWeightLayout.byteCount` bytes for that depth and `channels` has
///   `ChannelTableLayout.elementCount` elements;
/// - shifts, zero points and activation as for ``convolution2D``.
package func fullyConnected(
  _ input: borrowing TensorView<Int8>, weights: Span<Int8>, channels: Span<Int32>,
  parameters: FullyConnectedParameters, into output: inout MutableTensorView<Int8>
) {
  let outputChannels = output.shape[output.shape.rank - 1]
  let rows = output.shape.elementCount / outputChannels
  let depth = input.shape.elementCount / rows
  let groups = ConvolutionWeightLayout(channels: outputChannels, depth: depth).groupsPerRun
  let activation = parameters.activation
  let (inputZeroPoint, outputZeroPoint) = (input.zeroPoint, output.zeroPoint)
  let elements = input.elements

  var place = 0
  for row in 0..<rows {
    for block in 0..<PackedLayout.blockCount(channels: outputChannels) {
      var accumulators = ChannelBlock(block, of: channels)
      accumulators.accumulate(
        weights: weights, at: block * groups * 64, groups: groups,
        input: elements, from: row * depth, inside: 0..<depth, zeroPoint: inputZeroPoint)
      for lane in 0..<min(16, outputChannels - block * 16) {
        output.elements[place] = accumulators.output(
          lane, of: channels, zeroPoint: outputZeroPoint, activation: activation)
        place += 1
      }
    }
  }
}
