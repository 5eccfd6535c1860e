import ModelFormat
import TestSupport

// Tensors of the model with every section: 0 input, 1 memory (state), 2 start (constant), 3 memory
// as image (view of 1), 4 larger, 5 before, 6 table (constant), 7 result, 8 flat (view of 0).
// Operators: 0 recall copy(3) → 5, 1 compare maximum(0, 3) → 4, 2 flip lookup(4, 6) → 7,
// 3 store copy(8) → 1.
extension Refusal {
  private typealias Header = Layout.Header
  private typealias Entry = Layout.SectionEntry
  private typealias Tensor = Layout.Tensor
  private typealias Operator = Layout.Operator

  /// The place of the provenance in the section table: behind all others.
  // All kinds but the baseline and the bands.
  private static let lastEntry = SectionKind.allCases.count - 3

  static let all =
    headers + sectionTable + records + contents + baselines + bands + plan + operators

  private static let headers: [Refusal] = [
    Refusal(testDescription: "no bytes", reason: .empty, offset: { _ in 0 }) { $0.bytes = [] },
    header("another first byte", .notAModel, 0, to: 0x88, byteCount: 1),
    header("a line end changed in transfer", .notAModel, 4, to: 0x0A, byteCount: 1),
    header("the other byte order", .wrongByteOrder, Header.byteOrderMark, to: 0x0D0C_0B0A),
    header("no byte order", .damagedHeader, Header.byteOrderMark, to: 0x0D0C_0B0B),
    header("version 2", .newerVersion, Header.majorVersion, to: 2, byteCount: 2),
    header("version 0", .damagedHeader, Header.majorVersion, to: 0, byteCount: 2),
    Refusal(
      testDescription: "the last byte missing", reason: .truncated, offset: { $0.bytes.count }
    ) { $0.bytes.removeLast() },
    Refusal(
      testDescription: "a header and nothing else", reason: .truncated, offset: { _ in 63 }
    ) { $0.bytes.removeLast($0.bytes.count - 63) },
    Refusal(
      testDescription: "a byte too many", reason: .trailingBytes,
      offset: { $0.bytes.count - 1 }
    ) { $0.bytes.append(0) },
    header("a file of more than 1 GiB", .tooLarge, Header.fileByteCount, to: 1 << 30 + 1),
    header("65 sections", .tooManySections, Header.sectionCount, to: 65),
    header("a reserved byte", .reservedNotZero, 63, to: 1, byteCount: 1),
    Refusal(
      testDescription: "a wrong header checksum", reason: .damagedHeader,
      offset: { _ in Header.check }, repairsChecks: false
    ) { $0.bytes[Header.check] ^= 1 },
    Refusal(
      testDescription: "a changed section table", reason: .damagedHeader,
      offset: { _ in Header.check }, repairsChecks: false
    ) { $0.bytes[Header.byteCount] ^= 1 },
  ]

