import FixedPoint
import ModelFormat

extension Lowering {
  /// The scale and zero point of source tensor `index`.
  func quantization(
    of index: Int, _ layer: SourceOperator
  ) throws(ConversionError) -> AffineQuantization {
    guard let quantization = source.tensors[index].quantization else {
      throw missingQuantization(of: source.tensors[index], layer)
    }
    return AffineQuantization(scale: quantization.scale, zeroPoint: quantization.zeroPoint)
  }

  func missingQuantization(of tensor: SourceTensor, _ layer: SourceOperator) -> ConversionError {
    ConversionError(
      .malformed, place: layer.place, what: "tensor '\(tensor.name)' has no scale",
      hint: "quantize the model to int8 again")
  }

  /// `real` as a fixed-point multiplier, refused where the format cannot hold it.
  func multiplier(
    _ real: Double, _ layer: SourceOperator
  ) throws(ConversionError) -> QuantizedMultiplier {
    guard real.isFinite, abs(real) < QuantizedMultiplier.limit else {
      throw ConversionError(
        .unsupportedOption, place: layer.place,
        what: "the scales of input and output differ by a factor of \(real)",
        hint: "calibrate the model with representative data and quantize it again")
    }
    return QuantizedMultiplier(real: real)
  }

  /// The range of the output of `layer` under its fused activation.
  func activationRange(
    _ activation: FusedActivation, of layer: SourceOperator
  ) throws(ConversionError) -> ActivationRange {
    let output = try quantization(of: layer.outputs[0], layer)
    let range =
      switch activation {
      case .none: output.int8Range(minimum: nil, maximum: nil)
      case .relu: output.int8Range(minimum: 0, maximum: nil)
      case .relu6: output.int8Range(minimum: 0, maximum: 6)
      case .reluN1To1: output.int8Range(minimum: -1, maximum: 1)
      }
    return ActivationRange(minimum: range.lowerBound, maximum: range.upperBound)
  }
}

extension MultiplierWords {
  /// The stored form of `multiplier`.
  init(_ multiplier: QuantizedMultiplier) {
    self.init(significand: multiplier.significand, shift: multiplier.shift)
  }
}
