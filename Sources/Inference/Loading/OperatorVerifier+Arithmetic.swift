import ModelFormat

// Operators that compute on activations only.
extension OperatorVerifier {
  func verifyMean() throws(ModelError) {
    try requireInputs(1)
    try requireInt8(input(0))
    try requireInt8(output)
    let parameters = MeanParameters(words: record.words)
    try requireShift(parameters.multiplier)
    let shape = input(0).shape
    try require(parameters.axes >> UInt32(shape.rank) == 0, .badParameter)
    var kept = Shape()
    var count = 1
    for axis in 0..<shape.rank {
      if parameters.axes & (1 << UInt32(axis)) == 0 {
        kept.append(shape[axis])
      } else {
        count *= shape[axis]
      }
    }
    try require(output.shape.elementCount == kept.elementCount, .wrongShape)
    // 2^23 elements of at most 255 fit in 31 bits.
    try require(count < 1 << 23, .tooManyElements)
  }

  func verifyElementwise() throws(ModelError) {
    try requireInputs(2)
    try requireInt8(input(0))
    try requireInt8(input(1))
    try requireInt8(output)
    let parameters = ElementwiseParameters(words: record.words)
    switch record.kind {
    case .add, .subtract:
      try requireShift(parameters.first)
      try requireShift(parameters.second)
      try require((0...31).contains(parameters.leftShift), .badParameter)
      fallthrough
    case .multiply:
      try requireShift(parameters.output)
      try requireActivation(parameters.activation)
    default:
      break
    }
    let (first, second) = (input(0).shape.extended, input(1).shape.extended)
    let result = output.shape.extended
    for axis in 0..<Shape.maximumRank {
      let (a, b) = (first[axis], second[axis])
      try require(a == b || a == 1 || b == 1, .wrongShape)
      try require(result[axis] == max(a, b), .wrongShape)
    }
  }

  func verifySoftmax() throws(ModelError) {
    try requireInputs(1)
    try requireInt8(input(0))
    try requireInt8(output)
    try requireShift(SoftmaxParameters(words: record.words).multiplier)
    try require(input(0).shape.rank >= 1 && input(0).shape == output.shape, .wrongShape)
  }

  func verifyLookup() throws(ModelError) {
    try requireInputs(2)
    try requireBytes(input(0))
    try requireBytes(output)
    try requireBytes(input(1))
    try require(input(1).storage == .constant, .wrongOperandType)
    try require(input(1).byteCount == 256, .wrongByteCount)
    try require(input(0).byteCount == output.byteCount, .wrongShape)
  }

  func verifyQuantize() throws(ModelError) {
    try requireInputs(1)
    try require(
      input(0).elementType == .float32 && input(0).packing == .rowMajor, .wrongOperandType)
    try requireBytes(output)
    try require(output.scale > 0, .badScale)
    try require(input(0).shape.elementCount == output.shape.elementCount, .wrongShape)
  }

  func verifyDequantize() throws(ModelError) {
    try requireInputs(1)
    try requireBytes(input(0))
    try require(output.elementType == .float32, .wrongOperandType)
    try require(input(0).scale > 0, .badScale)
    try require(input(0).shape.elementCount == output.shape.elementCount, .wrongShape)
  }

  func verifyArgMax() throws(ModelError) {
    try requireInputs(1)
    try requireInt8(input(0))
    try require(
      output.elementType == .int32 || output.elementType == .int64, .wrongOperandType)
    let axis = AxisParameters(words: record.words).axis
    let shape = input(0).shape
    try require(axis >= 0 && axis < shape.rank, .badParameter)
    try require(
      output.shape.elementCount == shape.elementCount / shape[axis], .wrongShape)
  }
}