  private static let sectionTable: [Refusal] = [
    Refusal(
      testDescription: "a section behind the end", reason: .sectionOutOfBounds, record: 0,
      offset: { _ in 64 + Entry.offset }
    ) { $0.set(0x7FFF_FFFF, at: 64 + Entry.byteCount) },
    Refusal(
      testDescription: "sections that end early", reason: .sectionOutOfBounds,
      offset: { _ in Header.fileByteCount }
    ) { $0.set(15, at: $0.entry(.provenance) + Entry.byteCount) },
    Refusal(
      testDescription: "a section at an odd place", reason: .sectionMisaligned, record: 0,
      offset: { _ in 64 + Entry.offset }
    ) { $0.set($0.start(.graph) + 1, at: 64 + Entry.offset) },
    Refusal(
      testDescription: "two sections in one place", reason: .sectionsOutOfOrder, record: 1,
      offset: { _ in 96 + Entry.offset }
    ) { $0.set($0.start(.graph), at: 96 + Entry.offset) },
    Refusal(
      testDescription: "a gap between sections", reason: .sectionsOutOfOrder, record: 1,
      offset: { _ in 96 + Entry.offset }
    ) { $0.set($0.start(.tensors) + 64, at: 96 + Entry.offset) },
    Refusal(
      testDescription: "padding that is not zero", reason: .paddingNotZero, record: 1,
      offset: { $0.end(.graph) }
    ) { $0.bytes[$0.end(.graph)] = 1 },
    Refusal(
      testDescription: "a reserved byte of the table", reason: .reservedNotZero, record: 2,
      offset: { _ in 128 + Entry.reserved + 3 }
    ) { $0.bytes[128 + Entry.reserved + 3] = 1 },
    Refusal(
      testDescription: "an unknown flag", reason: .reservedNotZero, section: .graph, record: 0,
      offset: { _ in 64 + Entry.flags }
    ) { $0.set(3, at: 64 + Entry.flags) },
    Refusal(
      testDescription: "an unknown section that is required", reason: .unknownRequiredSection,
      record: lastEntry, offset: { _ in 64 + lastEntry * Entry.stride }
    ) {
      $0.set(1, at: $0.entry(.provenance) + Entry.flags)
      $0.set(0x3154_4146, at: $0.entry(.provenance))
    },
    Refusal(
      testDescription: "a section twice", reason: .duplicateSection, section: .provenance,
      offset: { _ in 64 + lastEntry * Entry.stride }
    ) { $0.set(Int(SectionKind.provenance.rawValue), at: $0.entry(.card)) },
    Refusal(
      testDescription: "a mandatory section missing", reason: .missingSection, section: .text,
      offset: { _ in 64 }
    ) {
      $0.set(0, at: $0.entry(.text) + Entry.flags)
      $0.set(0x3154_4146, at: $0.entry(.text))
    },
    Refusal(
      testDescription: "a changed byte of a section", reason: .damagedSection, section: .data,
      offset: { $0.start(.data) }, repairsChecks: false
    ) { $0.bytes[$0.start(.data) + 3] ^= 0x10 },
  ]

  private static let records: [Refusal] = [
    section("more inputs than listed", .wrongSectionSize, .graph, 4, to: 2, at: 0),
    section("65 inputs", .tooManyRecords, .graph, Layout.Graph.inputCount, to: 65),
    section("an arena of more than 1 GiB", .tooLarge, .graph, 0, to: 1 << 30 + 1),
    section("a reserved graph field", .reservedNotZero, .graph, Layout.Graph.reserved, to: 1),
    section(
      "an input that is no tensor", .tensorIndexOutOfBounds, .graph, Layout.Graph.lists, to: 9,
      record: 0),
    tensor("a name behind the text", .textOutOfBounds, 4, Tensor.nameOffset, to: 1 << 20),
    tensor(
      "a name too long", .textOutOfBounds, 4, Tensor.nameByteCount, to: 0xFFFF, byteCount: 2,
      at: Tensor.nameOffset),
    tensor("an unknown type", .unknownElementType, 3, Tensor.elementType, to: 6, byteCount: 1),
    tensor("an unknown storage", .unknownStorage, 3, Tensor.storage, to: 5, byteCount: 1),
    tensor("an unknown packing", .unknownPacking, 2, Tensor.packing, to: 4, byteCount: 1),
    tensor("a packed activation", .unknownPacking, 0, Tensor.packing, to: 1, byteCount: 1),
    tensor("seven dimensions", .badRank, 0, Tensor.rank, to: 7, byteCount: 1),
    tensor("a reserved tensor field", .reservedNotZero, 0, Tensor.reserved, to: 1, byteCount: 2),
    tensor("a dimension past the rank", .reservedNotZero, 0, Tensor.dimensions + 12, to: 1),
    tensor("a dimension of 0", .badDimension, 0, Tensor.dimensions + 4, to: 0),
    tensor("too many elements", .tooManyElements, 0, Tensor.dimensions, to: 1 << 27 + 1),
    tensor("a wrong size", .wrongByteCount, 0, Tensor.byteCount, to: 7),
    tensor("a huge size", .tooLarge, 0, Tensor.byteCount, to: -1),
    tensor("a huge offset", .tooLarge, 0, Tensor.offset, to: -16),
    tensor("a scale of NaN", .badScale, 0, Tensor.scale, to: Int(Float.nan.bitPattern)),
    tensor("a negative scale", .badScale, 0, Tensor.scale, to: Int(Float(-1).bitPattern)),
    tensor("a zero point of 128", .badZeroPoint, 0, Tensor.zeroPoint, to: 128),
    tensor("a constant behind the data", .constantOutOfBounds, 2, Tensor.offset, to: 1 << 20),
    tensor("a constant that ends behind the data", .constantOutOfBounds, 6, Tensor.offset, to: 128),
    tensor("a constant at an odd place", .constantMisaligned, 2, Tensor.offset, to: 1),
    tensor("a constant with a reference", .badReference, 2, Tensor.reference, to: 1),
    tensor("an activation with a reference", .badReference, 0, Tensor.reference, to: 1),
    tensor("a view of nothing", .badReference, 8, Tensor.reference, to: -1),
    tensor("a reference to no tensor", .tensorIndexOutOfBounds, 8, Tensor.reference, to: 9),
    tensor(
      "a life past the outputs", .badLiveRange, 0, Tensor.lastStep, to: 6, at: Tensor.firstStep),
    tensor("a life that is over at once", .badLiveRange, 4, Tensor.firstStep, to: 4),
    tensor("a life past any limit", .badLiveRange, 4, Tensor.lastStep, to: -1),
    `operator`("an unknown operator", .unknownOperator, 1, Operator.kind, to: 22, byteCount: 2),
    `operator`("operands behind the list", .operandOutOfBounds, 1, Operator.firstOperand, to: 5),
    `operator`(
      "257 operands", .tooManyOperands, 1, Operator.inputCount, to: 257, byteCount: 2),
    `operator`("an output that is no tensor", .tensorIndexOutOfBounds, 1, Operator.output, to: 9),
    `operator`("a name behind the text", .textOutOfBounds, 1, Operator.nameOffset, to: -1),
    `operator`(
      "a reserved operator field", .reservedNotZero, 1, Operator.reserved, to: 1, byteCount: 1),
    `operator`("an unknown parameter", .reservedNotZero, 1, Operator.words, to: 1, byteCount: 1),
    section(
      "an input that is no tensor", .tensorIndexOutOfBounds, .operands, 4, to: 9, record: 1),
  ]

