import ModelFormat

/// Writes a planned graph as a model file; `docs/model-format.md` is the specification.
struct ModelWriter {
  private let graph: DeviceGraph
  private let plan: ArenaPlan
  private let contents: ModelContents
  private var text = TextPool()
  private var data = ByteWriter()
  /// Old tensor index to record index: tensors nobody uses are left out.
  private var recordIndex: [Int: Int] = [:]
  private var kept: [Int] = []

  /// The bytes of the file.
  static func write(
    _ graph: DeviceGraph, plan: ArenaPlan, contents: ModelContents
  ) throws(ConversionError) -> [UInt8] {
    var writer = ModelWriter(graph: graph, plan: plan, contents: contents)
    return try writer.write()
  }

  private init(graph: DeviceGraph, plan: ArenaPlan, contents: ModelContents) {
    self.graph = graph
    self.plan = plan
    self.contents = contents
  }

  private mutating func write() throws(ConversionError) -> [UInt8] {
    try checkLimits()
    keepUsedTensors()
    let tensors = tensorSection()
    let (operators, operands) = operatorSections()
    var sections: [(kind: SectionKind, bytes: [UInt8])] = [
      (.graph, graphSection()), (.tensors, tensors), (.operators, operators),
      (.operands, operands),
    ]
    if !plan.groups.isEmpty { sections.append((.bands, bandSection())) }
    if let contract = contents.contract {
      sections.append((.contract, contractSection(contract)))
      if let section = try contract.preprocessingSection() {
        sections.append((.preprocessing, section))
      }
    }
    if !contents.labels.isEmpty { sections.append((.labels, labelSection())) }
    sections.append((.data, data.bytes))
    if !contents.golden.isEmpty { sections.append((.golden, goldenSection())) }
    if !contents.card.isEmpty { sections.append((.card, Array(contents.card.utf8))) }
    if !contents.provenance.isEmpty { sections.append((.provenance, provenanceSection())) }
    // Last to be made: the others add to it.
    sections.insert((.text, text.bytes), at: 4)
    return ModelAssembler.assemble(sections)
  }

  private func checkLimits() throws(ConversionError) {
    func check(_ count: Int, _ limit: Int, _ what: String) throws(ConversionError) {
      guard count <= limit else {
        throw ConversionError(
          .unsupportedOption, place: "model", what: "\(count) \(what)",
          hint: "the format holds at most \(limit)")
      }
    }
    try check(graph.tensors.count, Layout.Limits.tensors, "tensors")
    try check(graph.operators.count, Layout.Limits.operators, "operators")
    try check(graph.inputs.count, Layout.Limits.graphInputs, "graph inputs")
    try check(graph.outputs.count, Layout.Limits.graphInputs, "graph outputs")
    try check(plan.byteCount, Layout.Limits.bytes, "bytes of arena")
    for tensor in graph.tensors {
      try check(tensor.shape.count, Shape.maximumRank, "dimensions of '\(tensor.name)'")
      try check(tensor.elementCount, Layout.Limits.elements, "elements of '\(tensor.name)'")
    }
    for candidate in graph.operators {
      try check(
        candidate.inputs.count, Layout.Limits.operandsPerOperator,
        "inputs of '\(candidate.name)'")
    }
  }

  /// Numbers the tensors that something refers to, bases and initial values included.
  private mutating func keepUsedTensors() {
    var used = Set(graph.inputs + graph.outputs)
    for candidate in graph.operators {
      used.formUnion(candidate.inputs)
      used.insert(candidate.output)
    }
    for index in used {
      if case .view(let base, _) = graph.tensors[index].storage { used.insert(base) }
    }
    for index in used {
      if case .state(let initial?) = graph.tensors[index].storage { used.insert(initial) }
    }
    kept = used.sorted()
    for (record, index) in kept.enumerated() { recordIndex[index] = record }
  }

