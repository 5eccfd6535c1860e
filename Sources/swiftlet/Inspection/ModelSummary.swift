import Inference
import ModelCommands
import ModelFormat
import Text

/// Everything `inspect` shows, in ordinary Swift values; `--json` prints it as it is.
struct ModelSummary: Encodable {
  let formatVersion: String
  let fileByteCount: Int
  let arenaByteCount: Int
  /// What the arena would be if every operator ran for itself; as the converter noted it.
  let arenaByteCountWithoutFusion: Int?
  let groups: [GroupSummary]
  /// The most bytes of the arena in use in one step: no plan of the same graph can be smaller.
  let arenaLowerBound: Int
  let stateByteCount: Int
  let constantByteCount: Int
  let macs: Int
  let inputs: [Int]
  let outputs: [Int]
  private(set) var operators: [OperatorSummary]
  let tensors: [TensorSummary]
  let contract: ContractSummary?
  let baseline: BaselineSummary?
  let labels: [String]
  let goldenVectors: Int
  let provenance: String
  let card: String
  /// The fastest variant among the kernels of the operators; nil where no engine was asked.
  private(set) var isa: String?

  enum CodingKeys: String, CodingKey {
    case formatVersion = "format_version"
    case fileByteCount = "file_bytes"
    case arenaByteCount = "arena_bytes"
    case arenaByteCountWithoutFusion = "arena_bytes_without_fusion"
    case groups
    case arenaLowerBound = "arena_lower_bound_bytes"
    case stateByteCount = "state_bytes"
    case constantByteCount = "constant_bytes"
    case macs, inputs, outputs, operators, tensors, contract, baseline, labels
    case goldenVectors = "golden_vectors"
    case provenance, card, isa
  }

  init(_ model: borrowing Model) {
    formatVersion = "\(Layout.majorVersion).\(Layout.minorVersion)"
    fileByteCount = model.bytes.byteCount
    arenaByteCount = model.arenaByteCount
    var tensors: [TensorSummary] = []
    for index in 0..<model.tensorCount { tensors.append(TensorSummary(index, of: model)) }
    var groups: [GroupSummary] = []
    for index in 0..<model.bandGroupCount {
      let group = GroupSummary(index, of: model)
      groups.append(group)
      for (tensor, bytes) in zip(group.tensors, group.storedByteCounts) {
        tensors[tensor].storedByteCount = bytes
      }
    }
    for index in tensors.indices { tensors[index].share(steps: groups) }
    self.groups = groups
    var operators: [OperatorSummary] = []
    for index in 0..<model.operatorCount { operators.append(OperatorSummary(index, of: model)) }
    var (inputs, outputs): ([Int], [Int]) = ([], [])
    for index in 0..<model.inputCount { inputs.append(model.input(index)) }
    for index in 0..<model.outputCount { outputs.append(model.output(index)) }
    var labels: [String] = []
    for index in 0..<model.labelCount { labels.append(string(model.label(index), of: model)) }
    self.tensors = tensors
    self.operators = operators
    self.inputs = inputs
    self.outputs = outputs
    self.labels = labels
    macs = operators.reduce(0) { $0 + $1.macs }
    stateByteCount = tensors.filter { $0.storage == .state }.reduce(0) { $0 + $1.byteCount }
    constantByteCount = tensors.filter { $0.storage == .constant }.reduce(0) { $0 + $1.byteCount }
    arenaLowerBound = ArenaUse(tensors, operatorCount: operators.count).peakByteCount
    contract = ContractSummary(model)
    baseline = BaselineSummary(model)
    goldenVectors = model.goldenVectorCount
    provenance = string(model.section(.provenance))
    arenaByteCountWithoutFusion = provenance.split(separator: "\n")
      .first { $0.hasPrefix("arena_bytes_without_fusion=") }
      .flatMap { Int($0.drop { $0 != "=" }.dropFirst()) }
    card = string(model.section(.card))
  }

  /// Adds what runs the operators on this machine.
  mutating func addKernels(of engine: inout Engine) {
    isa = "\(engine.fastestKernel().name)"
    for index in operators.indices {
      operators[index].isa = "\(engine.kernel(of: index).name)"
    }
  }
}

extension ModelSummary {
  /// `36,864 bytes (55,296 without fusion)`.
  var arenaText: String {
    let without = arenaByteCountWithoutFusion.map { " (\(decimal($0)) without fusion)" } ?? ""
    return "\(decimal(arenaByteCount)) bytes\(groups.isEmpty ? "" : without)"
  }
}

/// A tensor as `inspect` shows it.
struct TensorSummary: Encodable {
  let index: Int
  let name: String
  let type: String
  let shape: [Int]
  let scale: Float
  let zeroPoint: Int32
  let storage: TensorStorage
  let offset: Int
  let byteCount: Int
  let firstStep: Int
  let lastStep: Int
  let base: Int?
  /// Bytes it has in the arena or in the file: of a tensor inside a group, those of a band.
  var storedByteCount: Int
  /// The steps in which its memory is its own: the operators of a group share all of theirs.
  var sharedSteps: ClosedRange<Int>

