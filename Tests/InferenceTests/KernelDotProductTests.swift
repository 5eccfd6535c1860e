import ModelFormat
import TestSupport
import Testing

@testable import Inference

/// Convolutions and fully connected operators against their definition: real differences from the
/// zero point, taps outside the input left out, biases not folded, sums in 64 bits.
@Suite("Kernels: convolutions and fully connected")
struct KernelDotProductTests {
  @Test("convolutions match their definition on edge shapes", arguments: ConvolutionCase.edges)
  fileprivate func convolution(shape: ConvolutionCase) {
    var generator = SeededGenerator(for: "convolution \(shape)")
    shape.check(using: &generator)
  }

  @Test("convolutions match their definition on random shapes")
  func randomConvolutions() {
    var generator = SeededGenerator(for: "random convolutions")
    for _ in 0..<60 { ConvolutionCase.random(using: &generator).check(using: &generator) }
  }

  @Test(
    "depthwise convolutions match their definition",
    arguments: [1, 2, 3], [1, 15, 16, 17, 33])
  func depthwise(depthMultiplier: Int, channels: Int) {
    var generator = SeededGenerator(for: "depthwise × \(depthMultiplier), \(channels) channels")
    for _ in 0..<4 {
      var item = ConvolutionCase.random(using: &generator)
      item.inputDepth = channels
      item.outputChannels = channels * depthMultiplier
      item.depthMultiplier = depthMultiplier
      item.check(using: &generator)
    }
  }

  @Test("fully connected operators match their definition", arguments: [1, 2, 15, 16, 17, 33])
  func fullyConnectedOperators(channels: Int) {
    var generator = SeededGenerator(for: "fully connected, \(channels) channels")
    for depth in [1, 3, 4, 5, 16, 63] {
      for rows in [1, 3] {
        // One row of one element each: a convolution of 1 × 1 over a column of pixels.
        var item = ConvolutionCase(inputDepth: depth, outputChannels: channels)
        item.height = rows
        let problem = item.problem(using: &generator)
        var parameters = FullyConnectedParameters()
        parameters.activation = problem.activation
        let packed = problem.packedWeights(
          ConvolutionWeightLayout(channels: channels, depth: depth))
        let table = problem.channelTable
        let input = TestTensor(
          shape: [rows * depth], elements: problem.input.elements,
          zeroPoint: problem.input.zeroPoint)
        let output: [Int8] = run(
          input, to: [rows, channels], zeroPoint: problem.outputZeroPoint
        ) { view, output in
          fullyConnected(
            view, weights: packed.span, channels: table.span, parameters: parameters, into: &output)
        }
        #expect(output == problem.expected, "\(rows) × \(depth) → \(channels)")
      }
    }
  }

  @Test("words out of any sane model wrap and do not trap")
  func hostileWords() {
    var generator = SeededGenerator(for: "hostile channel tables")
    let item = ConvolutionCase(inputDepth: 5, outputChannels: 17)
    let problem = item.problem(using: &generator)
    let packed = problem.packedWeights(item.layout)
    for _ in 0..<50 {
      let table = problem.channelTable.map { _ in Int32(truncatingIfNeeded: generator.next()) }
      _ =
        run(problem.input, to: item.outputShape, zeroPoint: 127) { view, output in
          convolution2D(
            view, weights: packed.span, channels: table.span, parameters: item.window, into: &output
          )
        } as [Int8]
    }
  }
}

/// The shape of one convolution. `depthMultiplier` above 0 makes it a depthwise one.
private struct ConvolutionCase: CustomStringConvertible, Sendable {
  var height = 1
  var width = 1
  var inputDepth: Int
  var outputChannels: Int
  var kernel = (height: 1, width: 1)
  var stride = (height: 1, width: 1)
  var dilation = (height: 1, width: 1)
  /// Top, left, bottom, right.
  var padding = (0, 0, 0, 0)
  var groups = 1
  var depthMultiplier = 0

