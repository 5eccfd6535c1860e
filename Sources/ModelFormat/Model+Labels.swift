extension Model {
  /// The name of class `index`. Traps past the last.
  public func label(_ index: Int) -> TextReference {
    precondition(index >= 0 && index < labelCount, "the model has no such label")
    let offset = sections[.labels].lowerBound + Layout.Labels.references + index * 8
    return TextReference(
      offset: Int(bytes.uint32(at: offset)), byteCount: Int(bytes.uint32(at: offset + 4)))
  }

  /// Checks the label section; returns the number of labels.
  func readLabelCount() throws(ModelError) -> Int {
    guard sections.contains(.labels) else { return 0 }
    let range = sections[.labels]
    guard range.count >= Layout.Labels.references else {
      throw ModelError(.badLabels, section: .labels, offset: range.lowerBound)
    }
    let count = bytes.uint32(at: range.lowerBound + Layout.Labels.count)
    guard count >= 1, count <= UInt32(Layout.Limits.labels),
      bytes.uint32(at: range.lowerBound + 4) == 0,
      range.count == Layout.Labels.references + Int(count) * 8
    else { throw ModelError(.badLabels, section: .labels, offset: range.lowerBound) }
    for index in 0..<Int(count) {
      try checkText(
        at: range.lowerBound + Layout.Labels.references + index * 8, section: .labels,
        record: index)
    }
    return Int(count)
  }
}
