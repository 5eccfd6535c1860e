/// One step of the computation.
public struct SourceOperator: Equatable, Sendable {
  /// What it computes.
  public var operation: Operation
  /// Indices into `SourceGraph.tensors`: data operands only, as the operation's comment lists them.
  ///
  /// nil stands for an optional operand (a bias) that is absent. Operands that only describe the
  /// operation (a shape, axes, paddings) live in the payload and are not listed.
  public var inputs: [Int?]
  /// Indices into `SourceGraph.tensors`; empty only for `.assignVariable`.
  public var outputs: [Int]
  /// What a user knows the layer by: the name of its first output tensor.
  public var name: String
  /// The operator's position in the file it came from.
  public var index: Int
  /// The operator's name in the file's own vocabulary, such as `SQUEEZE`.
  public var builtinName: String

  /// How messages point at the operator: `operator 3 CONV_2D 'block1/conv'`.
  public var place: String { Self.place(index: index, builtinName: builtinName, name: name) }

  /// Converters join the names of all layers they fused with semicolons; the first is enough.
  static func place(index: Int, builtinName: String, name: String) -> String {
    let first = name.prefix { $0 != ";" }
    return "operator \(index) \(builtinName) '\(first)\(first.count < name.count ? ";…" : "")'"
  }
}
