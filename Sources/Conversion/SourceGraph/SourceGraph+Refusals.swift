extension SourceGraph {
  /// The refusal of a file that contradicts itself.
  func malformed(_ place: String, _ what: String) -> ConversionError {
    ConversionError(.malformed, place: place, what: what)
  }

  /// The refusal of an operator with this option, saying what is supported.
  func unsupported(_ op: SourceOperator, _ what: String) -> ConversionError {
    ConversionError(
      .unsupportedOption, place: op.place, what: what,
      hint: OperatorCatalog.supportedOptions(of: op.builtinName))
  }

  /// The refusal of an operator that computes in another type than int8, saying what kind of model
  /// this looks like and how to get the right one.
  func notInt8(
    _ op: SourceOperator, _ tensor: SourceTensor, _ role: String
  ) -> ConversionError {
    let hasInt8Weights = op.inputs.contains { index in
      index.map { tensors[$0].type == .int8 && tensors[$0].constant != nil } ?? false
    }
    let hint: String
    switch tensor.type {
    case .float32 where hasInt8Weights:
      hint = NotInt8Hint.dynamicRange
    case .float32:
      hint = NotInt8Hint.float32
    case .int16:
      hint = NotInt8Hint.int16
    case .uint8:
      hint = NotInt8Hint.uint8
    default:
      hint = OperatorCatalog.supportedOptions(of: op.builtinName)
    }
    return ConversionError(
      .notInt8, place: op.place, what: "\(role) '\(tensor.name)' is \(tensor.type), not int8",
      hint: hint)
  }
}

/// What to tell the owner of a model that does not compute in int8.
enum NotInt8Hint {
  private static let recipe =
    "full-integer post-training quantization: give TFLiteConverter a representative dataset and "
    + "set target_spec.supported_ops to TFLITE_BUILTINS_INT8"

  static let float32 = "this is a float32 model; quantize it to int8 first (\(recipe))"

  static let float16 = "this model stores float16 weights; quantize it to int8 instead (\(recipe))"

  static let dynamicRange =
    "this model is quantized in its weights only and still computes in float32; "
    + "quantize its activations to int8 too (\(recipe))"

  static let int16 = "this model has int16 activations; quantize it to int8 instead (\(recipe))"

  static let uint8 =
    "this model is quantized to uint8 as TensorFlow 1 did; convert it again to int8 (\(recipe))"

  static let int4 = "this model stores weights in less than 8 bits; convert it with int8 weights"
}
