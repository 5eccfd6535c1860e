/// Why a model, or a file that accompanies it, could not be converted.
///
/// One type serves the whole module, so that every caller can print
/// `error: FILE: place: what; hint` and choose an exit code from `kind` alone.
public struct ConversionError: Error, Equatable, Sendable {
  /// What sort of trouble it is: what a caller needs to choose an exit code.
  public enum Kind: String, Equatable, Sendable, CaseIterable {
    /// The bytes are not a file of the format expected, or contradict themselves.
    case malformed
    /// A valid model with an operator this converter does not know.
    case unsupportedOperator
    /// A known operator with an option, an operand or a size it is not converted with.
    case unsupportedOption
    /// A model that computes in float32, float16 or int16, or in a mixture with int8.
    case notInt8
    /// A contract, a label list or a card that does not fit the model.
    case invalidCompanion
    /// A file that does not exist or may not be read.
    case noInput
    /// An output that cannot be created.
    case cannotCreate
    /// Reading or writing failed midway.
    case inputOutput
    /// A broken promise inside the converter itself.
    case internalInconsistency
  }

  /// What sort of trouble it is.
  public let kind: Kind
  /// Name of the file as the user gave it; empty until the file is known.
  public var file: String
  /// Where in the file: a path such as `subgraphs[0].operators[3] CONV_2D 'conv1'`, or empty.
  public let place: String
  /// What is wrong there.
  public let what: String
  /// What to try, or what is supported instead; may be empty.
  public let hint: String

  /// An error of that kind at that place; the file may be filled in later.
  public init(_ kind: Kind, file: String = "", place: String, what: String, hint: String = "") {
    self.kind = kind
    self.file = file
    self.place = place
    self.what = what
    self.hint = hint
  }

  /// The process exit status that fits, after `sysexits.h`.
  public var exitCode: Int32 {
    switch kind {
    case .malformed, .unsupportedOperator, .unsupportedOption, .notInt8, .invalidCompanion: 65
    case .noInput: 66
    case .internalInconsistency: 70
    case .cannotCreate: 73
    case .inputOutput: 74
    }
  }
}

extension ConversionError: CustomStringConvertible {
  /// `FILE: place: what; hint`, leaving out what is empty.
  public var description: String {
    let head = [file, place, what].filter { !$0.isEmpty }.joined(separator: ": ")
    return hint.isEmpty ? head : head + "; " + hint
  }
}
