import Text

/// Why a byte string is not a model that can run, and where.
public struct ModelError: Error, Equatable, Sendable {
  /// What is wrong.
  public let reason: Reason
  /// The section it is in; nil for header and section table.
  public let section: SectionKind?
  /// The record of that section, counted from 0; nil where it is not a record.
  public let record: Int?
  /// The position in the file, in bytes.
  public let offset: Int
  /// What stands there, where that is one number.
  public let found: Int?
  /// What should stand there, or the limit, where that is one number.
  public let expected: Int?

  /// An error with its place.
  public init(
    _ reason: Reason, section: SectionKind? = nil, record: Int? = nil, offset: Int,
    found: Int? = nil, expected: Int? = nil
  ) {
    self.reason = reason
    self.section = section
    self.record = record
    self.offset = offset
    self.found = found
    self.expected = expected
  }

  /// The reasons a model is refused; `docs/model-format.md` lists them.
  public enum Reason: UInt8, Sendable {
    // Header and section table.
    case empty, notAModel, wrongByteOrder, newerVersion, truncated, trailingBytes
    case damagedHeader, tooLarge, reservedNotZero, paddingNotZero
    case tooManySections, sectionOutOfBounds, sectionMisaligned, sectionsOutOfOrder
    case unknownRequiredSection, duplicateSection, missingSection, damagedSection
    // Records.
    case wrongSectionSize, tooManyRecords, textOutOfBounds
    case unknownElementType, unknownStorage, unknownPacking, badRank, badDimension, tooManyElements
    case wrongByteCount, badScale, badZeroPoint, constantOutOfBounds, constantMisaligned
    case badReference, badLiveRange
    case unknownOperator, operandOutOfBounds, tensorIndexOutOfBounds, tooManyOperands
    case badContract, contractDoesNotFitInput, badLabels, badGolden, badPreprocessing
    case badBaseline, baselineOfAnotherModel, badBands
    // Arena plan.
    case arenaMisaligned, arenaOutOfBounds, tensorsOverlap, viewOutsideBase
    case usedOutsideLiveRange, usedBeforeWritten, notWritable, brokenChain, overwrittenTooEarly
    // Operators.
    case wrongOperandCount, wrongOperandType, wrongShape, badParameter, wrongPackedSize
    case wrongPackedWeights
    case inPlaceNotAllowed
    // Running.
    case arenaTooSmall, arenaAddressMisaligned, modelAddressMisaligned

