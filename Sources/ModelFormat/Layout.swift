/// The byte layout of the model file: the one definition that reader and writer share.
///
/// `docs/model-format.md` is its specification in prose. All integers are little-endian.
public enum Layout {
  /// The first eight bytes of every model file: a byte that is not ASCII, the name, and line ends
  /// and an end-of-file character that a transfer in text mode would change.
  public static let magic: InlineArray<8, UInt8> = [
    0x89, 0x53, 0x57, 0x4C, 0x0D, 0x0A, 0x1A, 0x0A,
  ]
  /// A number whose bytes tell their own order.
  public static let byteOrderMark: UInt32 = 0x0A0B_0C0D
  /// Files of another major version are refused.
  public static let majorVersion: UInt16 = 1
  /// Files of a later minor version are read; what they add is skipped.
  public static let minorVersion: UInt16 = 0

  /// Sections, and constants inside the data section, start at multiples of this.
  public static let alignment = 64
  /// Tensors in the arena start at multiples of this, and so must the arena itself.
  public static let arenaAlignment = 16

  /// Byte offsets inside the file header.
  package enum Header {
    package static let magic = 0
    package static let byteOrderMark = 8
    package static let majorVersion = 12
    package static let minorVersion = 14
    package static let fileByteCount = 16
    package static let sectionCount = 20
    /// CRC-32C of header and section table, computed with this field as zero.
    package static let check = 24
    package static let reserved = 28
    package static let byteCount = 64
  }

  /// Byte offsets inside an entry of the section table.
  package enum SectionEntry {
    package static let kind = 0
    package static let flags = 4
    package static let offset = 8
    package static let byteCount = 12
    package static let check = 16
    package static let reserved = 20
    package static let stride = 32
    /// Flag: a reader that does not know this section must refuse the file.
    package static let requiredFlag: UInt32 = 1
  }

  /// Byte offsets inside the graph section; the lists of tensor indices follow.
  package enum Graph {
    package static let arenaByteCount = 0
    package static let inputCount = 4
    package static let outputCount = 8
    package static let reserved = 12
    package static let lists = 16
  }

  /// Byte offsets inside a tensor record.
  package enum Tensor {
    package static let nameOffset = 0
    package static let nameByteCount = 4
    package static let elementType = 6
    package static let storage = 7
    package static let packing = 8
    package static let rank = 9
    package static let reserved = 10
    package static let dimensions = 12
    package static let scale = 36
    package static let zeroPoint = 40
    package static let offset = 44
    package static let byteCount = 48
    package static let firstStep = 52
    package static let lastStep = 56
    package static let reference = 60
    package static let stride = 64
  }

  /// Byte offsets inside an operator record.
  package enum Operator {
    package static let kind = 0
    package static let inputCount = 2
    package static let firstOperand = 4
    package static let output = 8
    package static let sourceIndex = 12
    package static let nameOffset = 16
    package static let nameByteCount = 20
    package static let reserved = 22
    package static let words = 32
    package static let stride = 128
  }

  /// Byte offsets inside a record of the band section.
  package enum BandGroup {
    package static let firstOperator = 0
    package static let operatorCount = 4
    package static let rowsPerBand = 8
    package static let reserved = 12
    package static let stride = 16
  }

  /// Byte offsets inside the input contract; channel records follow.
  package enum Contract {
    package static let channelCount = 0
    package static let windowLength = 4
    package static let hop = 8
    package static let rateMillihertz = 12
    package static let reserved = 16
    package static let channels = 32
  }

  /// Byte offsets inside a channel record.
  package enum Channel {
    package static let nameOffset = 0
    package static let nameByteCount = 4
    package static let unitOffset = 8
    package static let unitByteCount = 12
    package static let mean = 16
    package static let standardDeviation = 20
    package static let reserved = 24
    package static let stride = 32
  }

  /// Byte offsets inside the label section; text references follow, eight bytes each.
  package enum Labels {
    package static let count = 0
    package static let references = 8
  }

  /// Byte offsets inside the golden vectors; the vectors follow.
  package enum Golden {
    package static let vectorCount = 0
    package static let inputByteCount = 4
    package static let outputByteCount = 8
    package static let reserved = 12
    package static let vectors = 16
  }

  /// What keeps the work of the checks at load bounded.
  package enum Limits {
    package static let sections = 64
    package static let tensors = 4096
    package static let operators = 4096
    package static let operandsPerOperator = 256
    package static let graphInputs = 64
    package static let channels = 1024
    package static let labels = 65_536
    /// Elements of one tensor; with it, products of an element count and an element size fit in
    /// the 32-bit Int of ARMv7.
    package static let elements = 1 << 27
    /// Bytes of the file and of the arena.
    package static let bytes = 1 << 30
    /// Any stride, dilation, padding or window size.
    package static let windowParameter = 1 << 15
  }

  /// The reference of a tensor that has none.
  public static let noReference: UInt32 = 0xFFFF_FFFF
}

/// The kinds of sections; raw values are four ASCII letters, the first in the lowest byte.
public enum SectionKind: UInt32, Sendable {
  /// Text that other sections refer to (`TEXT`).
  case text = 0x5458_4554
  /// Tensor records (`TENS`).
  case tensors = 0x534E_4554
  /// Tensor indices that operator records refer to (`OPND`).
  case operands = 0x444E_504F
  /// Operator records in execution order (`OPER`).
  case operators = 0x5245_504F
  /// Constants, packed for the kernels (`DATA`).
  case data = 0x4154_4144
  /// Arena size, graph inputs and outputs (`GRPH`).
  case graph = 0x4850_5247
  /// Operators that run together, some rows at a time (`BAND`).
  case bands = 0x444E_4142
  /// What the model expects of its input (`CNTR`).
  case contract = 0x5254_4E43
  /// Names of the classes (`LABL`).
  case labels = 0x4C42_414C
  /// What samples go through before they enter the model (`PREP`).
  case preprocessing = 0x5045_5250
  /// What inputs and predictions look like without drift (`BASE`).
  case baseline = 0x4553_4142
  /// Inputs with the outputs they must give (`GOLD`).
  case golden = 0x444C_4F47
  /// Model card, Markdown (`CARD`).
  case card = 0x4452_4143
  /// Where the model came from, lines of `key=value` (`PROV`).
  case provenance = 0x564F_5250

  /// The section's name in messages.
  public var name: StaticString {
    switch self {
    case .text: "text"
    case .tensors: "tensors"
    case .operands: "operands"
    case .operators: "operators"
    case .data: "data"
    case .graph: "graph"
    case .bands: "bands"
    case .contract: "contract"
    case .labels: "labels"
    case .baseline: "baseline"
    case .golden: "golden"
    case .card: "card"
    case .preprocessing: "preprocessing"
    case .provenance: "provenance"
    }
  }

  /// Whether every model must have it.
  public var isMandatory: Bool {
    switch self {
    case .text, .tensors, .operands, .operators, .data, .graph: true
    default: false
    }
  }
}

extension SectionKind {
  /// Whether a reader that does not know the section must refuse the file: without it the model
  /// would be fed something else than it was trained on, or store tensors for which there is no
  /// room.
  package var mustBeUnderstood: Bool {
    isMandatory || self == .preprocessing || self == .bands
  }
}

#if !hasFeature(Embedded)
  // The list of cases is an array, which a board without a heap cannot have.
  extension SectionKind: CaseIterable {}
#endif
