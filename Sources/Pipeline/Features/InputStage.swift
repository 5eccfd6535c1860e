import ModelFormat
import Signal

/// Everything between a window in the units of the sensors and the model's input: filters and
/// features where the model has preprocessing, normalization, quantization.
///
/// A sample or feature x enters as q((x − mean) / standard deviation): subtraction, division and the
/// quantization q in single precision, each rounded as IEEE 754 says and the last one to the nearest
/// integer, ties away from zero. No operation is fused or reordered, so every target gives the same
/// bytes.
public struct InputStage: ~Copyable, ~Escapable {
  private let model: Model
  private let border: TensorBorder
  // Spelled out: `?` would set it to nil before the initializer does, which its lifetime forbids.
  private var extractor: Optional<FeatureExtractor>

  /// Bytes of memory a model's preprocessing needs; 0 where it has none.
  public static func byteCount(for model: borrowing Model) -> Int {
    guard let plan = model.preprocessing else { return 0 }
    return FeatureExtractor.byteCount(for: plan)
  }

  /// The stage of a model's contract, which it must have.
  ///
  /// - Parameter memory: `byteCount(for:)` bytes; their contents do not matter.
  @_lifetime(copy model, copy memory)
  public init(_ model: Model, memory: consuming MutableRawSpan) {
    self.model = model
    border = TensorBorder(model.tensor(model.input(0)))
    if let plan = model.preprocessing {
      extractor = FeatureExtractor(plan, memory: memory)
    } else {
      extractor = nil
    }
  }

  /// Writes a complete window into the model's input.
  @_lifetime(input: copy input)
  public mutating func fill(_ input: inout MutableRawSpan, from window: borrowing SampleWindow) {
    guard extractor == nil else {
      extractor?.extract {
        window.copy(from: $0, channel: $1, into: &$2)
      } _: {
        border.store($1, at: $0, of: &input)
      }
      return
    }
    for index in 0..<window.channelCount {
      let channel = model.channel(index)
      for sample in 0..<window.length {
        let value = (window[sample, index] - channel.mean) / channel.standardDeviation
        border.store(value, at: sample * window.channelCount + index, of: &input)
      }
    }
  }
}