    /// What is wrong and what to do about it.
    public var message: StaticString {
      switch self {
      case .empty: "the file is empty; copy it again"
      case .notAModel: "this is not a Swiftlet model (.swl); make one with 'swiftlet convert'"
      case .wrongByteOrder: "the file was written with the other byte order"
      case .newerVersion: "the file is of a newer format version; update Swiftlet on this machine"
      case .truncated: "the file is cut off; copy it again"
      case .trailingBytes: "there are bytes behind the end of the model; copy it again"
      case .damagedHeader: "header or section table are damaged (CRC); copy the file again"
      case .tooLarge: "the model is larger than the format allows"
      case .reservedNotZero: "a reserved field is not zero"
      case .paddingNotZero: "padding between sections is not zero"
      case .tooManySections: "too many sections"
      case .sectionOutOfBounds: "a section lies outside the file"
      case .sectionMisaligned: "a section does not start at a multiple of 64 bytes"
      case .sectionsOutOfOrder: "sections overlap, leave a gap or are not in ascending order"
      case .unknownRequiredSection:
        "the model needs a feature this version does not have; update Swiftlet on this machine"
      case .duplicateSection: "a section appears twice"
      case .missingSection: "a mandatory section is missing"
      case .damagedSection: "the section is damaged (CRC); copy the file again"
      case .wrongSectionSize: "the section's size does not fit its records"
      case .tooManyRecords: "too many records"
      case .textOutOfBounds: "a text reference points outside the text section"
      case .unknownElementType: "unknown element type"
      case .unknownStorage: "unknown tensor storage"
      case .unknownPacking: "unknown packing of constants"
      case .badRank: "a tensor has more dimensions than the format allows"
      case .badDimension: "a dimension is 0"
      case .tooManyElements: "a tensor has more elements than the format allows"
      case .wrongByteCount: "a tensor's size in bytes does not fit its shape"
      case .badScale: "a quantization scale is not a positive finite number"
      case .badZeroPoint: "a zero point is outside the range of the element type"
      case .constantOutOfBounds: "a constant lies outside the data section"
      case .constantMisaligned: "a constant does not start at a multiple of 64 bytes"
      case .badReference: "a tensor refers to one that cannot serve it"
      case .badLiveRange: "a tensor's live range is not inside the list of operators"
      case .unknownOperator:
        "the model has an operator this version does not know; update Swiftlet on this machine"
      case .operandOutOfBounds: "an operand list lies outside the operand section"
      case .tensorIndexOutOfBounds: "a tensor index is not one of the model's"
      case .tooManyOperands: "an operator has too many operands"
      case .badContract: "the input contract has a value that makes no sense"
      case .contractDoesNotFitInput:
        "window times channels, or the features made of them, is not the size of the model's input"
      case .badLabels: "the label section's size does not fit its count"
      case .badGolden: "the golden vectors' sizes do not fit the model"
      case .badPreprocessing: "the preprocessing has a value that makes no sense"
      case .badBaseline: "the drift baseline has a value that makes no sense"
      case .baselineOfAnotherModel:
        "the drift baseline was made for another model; make one with 'swiftlet baseline'"
      case .badBands: "a group of operators that run in bands has a value that makes no sense"
      case .arenaMisaligned: "a tensor does not start at a multiple of 16 bytes in the arena"
      case .arenaOutOfBounds: "a tensor lies outside the arena"
      case .tensorsOverlap: "two tensors that live at the same time overlap in the arena"
      case .viewOutsideBase: "a view is not inside the tensor it shows"
      case .usedOutsideLiveRange: "a tensor is used outside its live range"
      case .usedBeforeWritten: "a tensor is read before anything is written to it"
      case .notWritable: "an operator writes to a tensor that cannot be written"
      case .brokenChain: "operators of a group do not form a chain that can run in bands"
      case .overwrittenTooEarly: "a group of operators overwrites rows that it still reads"
      case .wrongOperandCount: "an operator has the wrong number of operands"
      case .wrongOperandType: "an operand has an element type the operator cannot use"
      case .wrongShape: "the shapes of an operator's tensors do not fit each other"
      case .badParameter: "an operator's parameter is outside its range"
      case .wrongPackedSize: "packed weights or channel table have the wrong size"
      case .wrongPackedWeights:
        "padding of packed weights is not zero, or a channel's sum of weights is wrong"
      case .inPlaceNotAllowed: "an operator that cannot work in place shares its output's memory"
      case .arenaTooSmall: "the arena given is smaller than the model needs"
      case .arenaAddressMisaligned: "the arena given does not start at a multiple of 16 bytes"
      case .modelAddressMisaligned: "the model in memory does not start at a multiple of 16 bytes"
      }
    }
  }
}

extension ModelError {
  /// Appends `byte 1284 (operators record 3): what is wrong; what to do (found 7, expected 4)`.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("byte ")
    sink.append(offset)
    if let section {
      sink.append(" (")
      sink.append(section.name)
      if let record {
        sink.append(" record ")
        sink.append(record)
      }
      sink.append(")")
    }
    sink.append(": ")
    sink.append(reason.message)
    if let found {
      sink.append(" (found ")
      sink.append(found)
      if let expected {
        sink.append(", expected ")
        sink.append(expected)
      }
      sink.append(")")
    }
  }
}

#if !hasFeature(Embedded)
  // The list of cases is an array, which a board without a heap cannot have.
  extension ModelError.Reason: CaseIterable {}
#endif
