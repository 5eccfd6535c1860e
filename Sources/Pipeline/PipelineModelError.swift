import Acquisition
import ModelFormat
import Text

/// Why a model, though it runs, cannot turn a stream of samples into predictions.
public enum PipelineModelError: Error, Equatable, Sendable {
  /// Without a contract nobody knows what the input means.
  case noContract
  /// Streams feed one input.
  case inputCount(Int)
  /// Labels of another number than the output's elements.
  case labelCount(labels: Int, outputs: Int)
  case noOutput
  case tooManyChannels(Int)

  /// Throws unless the model can be used.
  public static func check(_ model: borrowing Model) throws(PipelineModelError) {
    guard let contract = model.contract else { throw .noContract }
    guard model.inputCount == 1 else { throw .inputCount(model.inputCount) }
    guard model.outputCount > 0 else { throw .noOutput }
    guard contract.channelCount <= Sample.maximumChannelCount else {
      throw .tooManyChannels(contract.channelCount)
    }
    let outputs = model.tensor(model.output(0)).shape.elementCount
    guard model.labelCount == 0 || model.labelCount == outputs else {
      throw .labelCount(labels: model.labelCount, outputs: outputs)
    }
  }

  /// Appends place, what is wrong and what to try.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    switch self {
    case .noContract:
      sink.append("contract: the model has none, so what its input means is not known; ")
      sink.append("convert it again with --contract")
    case .inputCount(let count):
      sink.append("inputs: the model has ")
      sink.append(count)
      sink.append(", a stream of samples feeds one; use `swiftletd infer` for this model")
    case .noOutput:
      sink.append("outputs: the model has none; convert it again")
    case .labelCount(let labels, let outputs):
      sink.append("labels: there are ")
      sink.append(labels)
      sink.append(" for an output of ")
      sink.append(outputs)
      sink.append(" elements; convert it again with one label for each")
    case .tooManyChannels(let count):
      sink.append("contract: ")
      sink.append(count)
      sink.append(" channels are more than the limit of ")
      sink.append(Sample.maximumChannelCount)
      sink.append("; use `swiftletd infer` for this model")
    }
  }
}
