/// Why bytes are not a TensorFlow Lite model, and where they stop being one.
struct TFLiteError: Error, Equatable {
  /// Byte position in the file at which the trouble was seen.
  let position: Int
  /// The field that was being read, such as `subgraphs[0].operators[3].inputs`.
  let path: String
  /// What is wrong there.
  let what: String
}

extension ConversionError {
  /// The error as the converter's callers see it.
  init(_ error: TFLiteError) {
    let position = "byte \(error.position)"
    self.init(
      .malformed, place: error.path.isEmpty ? position : "\(error.path) (\(position))",
      what: error.what,
      hint: "the file is damaged, cut short or not a TensorFlow Lite model; copy or export it again"
    )
  }
}
