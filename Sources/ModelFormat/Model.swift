/// A model file, checked once and used in place.
///
/// Making a `Model` of any byte string either throws or gives a value whose accessors stay inside
/// the bytes: sections, records, references and checksums are right. Whether the operators fit
/// their tensors, and the tensors the arena, is checked by the engine that runs the model.
///
/// Nothing is copied; the bytes (usually a mapped file) must outlive the model.
public struct Model: ~Escapable {
  /// The whole file.
  public let bytes: RawSpan
  let sections: SectionTable
  /// The number of tensors.
  public let tensorCount: Int
  /// The number of operators.
  public let operatorCount: Int
  /// The size of the arena that activations and states need, in bytes.
  public let arenaByteCount: Int
  /// The number of graph inputs.
  public let inputCount: Int
  /// The number of graph outputs.
  public let outputCount: Int
  /// The number of groups of operators that run in bands; 0 where the file has none.
  public private(set) var bandGroupCount = 0
  /// What the model expects of its first input; nil where the file does not say.
  public private(set) var contract: InputContract?
  /// The number of class names; 0 where the file has none.
  public private(set) var labelCount = 0
  /// The number of golden vectors; 0 where the file has none.
  public private(set) var goldenVectorCount = 0

  /// Checks `bytes` and makes a model of them; throws what is wrong and where.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(ModelError) {
    self.bytes = bytes
    let sections = try SectionTable(bytes)
    self.sections = sections
    let graph = sections[.graph]
    guard graph.count >= Layout.Graph.lists else {
      throw ModelError(
        .wrongSectionSize, section: .graph, offset: graph.lowerBound, found: graph.count,
        expected: Layout.Graph.lists)
    }
    tensorCount = try Self.recordCount(
      of: .tensors, in: sections, stride: Layout.Tensor.stride, limit: Layout.Limits.tensors)
    operatorCount = try Self.recordCount(
      of: .operators, in: sections, stride: Layout.Operator.stride, limit: Layout.Limits.operators)
    let arena = bytes.uint32(at: graph.lowerBound + Layout.Graph.arenaByteCount)
    let inputs = bytes.uint32(at: graph.lowerBound + Layout.Graph.inputCount)
    let outputs = bytes.uint32(at: graph.lowerBound + Layout.Graph.outputCount)
    guard arena <= UInt32(Layout.Limits.bytes) else {
      throw ModelError(.tooLarge, section: .graph, offset: graph.lowerBound)
    }
    guard inputs <= UInt32(Layout.Limits.graphInputs), outputs <= UInt32(Layout.Limits.graphInputs)
    else {
      throw ModelError(
        .tooManyRecords, section: .graph, offset: graph.lowerBound + Layout.Graph.inputCount)
    }
    arenaByteCount = Int(arena)
    inputCount = Int(inputs)
    outputCount = Int(outputs)
    try checkGraph()
    for index in 0..<tensorCount { try checkTensor(index) }
    for index in 0..<operatorCount { try checkOperator(index) }
    try checkGraphSize()
    bandGroupCount = try readBandGroupCount()
    contract = try readContract()
    try checkContractFitsInput()
    labelCount = try readLabelCount()
    goldenVectorCount = try readGoldenVectorCount()
    try checkBaseline()
  }

  /// What was found out when a model was checked. With the same bytes it is the model again, on
  /// another thread for example, where a value that must not outlive the bytes cannot go.
  public struct Findings: Sendable {
    fileprivate let sections: SectionTable
    fileprivate let counts: (tensors: Int, operators: Int, inputs: Int, outputs: Int)
    fileprivate let arenaByteCount: Int
    fileprivate let bandGroupCount: Int
    fileprivate let contract: InputContract?
    fileprivate let labelCount: Int
    fileprivate let goldenVectorCount: Int
  }

  /// What was found out about the bytes.
  public var findings: Findings {
    Findings(
      sections: sections, counts: (tensorCount, operatorCount, inputCount, outputCount),
      arenaByteCount: arenaByteCount, bandGroupCount: bandGroupCount, contract: contract,
      labelCount: labelCount,
      goldenVectorCount: goldenVectorCount)
  }

  /// Makes a model of bytes from which another was made; nothing is checked.
  @unsafe
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, findings: Findings) {
    self.bytes = bytes
    sections = findings.sections
    (tensorCount, operatorCount) = (findings.counts.tensors, findings.counts.operators)
    (inputCount, outputCount) = (findings.counts.inputs, findings.counts.outputs)
    arenaByteCount = findings.arenaByteCount
    bandGroupCount = findings.bandGroupCount
    contract = findings.contract
    labelCount = findings.labelCount
    goldenVectorCount = findings.goldenVectorCount
  }

  /// The tensor of graph input `index`.
  public func input(_ index: Int) -> Int {
    precondition(index >= 0 && index < inputCount, "the model has no such input")
    return tensorIndex(inGraphList: index)
  }

  /// The tensor of graph output `index`.
  public func output(_ index: Int) -> Int {
    precondition(index >= 0 && index < outputCount, "the model has no such output")
    return tensorIndex(inGraphList: inputCount + index)
  }

  /// The bytes of `text`, UTF-8 as the source model had it (not checked to be valid).
  @_lifetime(copy self)
  public func text(_ text: TextReference) -> RawSpan {
    let section = sections[.text]
    let start = section.lowerBound + text.offset
    precondition(text.byteCount <= section.upperBound - start, "checked when the model was made")
    return bytes.extracting(start..<(start + text.byteCount))
  }

  /// The bytes of the section `kind`; empty where the model has none.
  @_lifetime(copy self)
  public func section(_ kind: SectionKind) -> RawSpan { bytes.extracting(sections[kind]) }

  /// Where section `kind` is in the file; empty where the model has none.
  public func sectionRange(_ kind: SectionKind) -> Range<Int> { sections[kind] }

  private func tensorIndex(inGraphList position: Int) -> Int {
    Int(bytes.uint32(at: sections[.graph].lowerBound + Layout.Graph.lists + position * 4))
  }

  static func recordCount(
    of kind: SectionKind, in sections: SectionTable, stride: Int, limit: Int
  ) throws(ModelError) -> Int {
    let range = sections[kind]
    let (count, rest) = range.count.quotientAndRemainder(dividingBy: stride)
    guard rest == 0 else {
      throw ModelError(
        .wrongSectionSize, section: kind, offset: range.lowerBound, found: range.count,
        expected: count * stride)
    }
    guard count <= limit else {
      throw ModelError(
        .tooManyRecords, section: kind, offset: range.lowerBound, found: count, expected: limit)
    }
    return count
  }

  private func checkGraph() throws(ModelError) {
    let range = sections[.graph]
    let expected = Layout.Graph.lists + (inputCount + outputCount) * 4
    guard range.count == expected else {
      throw ModelError(
        .wrongSectionSize, section: .graph, offset: range.lowerBound, found: range.count,
        expected: expected)
    }
    let reserved =
      (range.lowerBound + Layout.Graph.reserved)..<(range.lowerBound + Layout.Graph.lists)
    if let offset = bytes.firstNonZero(in: reserved) {
      throw ModelError(.reservedNotZero, section: .graph, offset: offset)
    }
    for position in 0..<(inputCount + outputCount) {
      let offset = range.lowerBound + Layout.Graph.lists + position * 4
      guard bytes.uint32(at: offset) < UInt32(tensorCount) else {
        throw ModelError(
          .tensorIndexOutOfBounds, section: .graph, record: position, offset: offset)
      }
    }
  }

  /// All inputs, and all outputs, of one invocation fit in the memory a board can address: a tensor
  /// may be listed more than once.
  private func checkGraphSize() throws(ModelError) {
    var total: Int64 = 0
    for position in 0..<(inputCount + outputCount) {
      total += Int64(tensor(tensorIndex(inGraphList: position)).byteCount)
      guard total <= Int64(Layout.Limits.bytes) else {
        throw ModelError(
          .tooLarge, section: .graph, record: position,
          offset: sections[.graph].lowerBound + Layout.Graph.lists + position * 4,
          expected: Layout.Limits.bytes)
      }
    }
  }

  /// Checks a text reference of `nameOffset: UInt32, byteCount: UInt32` at `offset` of the file.
  func checkText(
    at offset: Int, section: SectionKind, record: Int
  ) throws(ModelError) {
    try checkText(
      start: bytes.uint32(at: offset), byteCount: bytes.uint32(at: offset + 4),
      at: offset, section: section, record: record)
  }

  func checkText(
    start: UInt32, byteCount: UInt32, at offset: Int, section: SectionKind, record: Int
  ) throws(ModelError) {
    let size = UInt32(sections[.text].count)
    guard start <= size, byteCount <= size - start else {
      throw ModelError(.textOutOfBounds, section: section, record: record, offset: offset)
    }
  }
}