  static let edges: [ConvolutionCase] = {
    var result = [1, 15, 16, 17, 33].flatMap { channels in
      [1, 3, 4, 17].map { ConvolutionCase(inputDepth: $0, outputChannels: channels) }
    }
    var wide = ConvolutionCase(inputDepth: 3, outputChannels: 5)
    wide.height = 2
    wide.width = 3
    wide.kernel = (5, 7)
    wide.padding = (2, 3, 2, 3)
    result.append(wide)  // A window larger than the input.
    wide.dilation = (2, 3)
    wide.padding = (6, 10, 6, 10)
    result.append(wide)  // Some window rows and columns never touch the input.
    var sparse = ConvolutionCase(inputDepth: 2, outputChannels: 18)
    sparse.height = 9
    sparse.width = 8
    sparse.kernel = (2, 2)
    sparse.stride = (4, 3)
    result.append(sparse)  // Strides larger than the window.
    for groups in [2, 4, 8] {
      var grouped = ConvolutionCase(inputDepth: 8, outputChannels: 24)
      grouped.height = 4
      grouped.width = 4
      grouped.kernel = (3, 2)
      grouped.padding = (1, 0, 1, 1)
      grouped.groups = groups
      result.append(grouped)  // Blocks of sixteen channels that straddle groups.
    }
    var row = ConvolutionCase(inputDepth: 6, outputChannels: 16)
    row.width = 20
    row.kernel = (1, 5)
    row.dilation = (1, 2)
    row.padding = (0, 8, 0, 0)
    result.append(row)  // A causal one-dimensional convolution.
    return result
  }()

  static func random(using generator: inout some RandomNumberGenerator) -> ConvolutionCase {
    var item = ConvolutionCase(inputDepth: 1, outputChannels: 1)
    item.groups = [1, 1, 1, 2, 3].randomElement(using: &generator) ?? 1
    item.inputDepth = item.groups * Int.random(in: 1...9, using: &generator)
    item.outputChannels = item.groups * Int.random(in: 1...20, using: &generator)
    item.height = Int.random(in: 1...7, using: &generator)
    item.width = Int.random(in: 1...7, using: &generator)
    item.kernel = (
      Int.random(in: 1...4, using: &generator), Int.random(in: 1...4, using: &generator)
    )
    item.stride = (
      Int.random(in: 1...3, using: &generator), Int.random(in: 1...3, using: &generator)
    )
    item.dilation = (
      Int.random(in: 1...2, using: &generator), Int.random(in: 1...3, using: &generator)
    )
    let reach = (
      (item.kernel.height - 1) * item.dilation.height, (item.kernel.width - 1) * item.dilation.width
    )
    // At least so much padding that there is an output.
    item.padding = (
      Int.random(in: 0...2, using: &generator), Int.random(in: 0...2, using: &generator),
      max(0, reach.0 + 1 - item.height), max(0, reach.1 + 1 - item.width)
    )
    return item
  }

  var description: String {
    "\(height)×\(width)×\(inputDepth) → \(outputChannels), kernel \(kernel), stride \(stride), "
      + "dilation \(dilation), padding \(padding), groups \(groups), multiplier \(depthMultiplier)"
  }

  var outputShape: [Int] {
    let (top, left, bottom, right) = padding
    let rows = height + top + bottom - (kernel.height - 1) * dilation.height - 1
    let columns = width + left + right - (kernel.width - 1) * dilation.width - 1
    return [1, rows / stride.height + 1, columns / stride.width + 1, outputChannels]
  }

  var window: WindowParameters {
    var window = WindowParameters()
    (window.kernelHeight, window.kernelWidth) = kernel
    (window.strideHeight, window.strideWidth) = stride
    (window.dilationHeight, window.dilationWidth) = dilation
    (window.paddingTop, window.paddingLeft) = (padding.0, padding.1)
    window.groupDepth = weightDepth
    window.depthMultiplier = depthMultiplier
    return window
  }

  var layout: ConvolutionWeightLayout {
    ConvolutionWeightLayout(channels: outputChannels, window: window, inputDepth: inputDepth)
  }

  /// Input channels that one output channel sees.
  var weightDepth: Int { depthMultiplier > 0 ? 1 : inputDepth / groups }

  /// The first input channel that an output channel sees.
  func firstInput(_ channel: Int) -> Int {
    depthMultiplier > 0
      ? channel / depthMultiplier : channel / (outputChannels / groups) * weightDepth
  }

  func problem(using generator: inout some RandomNumberGenerator) -> DotProductProblem {
    DotProductProblem(self, using: &generator)
  }

