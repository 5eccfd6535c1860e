import ModelFormat

/// Turns samples in the units of the sensor into elements of the model's input.
///
/// A reading x of a channel enters as q((x − mean) / standard deviation): subtraction, division and
/// the quantization q in single precision, each rounded as IEEE 754 says and the last one to the
/// nearest integer, ties away from zero. No operation is fused or reordered, so every target gives
/// the same bytes.
public struct Normalizer: ~Escapable {
  /// How many channels a sample has.
  public let channelCount: Int

  /// Bytes a normalized sample takes.
  public let sampleByteCount: Int

  private let model: Model
  private let border: TensorBorder

  /// The normalizer of a model's contract, which it must have.
  @_lifetime(copy model)
  public init(_ model: Model) {
    guard let contract = model.contract else {
      preconditionFailure("a normalizer follows a contract")
    }
    self.model = model
    channelCount = contract.channelCount
    border = TensorBorder(model.tensor(model.input(0)))
    sampleByteCount = contract.channelCount * border.elementType.byteCount
  }

  /// Normalizes one sample.
  ///
  /// - Parameters:
  ///   - sample: One reading a channel, in the order and units of the contract.
  ///   - bytes: Where the elements go, `sampleByteCount` bytes.
  @_lifetime(bytes: copy bytes)
  public func normalize(_ sample: Sample, into bytes: inout MutableRawSpan) {
    for index in 0..<channelCount {
      let channel = model.channel(index)
      let value = (sample[index] - channel.mean) / channel.standardDeviation
      border.store(value, at: index, of: &bytes)
    }
  }
}
