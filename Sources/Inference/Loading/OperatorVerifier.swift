import ModelFormat

/// Checks that every operator's tensors and parameters are what its kernel relies on.
///
/// Each kernel lists above its declaration what it takes for granted; this is where it is made
/// true, once, before the first inference. Kernels then run without any way to fail.
struct OperatorVerifier: ~Escapable {
  let model: Model
  let index: Int
  let record: OperatorRecord
  let output: TensorRecord

  @_lifetime(copy model)
  init(_ model: Model, operator index: Int) {
    self.model = model
    self.index = index
    record = model.operator(index)
    output = model.tensor(record.output)
  }

  /// Throws the first promise that the operator breaks.
  func verify() throws(ModelError) {
    switch record.kind {
    case .convolution2D: try verifyConvolution()
    case .depthwiseConvolution2D: try verifyDepthwise()
    case .fullyConnected: try verifyFullyConnected()
    case .averagePool2D, .maxPool2D: try verifyPool()
    case .mean: try verifyMean()
    case .add, .subtract, .multiply, .maximum, .minimum: try verifyElementwise()
    case .copy: try verifyCopy()
    case .transpose: try verifyTranspose()
    case .pad: try verifyPad()
    case .concatenation: try verifyConcatenation()
    case .slice: try verifySlice()
    case .lookup: try verifyLookup()
    case .softmax: try verifySoftmax()
    case .quantize: try verifyQuantize()
    case .dequantize: try verifyDequantize()
    case .argMax: try verifyArgMax()
    }
  }

  /// The tensor that is input `position`.
  func input(_ position: Int) -> TensorRecord { model.tensor(model.input(position, of: record)) }

  func requireInputs(_ count: Int) throws(ModelError) {
    guard record.inputCount == count else {
      throw fail(.wrongOperandCount, found: record.inputCount, expected: count)
    }
  }

  /// Requires row-major elements of type int8.
  func requireInt8(_ tensor: TensorRecord) throws(ModelError) {
    guard tensor.elementType == .int8, tensor.packing == .rowMajor else {
      throw fail(.wrongOperandType)
    }
  }

  /// Requires row-major elements of one byte, whatever their meaning.
  func requireBytes(_ tensor: TensorRecord) throws(ModelError) {
    guard tensor.elementType.byteCount == 1, tensor.packing == .rowMajor else {
      throw fail(.wrongOperandType)
    }
  }

  func require(_ condition: Bool, _ reason: ModelError.Reason) throws(ModelError) {
    guard condition else { throw fail(reason) }
  }

  /// Requires a shift the fixed-point code can apply; any significand will do.
  func requireShift(_ multiplier: MultiplierWords) throws(ModelError) {
    guard (-31...30).contains(multiplier.shift) else {
      throw fail(.badParameter, found: Int(multiplier.shift))
    }
  }

  func requireActivation(_ range: ActivationRange) throws(ModelError) {
    guard range.minimum >= -128, range.maximum <= 127, range.minimum <= range.maximum else {
      throw fail(.badParameter, found: Int(range.minimum), expected: Int(range.maximum))
    }
  }

  func fail(
    _ reason: ModelError.Reason, found: Int? = nil, expected: Int? = nil
  ) -> ModelError {
    ModelError(
      reason, section: .operators, record: index, offset: model.operatorOffset(index),
      found: found, expected: expected)
  }
}
