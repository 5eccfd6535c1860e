import ModelFormat

// Operators that move elements without computing on them.
extension OperatorVerifier {
  func verifyCopy() throws(ModelError) {
    try requireInputs(1)
    let input = input(0)
    try require(input.packing == .rowMajor, .wrongOperandType)
    try require(input.elementType.byteCount == output.elementType.byteCount, .wrongOperandType)
    try require(input.byteCount == output.byteCount, .wrongShape)
  }

  func verifyTranspose() throws(ModelError) {
    try requireInputs(1)
    try requireBytes(input(0))
    try requireBytes(output)
    let parameters = TransposeParameters(words: record.words)
    let shape = input(0).shape
    try require(shape.rank == output.shape.rank, .wrongShape)
    var seen: UInt32 = 0
    for axis in 0..<shape.rank {
      let source = parameters[source: axis]
      try require(source >= 0 && source < shape.rank, .badParameter)
      try require(seen & (1 << UInt32(source)) == 0, .badParameter)
      seen |= 1 << UInt32(source)
      try require(output.shape[axis] == shape[source], .wrongShape)
    }
  }

  func verifyPad() throws(ModelError) {
    try requireInputs(1)
    try requireInt8(input(0))
    try requireInt8(output)
    let parameters = PadParameters(words: record.words)
    try require((-128...127).contains(parameters.value), .badParameter)
    let shape = input(0).shape
    try require(shape.rank == output.shape.rank, .wrongShape)
    for axis in 0..<shape.rank {
      let before = parameters[before: axis]
      try require(before >= 0 && before <= output.shape[axis], .badParameter)
      try require(before + shape[axis] <= output.shape[axis], .wrongShape)
    }
  }

  func verifyConcatenation() throws(ModelError) {
    try requireBytes(output)
    let axis = AxisParameters(words: record.words).axis
    try require(axis >= 0 && axis < output.shape.rank, .badParameter)
    try require(record.inputCount >= 1, .wrongOperandCount)
    var length = 0
    for position in 0..<record.inputCount {
      let input = input(position)
      try requireBytes(input)
      try require(input.shape.rank == output.shape.rank, .wrongShape)
      for other in 0..<output.shape.rank where other != axis {
        try require(input.shape[other] == output.shape[other], .wrongShape)
      }
      try require(input.shape[axis] <= output.shape[axis] - length, .wrongShape)
      length += input.shape[axis]
    }
    try require(length == output.shape[axis], .wrongShape)
  }

  func verifySlice() throws(ModelError) {
    try requireInputs(1)
    try requireBytes(input(0))
    try requireBytes(output)
    let parameters = SliceParameters(words: record.words)
    let shape = input(0).shape
    var count = 1
    for axis in 0..<shape.rank {
      let (begin, step) = (parameters[begin: axis], parameters[step: axis])
      let size = parameters[size: axis]
      try require(size >= 1 && size <= shape[axis] && step != 0, .badParameter)
      let last = Int64(begin) + Int64(size - 1) * Int64(step)
      try require(begin >= 0 && begin < shape[axis], .badParameter)
      try require(last >= 0 && last < Int64(shape[axis]), .badParameter)
      // Sizes are at most those of the input, so the product fits.
      count *= size
    }
    try require(count == output.shape.elementCount, .wrongShape)
  }
}