  private static let contents: [Refusal] = [
    section(
      "no blocks of features", .badPreprocessing, .preprocessing, Layout.Preprocessing.blockCount,
      to: 0),
    section(
      "an unknown filter", .wrongSectionSize, .preprocessing, Layout.Preprocessing.filterCount,
      to: 1, at: 0),
    section(
      "an unknown block of features", .badPreprocessing, .preprocessing,
      Layout.Preprocessing.filters, to: 9),
    section(
      "a reserved field of the preprocessing", .reservedNotZero, .preprocessing,
      Layout.Preprocessing.reserved, to: 1),
    section(
      "a feature's standard deviation of 0", .badPreprocessing, .preprocessing,
      Layout.Preprocessing.filters + Layout.Block.stride + Layout.FeatureScale.standardDeviation,
      to: 0, at: Layout.Preprocessing.filters + Layout.Block.stride),
    section("no channels", .badContract, .contract, 0, to: 0),
    section("more channels than records", .wrongSectionSize, .contract, 0, to: 3),
    section("a hop of 0", .badContract, .contract, Layout.Contract.hop, to: 0),
    section("a hop longer than the window", .badContract, .contract, Layout.Contract.hop, to: 5),
    section("no rate", .badContract, .contract, Layout.Contract.rateMillihertz, to: 0),
    section(
      "a reserved contract field", .reservedNotZero, .contract, Layout.Contract.reserved, to: 1),
    section(
      "a channel's name behind the text", .textOutOfBounds, .contract, 64, to: 1 << 20, record: 1),
    section(
      "a mean of infinity", .badContract, .contract, 32 + Layout.Channel.mean,
      to: Int(Float.infinity.bitPattern), record: 0),
    section(
      "a standard deviation of 0", .badContract, .contract, 32 + Layout.Channel.standardDeviation,
      to: 0, record: 0),
    section(
      "a reserved channel field", .reservedNotZero, .contract, 32 + Layout.Channel.reserved, to: 1,
      record: 0),
    Refusal(
      testDescription: "a window of another size", reason: .contractDoesNotFitInput,
      section: .contract, offset: { $0.start(.contract) }
    ) {
      // Without the preprocessing, which would be refused for the window's length first.
      $0.set(0, at: $0.entry(.preprocessing) + Entry.flags)
      $0.set(0x3154_4146, at: $0.entry(.preprocessing))
      $0.set(5, at: $0.start(.contract) + Layout.Contract.windowLength)
    },
    section("more labels than listed", .badLabels, .labels, 0, to: 3),
    section("a reserved label field", .badLabels, .labels, 4, to: 1, at: 0),
    section("a label behind the text", .textOutOfBounds, .labels, 8, to: 1 << 20, record: 0),
    section("more golden vectors than there are", .badGolden, .golden, 0, to: 3),
    section("golden inputs of another size", .badGolden, .golden, 4, to: 7, at: 0),
    section("a reserved golden field", .badGolden, .golden, Layout.Golden.reserved, to: 1, at: 0),
  ]

