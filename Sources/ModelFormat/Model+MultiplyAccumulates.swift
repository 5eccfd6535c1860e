extension Model {
  /// Multiplications with a weight in one run of the model, the usual measure of its work.
  public var multiplyAccumulateCount: Int64 {
    var total: Int64 = 0
    for index in 0..<operatorCount { total += multiplyAccumulateCount(ofOperator: index) }
    return total
  }

  /// Multiplications with a weight that operator `index` does in one run. Traps past the last.
  public func multiplyAccumulateCount(ofOperator index: Int) -> Int64 {
    let record = self.operator(index)
    let output = tensor(record.output).shape
    let window = WindowParameters(words: record.words)
    let windowSize = Int64(window.kernelHeight) * Int64(window.kernelWidth)
    switch record.kind {
    case .convolution2D:
      return Int64(output.elementCount) * windowSize * Int64(window.groupDepth)
    case .depthwiseConvolution2D:
      return Int64(output.elementCount) * windowSize
    case .fullyConnected:
      let inputs = tensor(input(0, of: record)).shape.elementCount
      return Int64(inputs) * Int64(output[output.rank - 1])
    default:
      return 0
    }
  }
}
