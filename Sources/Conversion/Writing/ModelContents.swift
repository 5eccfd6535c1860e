/// What a model file holds besides the graph.
public struct ModelContents: Sendable {
  /// What the model expects of its first input.
  public var contract: ContractFile?
  /// Names of the classes, in the order of the output.
  public var labels: [String] = []
  /// The model card, Markdown.
  public var card: String = ""
  /// Where the model came from: keys and values, in order.
  public var provenance: [(key: String, value: String)] = []
  /// Inputs with the outputs they must give: all graph inputs, all graph outputs, in their order.
  public var golden: [(input: [UInt8], output: [UInt8])] = []

  /// Nothing.
  public init() {}
}
