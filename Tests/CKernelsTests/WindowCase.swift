import CKernels
import ModelFormat

@testable import Inference

/// The shape of a convolution, a depthwise convolution or a pool.
struct WindowCase: CustomStringConvertible {
  var batches = 1
  var height = 1, width = 1, depth = 1
  var channels = 1
  var kernelHeight = 1, kernelWidth = 1
  var strideHeight = 1, strideWidth = 1
  var dilationHeight = 1, dilationWidth = 1
  var paddingTop = 0, paddingLeft = 0
  /// Rows and columns of padding behind the input.
  var paddingBottom = 0, paddingRight = 0
  var depthMultiplier = 1

  private func outputSize(
    _ size: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ padding: Int
  ) -> Int {
    (size + padding - (kernel - 1) * dilation - 1) / stride + 1
  }

  var outputHeight: Int {
    outputSize(height, kernelHeight, strideHeight, dilationHeight, paddingTop + paddingBottom)
  }
  var outputWidth: Int {
    outputSize(width, kernelWidth, strideWidth, dilationWidth, paddingLeft + paddingRight)
  }
  var inputShape: Shape { Shape([batches, height, width, depth]) }
  var outputShape: Shape { Shape([batches, outputHeight, outputWidth, channels]) }

  /// Makes the input large enough for at least one output.
  mutating func fit() {
    height = max(height, (kernelHeight - 1) * dilationHeight + 1 - paddingTop - paddingBottom)
    width = max(width, (kernelWidth - 1) * dilationWidth + 1 - paddingLeft - paddingRight)
  }

  func parameters(_ range: ActivationRange) -> WindowParameters {
    var window = WindowParameters()
    (window.kernelHeight, window.kernelWidth) = (kernelHeight, kernelWidth)
    (window.strideHeight, window.strideWidth) = (strideHeight, strideWidth)
    (window.dilationHeight, window.dilationWidth) = (dilationHeight, dilationWidth)
    (window.paddingTop, window.paddingLeft) = (paddingTop, paddingLeft)
    window.groupDepth = depth
    window.depthMultiplier = depthMultiplier
    window.activation = range
    return window
  }

  var window: swl_window {
    swl_window(
      batches: Int32(batches), input_height: Int32(height), input_width: Int32(width),
      input_depth: Int32(depth), output_height: Int32(outputHeight),
      output_width: Int32(outputWidth), output_depth: Int32(channels),
      kernel_height: Int32(kernelHeight), kernel_width: Int32(kernelWidth),
      stride_height: Int32(strideHeight), stride_width: Int32(strideWidth),
      dilation_height: Int32(dilationHeight), dilation_width: Int32(dilationWidth),
      padding_top: Int32(paddingTop), padding_left: Int32(paddingLeft),
      group_depth: Int32(depth), depth_multiplier: Int32(depthMultiplier))
  }

  var description: String {
    "\(batches)×\(height)×\(width)×\(depth) → \(outputHeight)×\(outputWidth)×\(channels), kernel "
      + "\(kernelHeight)×\(kernelWidth), stride \(strideHeight)×\(strideWidth), dilation "
      + "\(dilationHeight)×\(dilationWidth), padding \(paddingTop)+\(paddingBottom) "
      + "\(paddingLeft)+\(paddingRight)"
  }
}

extension Shape {
  init(_ dimensions: [Int]) {
    self.init()
    for dimension in dimensions { append(dimension) }
  }
}