  func check(using generator: inout some RandomNumberGenerator) {
    let problem = problem(using: &generator)
    var window = window
    window.activation = problem.activation
    let table = problem.channelTable
    let output: [Int8]
    if depthMultiplier > 0 {
      let packed = problem.packedWeights(
        DepthwiseWeightLayout(channels: outputChannels, tapCount: kernel.height * kernel.width))
      output = run(problem.input, to: outputShape, zeroPoint: problem.outputZeroPoint) {
        depthwiseConvolution2D(
          $0, weights: packed.span, channels: table.span, parameters: window, into: &$1)
      }
    } else {
      let packed = problem.packedWeights(layout)
      output = run(problem.input, to: outputShape, zeroPoint: problem.outputZeroPoint) {
        convolution2D(
          $0, weights: packed.span, channels: table.span, parameters: window, into: &$1)
      }
    }
    #expect(output == problem.expected, "\(self)")
  }
}

/// Random numbers for a convolution, and its answer by definition.
private struct DotProductProblem {
  let shape: ConvolutionCase
  let input: TestTensor<Int8>
  /// `[output channel][kernel row][kernel column][input channel]`
  let weights: TestTensor<Int8>
  let biases: [Int32]
  let multipliers: [MultiplierWords]
  let outputZeroPoint: Int32
  let activation: ActivationRange

  init(_ shape: ConvolutionCase, using generator: inout some RandomNumberGenerator) {
    self.shape = shape
    input = .random([1, shape.height, shape.width, shape.inputDepth], using: &generator)
    weights = .random(
      [shape.outputChannels, shape.kernel.height, shape.kernel.width, shape.weightDepth],
      using: &generator)
    biases = (0..<shape.outputChannels).map { _ in
      Int32.random(in: -100_000...100_000, using: &generator)
    }
    multipliers = (0..<shape.outputChannels).map { _ in .random(-20, 2, using: &generator) }
    outputZeroPoint = Int32.random(in: -128...127, using: &generator)
    activation = .random(using: &generator)
  }

  var expected: [Int8] {
    let (top, left, _, _) = shape.padding
    return allPositions(shape.outputShape).map { place in
      let channel = place[3]
      var sum = Int64(biases[channel])
      for tap in allPositions(Array(weights.shape.dropFirst())) {
        let row = place[1] * shape.stride.height - top + tap[0] * shape.dilation.height
        let column = place[2] * shape.stride.width - left + tap[1] * shape.dilation.width
        guard (0..<shape.height).contains(row), (0..<shape.width).contains(column) else { continue }
        let value = input[[0, row, column, shape.firstInput(channel) + tap[2]]]
        sum += Int64(weights[[channel] + tap]) * (Int64(value) - Int64(input.zeroPoint))
      }
      return activation.clamped(
        exactlyRescaled(sum, multipliers[channel]) + Int64(outputZeroPoint))
    }
  }

  var channelTable: [Int32] {
    let layout = ChannelTableLayout(channels: shape.outputChannels)
    var table = [Int32](repeating: 0, count: layout.elementCount)
    let taps = weights.elements.count / shape.outputChannels
    for channel in 0..<shape.outputChannels {
      let sum = weights.elements[channel * taps..<(channel + 1) * taps].reduce(0) { $0 + Int32($1) }
      table[layout.index(.foldedBias, channel: channel)] = biases[channel] - input.zeroPoint * sum
      table[layout.index(.significand, channel: channel)] = multipliers[channel].significand
      table[layout.index(.shift, channel: channel)] = multipliers[channel].shift
      table[layout.index(.weightSum, channel: channel)] = sum
    }
    return table
  }

  /// The weights of a convolution: a channel's weights in order, cut into runs of the layout.
  func packedWeights(_ layout: ConvolutionWeightLayout) -> [Int8] {
    var packed = [Int8](repeating: 0, count: layout.byteCount)
    let taps = layout.runCount * layout.runLength
    for (place, weight) in weights.elements.enumerated() {
      let (channel, tap) = place.quotientAndRemainder(dividingBy: taps)
      let (run, index) = tap.quotientAndRemainder(dividingBy: layout.runLength)
      packed[layout.offset(channel: channel, run: run, index: index)] = weight
    }
    return packed
  }

  /// The weights of a depthwise convolution.
  func packedWeights(_ layout: DepthwiseWeightLayout) -> [Int8] {
    var packed = [Int8](repeating: 0, count: layout.byteCount)
    for (place, weight) in weights.elements.enumerated() {
      let (channel, tap) = place.quotientAndRemainder(dividingBy: layout.tapCount)
      packed[layout.offset(channel: channel, tap: tap)] = weight
    }
    return packed
  }
}