  private mutating func tensorSection() -> [UInt8] {
    var section = ByteWriter(byteCount: kept.count * Layout.Tensor.stride)
    for (record, index) in kept.enumerated() {
      let tensor = graph.tensors[index]
      let start = record * Layout.Tensor.stride
      let name = text.add(tensor.name, atMost: Int(UInt16.max))
      section.set(count: name.offset, at: start + Layout.Tensor.nameOffset)
      section.set(UInt16(name.byteCount), at: start + Layout.Tensor.nameByteCount)
      section.set(tensor.elementType.rawValue, at: start + Layout.Tensor.elementType)
      section.set(UInt8(tensor.shape.count), at: start + Layout.Tensor.rank)
      for (axis, dimension) in tensor.shape.enumerated() {
        section.set(count: dimension, at: start + Layout.Tensor.dimensions + 4 * axis)
      }
      section.set(tensor.scale, at: start + Layout.Tensor.scale)
      section.set(tensor.zeroPoint, at: start + Layout.Tensor.zeroPoint)
      section.set(count: tensor.byteCount, at: start + Layout.Tensor.byteCount)
      let steps = plan.steps[index] ?? 0...0
      section.set(count: steps.lowerBound, at: start + Layout.Tensor.firstStep)
      section.set(count: steps.upperBound, at: start + Layout.Tensor.lastStep)
      setStorage(of: tensor, index: index, in: &section, at: start)
    }
    return section.bytes
  }

  private mutating func setStorage(
    of tensor: DeviceTensor, index: Int, in section: inout ByteWriter, at start: Int
  ) {
    var reference = Layout.noReference
    var packing = TensorPacking.rowMajor
    var offset = plan.offsets[index]
    let storage: TensorStorage
    switch tensor.storage {
    case .activation:
      storage = plan.bandByteCounts[index] == nil ? .arena : .band
    case .constant(let bytes, let order):
      storage = .constant
      packing = order
      data.align(to: Layout.alignment)
      offset = data.count
      data.append(bytes)
    case .state(let initial):
      storage = .state
      if let initial { reference = UInt32(recordIndex[initial] ?? 0) }
    case .view(let base, _):
      storage = .view
      reference = UInt32(recordIndex[base] ?? 0)
    }
    section.set(storage.rawValue, at: start + Layout.Tensor.storage)
    section.set(packing.rawValue, at: start + Layout.Tensor.packing)
    section.set(count: offset, at: start + Layout.Tensor.offset)
    section.set(reference, at: start + Layout.Tensor.reference)
  }

  private mutating func operatorSections() -> (operators: [UInt8], operands: [UInt8]) {
    var section = ByteWriter(byteCount: graph.operators.count * Layout.Operator.stride)
    var operands = ByteWriter()
    for (index, candidate) in graph.operators.enumerated() {
      let start = index * Layout.Operator.stride
      section.set(candidate.kind.rawValue, at: start + Layout.Operator.kind)
      section.set(UInt16(candidate.inputs.count), at: start + Layout.Operator.inputCount)
      section.set(count: operands.count / 4, at: start + Layout.Operator.firstOperand)
      section.set(count: recordIndex[candidate.output] ?? 0, at: start + Layout.Operator.output)
      section.set(count: candidate.sourceIndex, at: start + Layout.Operator.sourceIndex)
      let name = text.add(candidate.name, atMost: Int(UInt16.max))
      section.set(count: name.offset, at: start + Layout.Operator.nameOffset)
      section.set(UInt16(name.byteCount), at: start + Layout.Operator.nameByteCount)
      for word in 0..<OperatorWords.count {
        section.set(candidate.words[word], at: start + Layout.Operator.words + 4 * word)
      }
      for input in candidate.inputs { operands.append(count: recordIndex[input] ?? 0) }
    }
    return (section.bytes, operands.bytes)
  }

