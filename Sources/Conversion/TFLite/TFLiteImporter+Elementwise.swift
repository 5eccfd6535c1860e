extension TFLiteImporter {
  /// Operators of one operand whose operation has no payload.
  mutating func importUnary(
    _ site: OperatorSite, _ operation: Operation
  ) throws(ConversionError) {
    try site.requireOperands(1...1)
    let input = try input(site, 0)
    try emit(site, operation, [input], [try output(site)])
  }

  /// Operators of two operands that broadcast against each other.
  mutating func importBinary(
    _ site: OperatorSite, _ operation: Operation
  ) throws(ConversionError) {
    try site.requireOperands(2...2)
    let inputs = [try input(site, 0), try input(site, 1)]
    try emit(site, operation, inputs, [try output(site)])
  }

  /// ADD, SUB and MUL; a file may leave the options out, which stand for no activation.
  mutating func importArithmetic(_ site: OperatorSite) throws(ConversionError) {
    let activation: FusedActivation
    switch (TFLiteBuiltin(rawValue: site.code), site.op.options) {
    case (_, .none):
      activation = .none
    case (.add, .add(let code)), (.subtract, .subtract(let code)),
      (.multiply, .multiply(let code)):
      activation = try site.activation(code)
    default:
      throw site.wrongOptions
    }
    switch TFLiteBuiltin(rawValue: site.code) {
    case .add: try importBinary(site, .add(activation))
    case .subtract: try importBinary(site, .subtract(activation))
    default: try importBinary(site, .multiply(activation))
    }
  }

  mutating func importSoftmax(_ site: OperatorSite) throws(ConversionError) {
    guard case .softmax(let beta) = site.op.options else { throw site.wrongOptions }
    try importUnary(site, .softmax(beta: beta))
  }

  mutating func importLeakyRelu(_ site: OperatorSite) throws(ConversionError) {
    guard case .leakyRelu(let alpha) = site.op.options else { throw site.wrongOptions }
    guard alpha.isFinite else { throw site.malformed("alpha is \(alpha)") }
    try importUnary(site, .leakyRelu(alpha: alpha))
  }

  mutating func importMean(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...2)
    let keepDimensions: Bool
    switch site.op.options {
    case .none: keepDimensions = false
    case .reducer(let stated): keepDimensions = stated
    default: throw site.wrongOptions
    }
    let input = try input(site, 0)
    let rank = shape(input).count
    var axes: Set<Int> = []
    for axis in try integers(site, 1, "axes") {
      axes.insert(try site.axis(axis, rank: rank))
    }
    let payload = Mean(axes: axes.sorted(), keepDimensions: keepDimensions)
    try emit(site, .mean(payload), [input], [try output(site)])
  }

  mutating func importArgMax(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...2)
    let input = try input(site, 0)
    let axes = try integers(site, 1, "axis")
    guard axes.count == 1 else { throw site.malformed("has \(axes.count) axes") }
    let axis = try site.axis(axes[0], rank: shape(input).count)
    try emit(site, .argMax(axis: axis), [input], [try output(site)])
  }
}
