import ModelFormat
import TestSupport

extension OperatorSketch {
  /// A random operator of kind `kind` whose output can be divided.
  ///
  /// - Parameter shape: Of its first input, `[1, height, width, depth]`; nil for any.
  static func divisible(
    _ kind: OperatorKind, of shape: [Int]? = nil, using random: inout SeededGenerator
  ) -> OperatorSketch {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let input = shape ?? [1, number(1...9), number(1...9), number(1...20)]
    var sketch = valid(kind)
    switch kind {
    case .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D:
      sketch = windowed(kind, input, using: &random)
    case .pad:
      var pad = PadParameters()
      let output = (0..<4).map { axis in
        let before = axis == 0 ? 0 : number(0...3)
        pad[before: axis] = before
        return input[axis] + before + (axis == 0 ? 0 : number(0...3))
      }
      pad.value = Int32(number(-128...127))
      sketch.words = pad.words
      (sketch.inputs[0].shape, sketch.output.shape) = (input, output)
    case .add, .subtract, .multiply, .maximum, .minimum:
      let repeated = [input, [1], [1, 1, 1, input[3]], [input[3]], [1, input[1], 1, 1]]
      let shapes = [input, repeated[number(0...4)]].shuffled(using: &random)
      (sketch.inputs[0].shape, sketch.inputs[1].shape) = (shapes[0], shapes[1])
      sketch.output.shape = input
    case .fullyConnected:
      let channels = number(1...150)
      let depth = number(1...40)
      sketch.inputs =
        [activation([1, depth])] + packed(ConvolutionWeightLayout(channels: channels, depth: depth))
      sketch.output.shape = [1, channels]
    default: (sketch.inputs[0].shape, sketch.output.shape) = (input, input)
    }
    sketch.inputs[0].zeroPoint = Int32(number(-20...20))
    sketch.output.zeroPoint = Int32(number(-20...20))
    if sketch.output.elementType == .uint8 { sketch.output.zeroPoint = 3 }
    if sketch.output.elementType == .float32 { sketch.output.zeroPoint = 0 }
    if sketch.inputs[0].elementType == .float32 { sketch.inputs[0].zeroPoint = 0 }
    return sketch
  }

  private static func windowed(
    _ kind: OperatorKind, _ input: [Int], using random: inout SeededGenerator
  ) -> OperatorSketch {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    // A third of the convolutions has a window of one element.
    let isPoint = kind == .convolution2D && number(0...2) == 0
    var window = window(kernel: 1, stride: 1, padding: 0)
    if !isPoint {
      (window.kernelHeight, window.kernelWidth) = (number(1...5), number(1...4))
      (window.strideHeight, window.strideWidth) = (number(1...3), number(1...3))
      (window.paddingTop, window.paddingLeft) = (number(0...5), number(0...3))
      if kind == .convolution2D || kind == .depthwiseConvolution2D {
        (window.dilationHeight, window.dilationWidth) = (number(1...2), number(1...2))
      }
    }
    // The last window starts inside the input, or the one before the last ends there.
    let height = isPoint ? input[1] : (input[1] - 1 + window.paddingTop) / window.strideHeight + 1
    let width = isPoint ? input[2] : (input[2] - 1 + window.paddingLeft) / window.strideWidth + 1
    var channels = input[3]
    var inputs = [activation(input)]
    if kind == .convolution2D {
      channels = number(1...40)
      window.groupDepth = input[3]
      inputs += packed(
        ConvolutionWeightLayout(channels: channels, window: window, inputDepth: input[3]))
    } else if kind == .depthwiseConvolution2D {
      window.depthMultiplier = number(1...3)
      channels *= window.depthMultiplier
      let taps = window.kernelHeight * window.kernelWidth
      inputs += packed(DepthwiseWeightLayout(channels: channels, tapCount: taps))
    }
    return OperatorSketch(
      kind: kind, inputs: inputs,
      output: activation([1, number(1...height), isPoint ? width : number(1...width), channels]),
      words: window.words)
  }
}
