import Checksum

extension Model {
  /// What inputs and predictions look like without drift; nil where the model has no section.
  public var baseline: Baseline? {
    @_lifetime(copy self)
    get {
      guard sections.contains(.baseline) else { return nil }
      // Checked when the model was made.
      return try? Baseline(section(.baseline))
    }
  }

  /// The check of everything predictions depend on: CRC-32C over the checks of those sections, in
  /// the order of their four letters as numbers.
  ///
  /// A baseline of another graph, other weights or another contract says nothing about this model.
  public var driftModelCheck: UInt32 {
    var check = CRC32C()
    var previous: UInt32 = 0
    while true {
      var next: (kind: UInt32, entry: Int)?
      for index in 0..<sectionEntryCount {
        let entry = Layout.Header.byteCount + index * Layout.SectionEntry.stride
        let kind = bytes.uint32(at: entry + Layout.SectionEntry.kind)
        guard kind > previous, SectionKind(rawValue: kind)?.decidesPredictions == true else {
          continue
        }
        if let found = next, found.kind < kind { continue }
        next = (kind, entry)
      }
      guard let next else { return check.value }
      let place = next.entry + Layout.SectionEntry.check
      check.update(bytes, in: place..<(place + 4))
      previous = next.kind
    }
  }

  private var sectionEntryCount: Int { Int(bytes.uint32(at: Layout.Header.sectionCount)) }

  /// Checks the baseline, and that it is this model's.
  func checkBaseline() throws(ModelError) {
    guard sections.contains(.baseline) else { return }
    let range = sections[.baseline]
    guard let contract else {
      throw ModelError(.missingSection, section: .contract, offset: range.lowerBound)
    }
    do throws(ModelError) {
      let baseline = try Baseline(section(.baseline))
      guard baseline.modelCheck == driftModelCheck else {
        throw ModelError(
          .baselineOfAnotherModel, section: .baseline, offset: Layout.Baseline.modelCheck)
      }
      guard baseline.channelCount == contract.channelCount else {
        throw ModelError(
          .badBaseline, section: .baseline, offset: Layout.Baseline.channelCount,
          found: baseline.channelCount, expected: contract.channelCount)
      }
      guard baseline.classCount == 0 || outputCount >= 1 else {
        throw ModelError(.badBaseline, section: .baseline, offset: Layout.Baseline.classCount)
      }
      let classes = baseline.classCount == 0 ? 0 : tensor(output(0)).shape.elementCount
      guard baseline.classCount == classes else {
        throw ModelError(
          .badBaseline, section: .baseline, offset: Layout.Baseline.classCount,
          found: baseline.classCount, expected: classes)
      }
    } catch {
      throw ModelError(
        error.reason, section: error.section, record: error.record,
        offset: range.lowerBound + error.offset, found: error.found, expected: error.expected)
    }
  }
}

extension SectionKind {
  /// Whether predictions depend on the section.
  var decidesPredictions: Bool {
    switch self {
    case .graph, .tensors, .operators, .operands, .data, .contract, .preprocessing: true
    default: false
    }
  }
}
