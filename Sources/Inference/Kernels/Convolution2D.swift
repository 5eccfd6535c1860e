import ModelFormat

/// 2-D convolution (numerics, equations 7 and 8).
///
/// Relies on, for an input `[n, h, w, c]` and an output `[n, y, x, k]`:
/// - `groupDepth` ≥ 1 divides c, and the number of groups c / `groupDepth` divides k;
/// - `weights` has `ConvolutionWeightLayout.byteCount` bytes and `channels` has
///   `ChannelTableLayout.elementCount` elements;
/// - kernel sizes, strides and dilations ≥ 1, paddings ≥ 0, and `y × strideHeight + paddingTop +
///   kernelHeight × dilationHeight` < 2^31, the same along the width;
/// - shifts in −31 … 30, zero points within int8, activation minimum ≤ maximum, both within int8.
package func convolution2D(
  _ input: borrowing TensorView<Int8>, weights: Span<Int8>, channels: Span<Int32>,
  parameters: WindowParameters, into output: inout MutableTensorView<Int8>
) {
  if parameters.groupDepth == input.shape[3] {
    ungroupedConvolution2D(
      input, weights: weights, channels: channels, parameters: parameters, into: &output)
  } else {
    groupedConvolution2D(
      input, weights: weights, channels: channels, parameters: parameters, into: &output)
  }
}

/// Every output channel sees all input channels: the sixteen of a block share their inputs.
private func ungroupedConvolution2D(
  _ input: borrowing TensorView<Int8>, weights: Span<Int8>, channels: Span<Int32>,
  parameters: WindowParameters, into output: inout MutableTensorView<Int8>
) {
  let (height, width, depth) = (input.shape[1], input.shape[2], input.shape[3])
  let outputChannels = output.shape[3]
  let layout = ConvolutionWeightLayout(
    channels: outputChannels, window: parameters, inputDepth: depth)
  let groups = layout.groupsPerRun
  let kernelHeight = parameters.kernelHeight
  // A run is a window row where columns are neighbours, a single column otherwise.
  let runsPerRow = layout.runCount / kernelHeight
  let columnsPerRun = parameters.kernelWidth / runsPerRow
  let (dilationHeight, dilationWidth) = (parameters.dilationHeight, parameters.dilationWidth)
  let activation = parameters.activation
  let (inputZeroPoint, outputZeroPoint) = (input.zeroPoint, output.zeroPoint)
  let elements = input.elements

  var place = 0
  for batch in 0..<output.shape[0] {
    for outputRow in 0..<output.shape[1] {
      let top = outputRow * parameters.strideHeight - parameters.paddingTop
      for outputColumn in 0..<output.shape[2] {
        let left = outputColumn * parameters.strideWidth - parameters.paddingLeft
        for block in 0..<PackedLayout.blockCount(channels: outputChannels) {
          var accumulators = ChannelBlock(block, of: channels)
          for kernelRow in 0..<kernelHeight {
            let row = top + kernelRow * dilationHeight
            let rowIsInside = row >= 0 && row < height
            for rowRun in 0..<runsPerRow {
              let column = left + rowRun * dilationWidth
              let inside =
                rowIsInside
                ? columnsInside(from: column, count: columnsPerRun, width: width, depth: depth)
                : 0..<0
              let run = kernelRow * runsPerRow + rowRun
              accumulators.accumulate(
                weights: weights, at: (block * layout.runCount + run) * groups * 64, groups: groups,
                input: elements,
                from: inside.isEmpty ? 0 : ((batch * height + row) * width + column) * depth,
                inside: inside, zeroPoint: inputZeroPoint)
            }
          }
          for lane in 0..<min(16, outputChannels - block * 16) {
            output.elements[place] = accumulators.output(
              lane, of: channels, zeroPoint: outputZeroPoint, activation: activation)
            place += 1
          }
        }
      }
    }
  }
}

/// The elements of `count` neighbouring columns from `column` that exist in a row of `width`.
@inline(__always)
private func columnsInside(from column: Int, count: Int, width: Int, depth: Int) -> Range<Int> {
  let first = max(0, -column)
  let end = min(count, width - column)
  return first < end ? first * depth..<end * depth : 0..<0
}

/// Output channels of different groups see different inputs, so that every channel is on its own.
private func groupedConvolution2D(
  _ input: borrowing TensorView<Int8>, weights: Span<Int8>, channels: Span<Int32>,
  parameters: WindowParameters, into output: inout MutableTensorView<Int8>
) {
  let (height, width, depth) = (input.shape[1], input.shape[2], input.shape[3])
  let outputChannels = output.shape[3]
  let layout = ConvolutionWeightLayout(
    channels: outputChannels, window: parameters, inputDepth: depth)
  let groupDepth = parameters.groupDepth
  let channelsPerGroup = outputChannels / (depth / groupDepth)
  let (kernelHeight, kernelWidth) = (parameters.kernelHeight, parameters.kernelWidth)
  let activation = parameters.activation
  let (inputZeroPoint, outputZeroPoint) = (input.zeroPoint, output.zeroPoint)
  let elements = input.elements

  var place = 0
  for batch in 0..<output.shape[0] {
    for outputRow in 0..<output.shape[1] {
      let top = outputRow * parameters.strideHeight - parameters.paddingTop
      for outputColumn in 0..<output.shape[2] {
        let left = outputColumn * parameters.strideWidth - parameters.paddingLeft
        for channel in 0..<outputChannels {
          var accumulators = ChannelBlock(channel / 16, of: channels)
          let lane = channel % 16
          let firstInput = channel / channelsPerGroup * groupDepth
          for kernelRow in 0..<kernelHeight {
            let row = top + kernelRow * parameters.dilationHeight
            for kernelColumn in 0..<kernelWidth {
              let column = left + kernelColumn * parameters.dilationWidth
              let isInside = row >= 0 && row < height && column >= 0 && column < width
              let start =
                isInside ? ((batch * height + row) * width + column) * depth + firstInput : 0
              let run = kernelRow * kernelWidth + kernelColumn
              for index in 0..<groupDepth {
                let value = isInside ? Int32(elements[start + index]) : inputZeroPoint
                let weight = weights[layout.offset(channel: channel, run: run, index: index)]
                accumulators.sums[lane] &+= Int32(weight) &* value
              }
            }
          }
          output.elements[place] = accumulators.output(
            lane, of: channels, zeroPoint: outputZeroPoint, activation: activation)
          place += 1
        }
      }
    }
  }
}
