import ModelFormat

/// How the weights of a source tensor are ordered in the file.
struct WeightPacking {
  /// The order.
  let kind: TensorPacking
  /// Bytes in the file.
  let byteCount: Int
  /// Output channels.
  let channels: Int
  /// Weights of one output channel.
  let perChannel: Int
  /// The place of weight `element` of a channel in the source tensor.
  let source: (_ channel: Int, _ element: Int) -> Int
  /// Its place among the packed bytes.
  let target: (_ channel: Int, _ element: Int) -> Int

  /// The weights of one output channel.
  func weights(of channel: Int, in tensor: SourceTensor) -> [Int8] {
    let bytes = tensor.constant ?? []
    return (0..<perChannel).map { Int8(bitPattern: bytes[source(channel, $0)]) }
  }
}