  private typealias Group = Layout.BandGroup

  private static let bands: [Refusal] = [
    group("a group behind the operators", .badBands, Group.firstOperator, to: 2),
    group("a group of no operators", .badBands, Group.operatorCount, to: 0),
    group("a group of nine operators", .badBands, Group.operatorCount, to: 9),
    group("a group of more operators than there are", .badBands, Group.operatorCount, to: 3),
    group("bands of no rows", .badBands, Group.rowsPerBand, to: 0),
    group("a reserved field of a group", .reservedNotZero, Group.reserved, to: 1),
    Refusal(
      testDescription: "a group that ends inside its chain", base: .banded, reason: .brokenChain,
      section: .operators, record: 0, offset: { $0.operator(0, 0) }
    ) { $0.set(1, at: $0.start(.bands) + Group.operatorCount) },
    tensor(
      "a tensor stored whole inside a group", .brokenChain, 1, Tensor.storage, to: 0, byteCount: 1,
      base: .banded, isOfOperator: 0),
    tensor(
      "a band over the input", .tensorsOverlap, 1, Tensor.offset, to: 16, base: .banded),
    tensor(
      "a band behind the arena", .arenaOutOfBounds, 1, Tensor.offset, to: 128, base: .banded),
    tensor(
      "a band that lives too long", .brokenChain, 1, Tensor.lastStep, to: 3, base: .banded,
      isOfOperator: 0),
    tensor(
      "an output over rows still to be read", .overwrittenTooEarly, 2, Tensor.offset, to: 32,
      base: .banded, isOfOperator: 0),
  ]

  private static let firstChannel = Layout.Baseline.channels

  private static let baselines: [Refusal] = [
    baseline(
      "a baseline of another model", .baselineOfAnotherModel, Layout.Baseline.modelCheck, to: 7),
    baseline("a baseline of no channels", .badBaseline, Layout.Baseline.channelCount, to: 0),
    baseline(
      "more channels than the baseline has", .wrongSectionSize, Layout.Baseline.channelCount,
      to: 3, at: 0),
    baseline("a baseline of 33 bins", .badBaseline, Layout.Baseline.binStride, to: 33),
    baseline("a drift window of 1 sample", .badBaseline, Layout.Baseline.windowSampleCount, to: 1),
    baseline("no time for a false alarm", .badBaseline, Layout.Baseline.budgetSeconds, to: 0),
    baseline("a promise nobody knows", .badBaseline, Layout.Baseline.promise, to: 3),
    baseline("a statistic nobody knows", .badBaseline, Layout.Baseline.channelDecisions, to: 128),
    baseline("an epsilon of 0", .badBaseline, Layout.Baseline.epsilon, to: 0),
    baseline(
      "a reserved field of the baseline", .reservedNotZero, Layout.Baseline.reserved, to: 1),
    baseline(
      "a mean that is no number", .badBaseline, firstChannel + Layout.BaselineChannel.mean + 4,
      to: 0x7FF8_0000, at: firstChannel + Layout.BaselineChannel.mean, record: 0),
    baseline(
      "a threshold that is no number", .badBaseline,
      firstChannel + Layout.BaselineChannel.thresholds, to: 0x7FC0_0000, record: 0),
    baseline(
      "one bin", .badBaseline, firstChannel + Layout.BaselineChannel.binCount, to: 1, record: 0),
    baseline(
      "edges that do not rise", .badBaseline,
      firstChannel + Layout.BaselineChannel.bins + Layout.BaselineChannel.binByteCount,
      to: 0x7F00_0000, record: 0),
    baseline(
      "counts that do not add up", .badBaseline,
      firstChannel + Layout.BaselineChannel.bins + 4, to: 0, record: 0),
  ]

