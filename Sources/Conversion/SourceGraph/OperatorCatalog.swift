/// What the converter understands, operator by operator.
///
/// The one list behind `swiftlet ops`, behind the "supported:" part of a refusal, and behind the
/// importer's dispatch: an importer can only be entered through an entry of this list.
public enum OperatorCatalog {
  /// One supported operator.
  public struct Entry: Equatable, Sendable {
    /// The operator's name in the TensorFlow Lite schema, such as `CONV_2D`.
    public let name: String
    /// Element types it takes and gives, such as `int8`.
    public let types: String
    /// Which options and operands are converted, in a short phrase.
    public let options: String
  }

  /// Every supported operator, in alphabetical order.
  public static let entries: [Entry] =
    TFLiteBuiltin.allCases.map(\.entry).sorted { $0.name < $1.name }

  /// The entry of that name, or nil where the operator is not supported.
  public static func entry(named name: String) -> Entry? {
    entries.first { $0.name == name }
  }

  /// Names of all supported operators, for a refusal of one that is not among them.
  public static var supportedNames: String {
    "supported: " + entries.map(\.name).joined(separator: ", ")
  }

  /// What is supported of one operator, for a refusal of one of its options.
  public static func supportedOptions(of name: String) -> String {
    guard let entry = entry(named: name) else { return "" }
    return "supported: \(entry.name) in \(entry.types), \(entry.options)"
  }
}
