/// A trained model as the converter sees it, whatever file it came from.
///
/// Everything an importer can settle is settled here: options are resolved into operation payloads,
/// shape and axis operands are folded into them, and streaming state is a list of variables.
/// Later stages read only this type and trust `validate()`.
public struct SourceGraph: Equatable, Sendable {
  /// The model's own name or description, possibly empty.
  public var name: String
  /// All tensors the operators, inputs and outputs refer to, and no others.
  public var tensors: [SourceTensor]
  /// The operators in an order in which they can run.
  public var operators: [SourceOperator]
  /// Tensor indices of the graph's inputs, in the model's order.
  public var inputs: [Int]
  /// Tensor indices of the graph's outputs, in the model's order.
  public var outputs: [Int]
  /// Streaming state that survives from one invocation to the next.
  public var variables: [SourceVariable]
}