  init(_ index: Int, of model: borrowing Model) {
    let tensor = model.tensor(index)
    self.index = index
    name = string(tensor.name, of: model)
    type = String { $0.append(tensor.elementType.name) }
    shape = (0..<tensor.shape.rank).map { tensor.shape[$0] }
    (scale, zeroPoint) = (tensor.scale, tensor.zeroPoint)
    (storage, offset, byteCount) = (tensor.storage, tensor.offset, tensor.byteCount)
    (firstStep, lastStep) = (tensor.firstStep, tensor.lastStep)
    base = tensor.storage == .view ? tensor.reference : nil
    storedByteCount = tensor.byteCount
    sharedSteps = tensor.firstStep...tensor.lastStep
  }

  fileprivate mutating func share(steps groups: [GroupSummary]) {
    for group in groups {
      let steps = (group.firstOperator + 1)...(group.firstOperator + group.operatorCount)
      guard steps.overlaps(sharedSteps) else { continue }
      let first =
        steps.contains(firstStep) ? steps.lowerBound : sharedSteps.lowerBound
      let last = steps.contains(lastStep) ? steps.upperBound : sharedSteps.upperBound
      sharedSteps = first...last
    }
  }

  enum CodingKeys: String, CodingKey {
    case index, name, type, shape, scale
    case zeroPoint = "zero_point"
    case storage, offset
    case byteCount = "bytes"
    case storedByteCount = "stored_bytes"
    case firstStep = "first_step"
    case lastStep = "last_step"
    case base
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(name, forKey: .name)
    try container.encode(type, forKey: .type)
    try container.encode(shape, forKey: .shape)
    try container.encode(scale, forKey: .scale)
    try container.encode(zeroPoint, forKey: .zeroPoint)
    try container.encode(storage.label, forKey: .storage)
    try container.encode(offset, forKey: .offset)
    try container.encode(byteCount, forKey: .byteCount)
    try container.encode(storedByteCount, forKey: .storedByteCount)
    try container.encode(firstStep, forKey: .firstStep)
    try container.encode(lastStep, forKey: .lastStep)
    try container.encodeIfPresent(base, forKey: .base)
  }
}

extension String {
  /// The first of the names a training framework joins with semicolons when it fuses layers.
  var firstOfFused: String { String(prefix { $0 != ";" }) }
}

extension TensorStorage {
  /// The word for people and JSON.
  var label: String {
    switch self {
    case .arena: "arena"
    case .constant: "constant"
    case .state: "state"
    case .view: "view"
    case .band: "band"
    }
  }
}

/// An operator as `inspect` shows it.
struct OperatorSummary: Encodable {
  let index: Int
  let kind: String
  let layer: String
  let sourceIndex: Int
  let inputs: [Int]
  let output: Int
  let macs: Int
  /// Whether the output took the memory of an input.
  let inPlace: Bool
  /// The variant of the kernel that runs it; nil where no engine was asked.
  fileprivate(set) var isa: String?

  enum CodingKeys: String, CodingKey {
    case index, kind, layer, isa
    case sourceIndex = "source_index"
    case inputs, output, macs
    case inPlace = "in_place"
  }

  init(_ index: Int, of model: borrowing Model) {
    let record = model.operator(index)
    self.index = index
    kind = String { $0.append(record.kind.name) }
    layer = string(record.name, of: model)
    sourceIndex = record.sourceIndex
    var inputs: [Int] = []
    for position in 0..<record.inputCount { inputs.append(model.input(position, of: record)) }
    self.inputs = inputs
    output = record.output
    macs = Int(model.multiplyAccumulateCount(ofOperator: index))
    let result = model.tensor(record.output)
    var inPlace = false
    for input in inputs {
      let operand = model.tensor(input)
      inPlace = inPlace || (operand.storage != .constant && operand.offset == result.offset)
    }
    self.inPlace = inPlace
  }
}

/// The input contract as `inspect` shows it.
struct ContractSummary: Encodable {
  let rateHertz: Double
  let window: Int
  let hop: Int
  let channels: [ChannelSummary]

  struct ChannelSummary: Encodable {
    let name: String
    let unit: String
    let mean: Float
    let standardDeviation: Float

    enum CodingKeys: String, CodingKey {
      case name, unit, mean
      case standardDeviation = "standard_deviation"
    }
  }

  enum CodingKeys: String, CodingKey {
    case rateHertz = "rate_hz"
    case window, hop, channels
  }

  init?(_ model: borrowing Model) {
    guard let contract = model.contract else { return nil }
    rateHertz = Double(contract.rateMillihertz) / 1000
    window = contract.windowLength
    hop = contract.hop
    var channels: [ChannelSummary] = []
    for index in 0..<contract.channelCount {
      let channel = model.channel(index)
      channels.append(
        ChannelSummary(
          name: string(channel.name, of: model), unit: string(channel.unit, of: model),
          mean: channel.mean, standardDeviation: channel.standardDeviation))
    }
    self.channels = channels
  }
}

/// A piece of the text section as a string; what is not UTF-8 becomes U+FFFD.
func string(_ reference: TextReference, of model: borrowing Model) -> String {
  string(model.text(reference))
}

private func string(_ bytes: RawSpan) -> String {
  bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
}