  private func graphSection() -> [UInt8] {
    var section = ByteWriter(byteCount: Layout.Graph.lists)
    section.set(count: plan.byteCount, at: Layout.Graph.arenaByteCount)
    section.set(count: graph.inputs.count, at: Layout.Graph.inputCount)
    section.set(count: graph.outputs.count, at: Layout.Graph.outputCount)
    for tensor in graph.inputs + graph.outputs { section.append(count: recordIndex[tensor] ?? 0) }
    return section.bytes
  }

  private func bandSection() -> [UInt8] {
    let stride = Layout.BandGroup.stride
    var section = ByteWriter(byteCount: plan.groups.count * stride)
    for (index, group) in plan.groups.enumerated() {
      let start = index * stride
      section.set(count: group.firstOperator, at: start + Layout.BandGroup.firstOperator)
      section.set(count: group.operatorCount, at: start + Layout.BandGroup.operatorCount)
      section.set(count: group.rowsPerBand, at: start + Layout.BandGroup.rowsPerBand)
    }
    return section.bytes
  }

  private mutating func contractSection(_ contract: ContractFile) -> [UInt8] {
    let stride = Layout.Channel.stride
    var section = ByteWriter(
      byteCount: Layout.Contract.channels + contract.channels.count * stride)
    section.set(count: contract.channels.count, at: Layout.Contract.channelCount)
    section.set(count: contract.window, at: Layout.Contract.windowLength)
    section.set(count: contract.hop, at: Layout.Contract.hop)
    section.set(count: contract.rateMillihertz, at: Layout.Contract.rateMillihertz)
    for (index, channel) in contract.channels.enumerated() {
      let start = Layout.Contract.channels + index * stride
      let (name, unit) = (text.add(channel.name), text.add(channel.unit))
      section.set(count: name.offset, at: start + Layout.Channel.nameOffset)
      section.set(count: name.byteCount, at: start + Layout.Channel.nameByteCount)
      section.set(count: unit.offset, at: start + Layout.Channel.unitOffset)
      section.set(count: unit.byteCount, at: start + Layout.Channel.unitByteCount)
      section.set(Float(channel.mean), at: start + Layout.Channel.mean)
      section.set(Float(channel.standardDeviation), at: start + Layout.Channel.standardDeviation)
    }
    return section.bytes
  }

  private mutating func labelSection() -> [UInt8] {
    var section = ByteWriter(byteCount: Layout.Labels.references)
    section.set(count: contents.labels.count, at: Layout.Labels.count)
    for label in contents.labels {
      let reference = text.add(label)
      section.append(count: reference.offset)
      section.append(count: reference.byteCount)
    }
    return section.bytes
  }

  private func goldenSection() -> [UInt8] {
    var section = ByteWriter(byteCount: Layout.Golden.vectors)
    section.set(count: contents.golden.count, at: Layout.Golden.vectorCount)
    section.set(count: contents.golden[0].input.count, at: Layout.Golden.inputByteCount)
    section.set(count: contents.golden[0].output.count, at: Layout.Golden.outputByteCount)
    for vector in contents.golden {
      section.append(vector.input)
      section.append(vector.output)
    }
    return section.bytes
  }

  private func provenanceSection() -> [UInt8] {
    Array(contents.provenance.map { "\($0.key)=\($0.value)\n" }.joined().utf8)
  }
}

/// The text section under construction: every distinct string once.
private struct TextPool {
  private(set) var bytes: [UInt8] = []
  /// By bytes, not by `String`: two spellings of "é" are equal strings.
  private var known: [[UInt8]: TextReference] = [:]

  /// Where `string` is, cut to `limit` bytes.
  mutating func add(_ string: String, atMost limit: Int = .max) -> TextReference {
    let utf8 = Array(string.utf8.prefix(limit))
    if let reference = known[utf8] { return reference }
    let reference = TextReference(offset: bytes.count, byteCount: utf8.count)
    bytes += utf8
    known[utf8] = reference
    return reference
  }
}
