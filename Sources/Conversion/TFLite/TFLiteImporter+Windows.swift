extension TFLiteImporter {
  mutating func importConvolution2D(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...3)
    guard case .convolution2D(let options) = site.op.options else { throw site.wrongOptions }
    let operands = try weightedOperands(site)
    let (image, weights) = (shape(operands[0] ?? 0), shape(operands[1] ?? 0))
    guard image.count == 4, weights.count == 4 else {
      throw site.malformed("image \(image) and weights \(weights) do not have four dimensions")
    }
    guard image[3].isMultiple(of: weights[3]) else {
      throw site.malformed("weights \(weights) do not fit an image \(image)")
    }
    let window = Window(
      Extent2D(height: weights[1], width: weights[2]),
      Extent2D(height: Int(options.strideHeight), width: Int(options.strideWidth)),
      Extent2D(height: Int(options.dilationHeight), width: Int(options.dilationWidth)))
    let payload = Convolution2D(
      filter: window.filter, strides: window.strides, dilations: window.dilations,
      padding: try padding(site, options.padding, image: image, window: window),
      groups: image[3] / weights[3], activation: try site.activation(options.activation))
    try emit(site, .convolution2D(payload), operands, [try output(site)])
  }

  mutating func importDepthwiseConvolution2D(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...3)
    guard case .depthwiseConvolution2D(let options) = site.op.options else {
      throw site.wrongOptions
    }
    let operands = try weightedOperands(site)
    let (image, weights) = (shape(operands[0] ?? 0), shape(operands[1] ?? 0))
    guard image.count == 4, weights.count == 4 else {
      throw site.malformed("image \(image) and weights \(weights) do not have four dimensions")
    }
    let window = Window(
      Extent2D(height: weights[1], width: weights[2]),
      Extent2D(height: Int(options.strideHeight), width: Int(options.strideWidth)),
      Extent2D(height: Int(options.dilationHeight), width: Int(options.dilationWidth)))
    let payload = DepthwiseConvolution2D(
      filter: window.filter, strides: window.strides, dilations: window.dilations,
      padding: try padding(site, options.padding, image: image, window: window),
      depthMultiplier: Int(options.depthMultiplier),
      activation: try site.activation(options.activation))
    try emit(site, .depthwiseConvolution2D(payload), operands, [try output(site)])
  }

  mutating func importFullyConnected(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...3)
    guard
      case .fullyConnected(let activation, let weightsFormat, let keepNumDims) = site.op.options
    else { throw site.wrongOptions }
    guard weightsFormat == 0 else {
      throw site.unsupported("weights are stored in a shuffled order")
    }
    let operands = try weightedOperands(site)
    let weights = shape(operands[1] ?? 0)
    guard weights.count == 2 else {
      throw site.malformed("weights \(weights) do not have two dimensions")
    }
    let payload = FullyConnected(
      rows: graph.tensors[operands[0] ?? 0].elementCount / weights[1], keepNumDims: keepNumDims,
      activation: try site.activation(activation))
    try emit(site, .fullyConnected(payload), operands, [try output(site)])
  }

  mutating func importPool2D(
    _ site: OperatorSite, _ operation: (Pool2D) -> Operation
  ) throws(ConversionError) {
    try site.requireOperands(1...1)
    guard case .pool2D(let options) = site.op.options else { throw site.wrongOptions }
    let input = try input(site, 0)
    let image = shape(input)
    guard image.count == 4 else {
      throw site.malformed("image \(image) does not have four dimensions")
    }
    let window = Window(
      Extent2D(height: Int(options.filterHeight), width: Int(options.filterWidth)),
      Extent2D(height: Int(options.strideHeight), width: Int(options.strideWidth)),
      Extent2D(height: 1, width: 1))
    let payload = Pool2D(
      filter: window.filter, strides: window.strides,
      padding: try padding(site, options.padding, image: image, window: window),
      activation: try site.activation(options.activation))
    try emit(site, operation(payload), [input], [try output(site)])
  }

  /// Data, weights and a bias that may be absent.
  private mutating func weightedOperands(_ site: OperatorSite) throws(ConversionError) -> [Int?] {
    [try input(site, 0), try input(site, 1), try optionalInput(site, 2)]
  }

  /// The padding scheme as numbers of cells.
  ///
  /// SAME gives ⌈image / stride⌉ results; of an odd number of padding cells the larger half goes to
  /// the bottom and the right, as in TensorFlow.
  private func padding(
    _ site: OperatorSite, _ scheme: Int8, image: [Int], window: Window
  ) throws(ConversionError) -> Padding2D {
    let numbers = [window.filter, window.strides, window.dilations].flatMap {
      [$0.height, $0.width]
    }
    guard numbers.allSatisfy({ (1...Int(Int32.max)).contains($0) }) else {
      throw site.malformed("has a filter, stride or dilation below 1")
    }
    switch scheme {
    case 0:
      func total(image: Int, filter: Int, stride: Int, dilation: Int) -> Int {
        // image < 2²⁸ and each of the others < 2³¹: no product leaves `Int`.
        let results = (image + stride - 1) / stride
        return max(0, (results - 1) * stride + (filter - 1) * dilation + 1 - image)
      }
      let vertical = total(
        image: image[1], filter: window.filter.height, stride: window.strides.height,
        dilation: window.dilations.height)
      let horizontal = total(
        image: image[2], filter: window.filter.width, stride: window.strides.width,
        dilation: window.dilations.width)
      return Padding2D(
        top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2)
    case 1: return .none
    default: throw site.malformed("has padding scheme \(scheme)")
    }
  }
}
