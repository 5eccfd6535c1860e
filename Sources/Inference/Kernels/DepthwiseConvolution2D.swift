import ModelFormat

/// 2-D convolution of every channel on its own: output channel `k` sees input channel
/// `k / depthMultiplier` (numerics, equations 7 and 8).
///
/// Relies on, for an input `[n, h, w, c]` and an output `[n, y, x, k]`:
/// - `depthMultiplier` ≥ 1 and k = c × `depthMultiplier`;
/// - `weights` has `DepthwiseWeightLayout.byteCount` bytes and `channels` has
///   `ChannelTableLayout.elementCount` elements;
/// - window, shifts, zero points and activation as for ``convolution2D``.
package func depthwiseConvolution2D(
  _ input: borrowing TensorView<Int8>, weights: Span<Int8>, channels: Span<Int32>,
  parameters: WindowParameters, into output: inout MutableTensorView<Int8>
) {
  let (height, width, depth) = (input.shape[1], input.shape[2], input.shape[3])
  let outputChannels = output.shape[3]
  let (kernelHeight, kernelWidth) = (parameters.kernelHeight, parameters.kernelWidth)
  let taps = kernelHeight * kernelWidth
  let (dilationHeight, dilationWidth) = (parameters.dilationHeight, parameters.dilationWidth)
  let depthMultiplier = parameters.depthMultiplier
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
          let firstChannel = block * 16
          let lanes = min(16, outputChannels - firstChannel)
          var accumulators = ChannelBlock(block, of: channels)
          for kernelRow in 0..<kernelHeight {
            let row = top + kernelRow * dilationHeight
            let rowIsInside = row >= 0 && row < height
            for kernelColumn in 0..<kernelWidth {
              let column = left + kernelColumn * dilationWidth
              let tap = kernelRow * kernelWidth + kernelColumn
              let weightPlace = (block * taps + tap) * 16
              if !rowIsInside || column < 0 || column >= width {
                accumulators.accumulate(
                  weights: weights, at: weightPlace, everywhere: inputZeroPoint)
              } else {
                accumulators.accumulate(
                  weights: weights, at: weightPlace, lanes: lanes,
                  input: elements, pixel: ((batch * height + row) * width + column) * depth,
                  firstChannel: firstChannel, depthMultiplier: depthMultiplier)
              }
            }
          }
          for lane in 0..<lanes {
            output.elements[place] = accumulators.output(
              lane, of: channels, zeroPoint: outputZeroPoint, activation: activation)
            place += 1
          }
        }
      }
    }
  }
}

extension ChannelBlock {
  /// Adds one window element's weights times the same value: real zero outside the input.
  @inline(__always)
  fileprivate mutating func accumulate(
    weights: Span<Int8>, at offset: Int, everywhere value: Int32
  ) {
    for lane in 0..<16 { sums[lane] &+= Int32(weights[offset + lane]) &* value }
  }

  /// Adds one window element's weights times the inputs of the pixel whose first channel is at
  /// `pixel`.
  @inline(__always)
  fileprivate mutating func accumulate(
    weights: Span<Int8>, at offset: Int, lanes: Int,
    input: Span<Int8>, pixel: Int, firstChannel: Int, depthMultiplier: Int
  ) {
    // These two checks cover every unchecked access below: channels rise with the lane.
    precondition(offset >= 0 && offset + 16 <= weights.count)
    let last = pixel + (firstChannel + lanes - 1) / depthMultiplier
    precondition(lanes > 0 && lanes <= 16 && pixel >= 0 && last < input.count)
    if depthMultiplier == 1 {
      let start = pixel &+ firstChannel
      for lane in 0..<lanes {
        let weight = Int32(unsafe weights[unchecked: offset &+ lane])
        sums[lane] &+= weight &* Int32(unsafe input[unchecked: start &+ lane])
      }
    } else {
      for lane in 0..<lanes {
        let weight = Int32(unsafe weights[unchecked: offset &+ lane])
        let channel = (firstChannel &+ lane) / depthMultiplier
        sums[lane] &+= weight &* Int32(unsafe input[unchecked: pixel &+ channel])
      }
    }
  }
}
