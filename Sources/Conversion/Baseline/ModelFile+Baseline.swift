import ModelFormat

/// Changes to whole model files.
public enum ModelFile {
  /// The file with its drift baseline replaced, or with one where there was none.
  public static func settingBaseline(
    _ builder: BaselineBuilder, of bytes: [UInt8]
  ) throws(ConversionError) -> [UInt8] {
    func word(_ offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    var sections: [(kind: SectionKind, bytes: [UInt8])] = []
    for index in 0..<word(Layout.Header.sectionCount) {
      let entry = Layout.Header.byteCount + index * Layout.SectionEntry.stride
      guard let kind = SectionKind(rawValue: UInt32(word(entry + Layout.SectionEntry.kind))) else {
        throw ConversionError(
          .unsupportedOption, place: "section \(index)",
          what: "this version does not know what it is, and would lose it",
          hint: "add the baseline with the version that made the model")
      }
      guard kind != .baseline else { continue }
      let start = word(entry + Layout.SectionEntry.offset)
      sections.append(
        (kind, Array(bytes[start..<(start + word(entry + Layout.SectionEntry.byteCount))])))
    }
    // Behind the contract and the labels, where people look for it.
    let place = sections.firstIndex { $0.kind == .data } ?? sections.count
    let check = try modelCheck(of: bytes)
    sections.insert((.baseline, builder.section(modelCheck: check)), at: place)
    return ModelAssembler.assemble(sections)
  }

  private static func modelCheck(of bytes: [UInt8]) throws(ConversionError) -> UInt32 {
    do throws(ModelError) {
      return try bytes.withModelCheck()
    } catch {
      throw ConversionError(
        .malformed, place: "model", what: "\(error.reason.message)", hint: "convert it again")
    }
  }
}

extension [UInt8] {
  fileprivate func withModelCheck() throws(ModelError) -> UInt32 {
    try Model(span.bytes).driftModelCheck
  }
}