  private static let plan: [Refusal] = [
    tensor("a tensor at an odd place", .arenaMisaligned, 4, Tensor.offset, to: 33),
    tensor("a tensor behind the arena", .arenaOutOfBounds, 4, Tensor.offset, to: 64),
    tensor("a tensor over a living one", .tensorsOverlap, 4, Tensor.offset, to: 16),
    tensor("a tensor over a state", .tensorsOverlap, 4, Tensor.offset, to: 0),
    tensor("a view past its base", .viewOutsideBase, 8, Tensor.offset, to: 24),
    tensor("a view in front of its base", .viewOutsideBase, 8, Tensor.offset, to: 0),
    tensor("a view of a constant", .badReference, 8, Tensor.reference, to: 2),
    tensor("a view of a view", .badReference, 8, Tensor.reference, to: 3),
    tensor("a state that starts as an activation", .badReference, 1, Tensor.reference, to: 0),
    tensor("a state that starts too large", .badReference, 1, Tensor.reference, to: 6),
    tensor(
      "a view that outlives its base", .badLiveRange, 8, Tensor.lastStep, to: 5,
      at: Tensor.firstStep),
    tensor("a tensor nobody has written", .usedBeforeWritten, 5, Tensor.firstStep, to: 2),
    tensor("an output that has died", .usedOutsideLiveRange, 7, Tensor.lastStep, to: 4),
    Refusal(
      testDescription: "an operand that has died", reason: .usedOutsideLiveRange,
      section: .operators, record: 3, offset: { $0.operator(3, 0) }
    ) { $0.set(4, at: $0.start(.operands) + 5 * 4) },
    Refusal(
      testDescription: "a graph input in the file", reason: .notWritable, section: .tensors,
      record: 2, offset: { $0.tensor(2, Tensor.storage) }
    ) {
      // As large as the contract wants it.
      $0.set(2, at: $0.start(.graph) + Layout.Graph.lists)
    },
    `operator`("a constant written", .notWritable, 3, Operator.output, to: 2, at: 0),
    tensor(
      "a convolution in place", .inPlaceNotAllowed, 1, Tensor.offset, to: 0, base: .dense
    ).inOperator(0),
    Refusal(
      testDescription: "a weight in the padding", base: .dense, reason: .wrongPackedWeights,
      section: .operators, record: 0, offset: { $0.operator(0, 0) }
    ) { $0.bytes[$0.start(.data) + 63] = 1 },
  ]

  private static let operators: [Refusal] = [
    `operator`(
      "an operand too many", .wrongOperandCount, 0, Operator.inputCount, to: 2, byteCount: 2, at: 0),
    Refusal(
      testDescription: "a table in the arena", reason: .wrongOperandType, section: .operators,
      record: 2, offset: { $0.operator(2, 0) }
    ) { $0.set(0, at: $0.start(.operands) + 4 * 4) },
    Refusal(
      testDescription: "shapes that do not broadcast", reason: .wrongShape, section: .operators,
      record: 1, offset: { $0.operator(1, 0) }
    ) {
      $0.set(2, at: $0.tensor(3, Tensor.dimensions + 4))
      $0.set(4, at: $0.tensor(3, Tensor.dimensions + 8))
    },
    `operator`(
      "an activation beyond int8", .badParameter, 0, Operator.words + 4, to: 128, at: 0,
      base: .dense),
    tensor(
      "packed weights of a wrong size", .wrongPackedSize, 2, Tensor.byteCount, to: 60, base: .dense
    ).inOperator(0),
  ]

  /// The same change, reported at operator `index`.
  private func inOperator(_ index: Int) -> Refusal {
    Refusal(
      testDescription: testDescription, base: base, reason: reason, section: .operators,
      record: index, offset: { $0.operator(index, 0) }, change: change)
  }
}
