import FixedPoint
import ModelFormat

extension Lowering {
  /// Lowers an element-wise function of one int8 tensor to a table.
  mutating func lowerFunction(_ layer: SourceOperator) throws(ConversionError) {
    let input = try quantization(of: operand(0, of: layer), layer)
    let output = try quantization(of: layer.outputs[0], layer)
    let ratio = Double(input.scale) / Double(output.scale)
    let table: LookupTable
    switch layer.operation {
    case .logistic:
      let function = Logistic(input: input)
      table = LookupTable { (value: Int8) in function(value) }
    case .tanh:
      let function = HyperbolicTangent(input: input)
      table = LookupTable { (value: Int8) in function(value) }
    case .relu:
      _ = try multiplier(ratio, layer)
      let function = RectifiedLinear(input: input, output: output)
      table = LookupTable { (value: Int8) in function(value) }
    case .relu6:
      let function = RectifiedLinear6(input: input)
      table = LookupTable { (value: Int8) in function(value) }
    case .leakyRelu(let slope):
      _ = try multiplier(ratio, layer)
      _ = try multiplier(abs(ratio * Double(slope)), layer)
      let function = LeakyRectifiedLinear(input: input, output: output, slope: slope)
      table = LookupTable { (value: Int8) in function(value) }
    case .hardSwish:
      guard let function = HardSwish(input: input, output: output) else {
        throw ConversionError(
          .unsupportedOption, place: layer.place,
          what: "the output scale \(output.scale) is too small for the input scale \(input.scale)",
          hint: "the input scale must be less than 128 times the output scale")
      }
      table = LookupTable { (value: Int8) in function(value) }
    default:
      throw ConversionError(
        .internalInconsistency, place: layer.place, what: "not a function of one tensor")
    }
    try appendLookup(table, layer)
  }

  /// Lowers a change of quantization: a table between 8-bit types, arithmetic from real numbers.
  mutating func lowerQuantize(_ layer: SourceOperator) throws(ConversionError) {
    let inputTensor = source.tensors[try operand(0, of: layer)]
    let outputTensor = source.tensors[layer.outputs[0]]
    if inputTensor.type == .float32 {
      _ = try quantization(of: layer.outputs[0], layer)
      return try emit(.quantize, layer, words: OperatorWords())
    }
    let input = try quantization(of: operand(0, of: layer), layer)
    let output = try quantization(of: layer.outputs[0], layer)
    _ = try multiplier(Double(input.scale) / Double(output.scale), layer)
    let function = Requantization(from: input, to: output)
    let table: LookupTable
    switch (inputTensor.type, outputTensor.type) {
    case (.int8, .int8):
      table = LookupTable { (value: Int8) -> Int8 in function(value) }
    case (.int8, .uint8):
      table = LookupTable { (value: Int8) -> UInt8 in function(value) }
    case (.uint8, .int8):
      table = LookupTable { (value: UInt8) -> Int8 in function(value) }
    case (.uint8, .uint8):
      table = LookupTable { (value: UInt8) -> UInt8 in function(value) }
    default:
      throw ConversionError(
        .unsupportedOption, place: layer.place,
        what: "conversion from \(inputTensor.type) to \(outputTensor.type)",
        hint: "int8, uint8 and float32 to int8 are supported")
    }
    try appendLookup(table, layer)
  }

  private mutating func appendLookup(
    _ table: LookupTable, _ layer: SourceOperator
  ) throws(ConversionError) {
    var bytes: [UInt8] = []
    for index in 0..<256 { bytes.append(table.bytes[index]) }
    let constant = addConstant(
      name: "\(layer.name)/table", type: .uint8, shape: [256], bytes: bytes, packing: .rowMajor)
    append(
      .lookup, layer, inputs: [try tensor(operand(0, of: layer)), constant],
      output: try tensor(layer.outputs[0]))
  }
}
