import Foundation
import ModelFormat
import TestSupport
import Testing

/// `docs/model-format.md` and the code say the same.
@Suite("The specification of the model file")
struct SpecificationTests {
  private let text: String

  init() throws {
    text = try String(
      contentsOf: SharedMaterial.packageFolder.appendingPathComponent("docs/model-format.md"),
      encoding: .utf8)
  }

  @Test("shows the smallest model byte by byte")
  func dump() throws {
    let block = try #require(text.components(separatedBy: "```hexdump\n").last)
    let lines = try #require(block.components(separatedBy: "```").first).split(separator: "\n")
    var bytes: [UInt8] = []
    for line in lines where !line.hasPrefix(" ") {
      #expect(Int(line.prefix(4), radix: 16) == bytes.count, "\(line)")
      let words = line.dropFirst(6).prefix(48).split(separator: " ")
      if words.count > 2, words[1] == "×" {
        let value = try #require(UInt8(words[0], radix: 16))
        bytes += Array(repeating: value, count: try #require(Int(words[2])))
      } else {
        bytes += try words.map { try #require(UInt8($0, radix: 16), "\(line)") }
      }
    }
    #expect(bytes == ModelFixtures.smallest.bytes)
  }

  @Test("lists every reason a model is refused for, and no other")
  func reasons() throws {
    let listed = try rows(under: "Rejections").map { $0[0] }
    #expect(listed == ModelError.Reason.allCases.map { "`\($0)`" })
  }

  @Test("lists every operator with raw value, number of words and whether it works in place")
  func operators() throws {
    let listed = try rows(under: "Operators").map { Array($0.prefix(4)) }
    let expected = OperatorKind.allCases.map {
      ["\($0.rawValue)", "`\($0)`", "\($0.wordCount)", $0.worksInPlace ? "yes" : "no"]
    }
    #expect(listed == expected)
  }

  @Test("lists every section with its four letters")
  func sections() throws {
    let rows = try rows(under: "Section table entry").filter { $0.count == 4 && $0[0].count == 6 }
    let listed = Set(rows.map { Array($0.prefix(3)) })
    let expected = SectionKind.allCases.map { kind in
      let letters = fourBytes(Int(kind.rawValue)).map { String(UnicodeScalar($0)) }.joined()
      return ["`\(letters)`", "\(kind.name)", kind.isMandatory ? "yes" : "no"]
    }
    #expect(listed == Set(expected))
    #expect(rows.count == expected.count)
  }

  @Test("gives every element type, storage and packing its number")
  func numbers() throws {
    let fields = try rows(under: "Tensor record")
    let types = try #require(fields.first { $0[2] == "element type" })[3]
    #expect(types == ElementType.allCases.map { "\($0.rawValue) \($0)" }.joined(separator: ", "))
    let storages = try #require(fields.first { $0[2] == "storage" })[3]
    let names = try (UInt8(0)...4).map { "\($0) \(try #require(TensorStorage(rawValue: $0)))" }
    #expect(storages == names.joined(separator: ", "))
  }

  @Test("gives every field the place it has in the code", arguments: Table.all)
  func fields(_ table: Table) throws {
    let rows = try rows(under: table.heading).filter { Int($0[0]) != nil && Int($0[1]) != nil }
    #expect(rows.map { $0[2] } == table.fields.map(\.name))
    for (row, field) in zip(rows, table.fields) {
      #expect(row[0] == "\(field.offset)", "\(field.name)")
    }
    // Without gaps, up to the size of the record.
    let ends = rows.map { (Int($0[0]) ?? 0) + (Int($0[1]) ?? 0) }
    #expect(ends == rows.dropFirst().map { Int($0[0]) ?? 0 } + [table.byteCount])
  }

  @Test("states the limits of the code")
  func limits() throws {
    let listed = try rows(under: "Limits").map { Int($0[1].filter(\.isNumber)) }
    let limits = Layout.Limits.self
    #expect(
      listed == [
        limits.sections, limits.tensors, limits.operators, limits.operandsPerOperator,
        limits.graphInputs, limits.channels, limits.labels, limits.elements, limits.bytes,
        limits.windowParameter,
      ])
    #expect(text.contains("version \(Layout.majorVersion).\(Layout.minorVersion)"))
  }

  /// The cells of the tables between heading `heading` and the next one, without their head.
  private func rows(under heading: String) throws -> [[String]] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(
      lines.firstIndex { $0.hasPrefix("#") && $0.hasSuffix("# \(heading)") }, "\(heading)")
    let section = lines[(start + 1)...].prefix { !$0.hasPrefix("#") }
    var rows: [[String]] = []
    for line in section where line.hasPrefix("|") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if cells[0].hasPrefix("--") {
        rows.removeLast()
      } else {
        rows.append(cells)
      }
    }
    return rows
  }
}

/// A field table and the constants it must agree with.
struct Table: CustomTestStringConvertible, Sendable {
  let heading: String
  let byteCount: Int
  let fields: [(name: String, offset: Int)]

  var testDescription: String { heading }

  static let all: [Table] = [
    Table(
      heading: "Header", byteCount: Layout.Header.byteCount,
      fields: [
        ("magic", Layout.Header.magic), ("byte order mark", Layout.Header.byteOrderMark),
        ("major version", Layout.Header.majorVersion),
        ("minor version", Layout.Header.minorVersion),
        ("file bytes", Layout.Header.fileByteCount),
        ("section count", Layout.Header.sectionCount), ("check", Layout.Header.check),
        ("reserved", Layout.Header.reserved),
      ]),
    Table(
      heading: "Section table entry", byteCount: Layout.SectionEntry.stride,
      fields: [
        ("kind", Layout.SectionEntry.kind), ("flags", Layout.SectionEntry.flags),
        ("offset", Layout.SectionEntry.offset), ("bytes", Layout.SectionEntry.byteCount),
        ("check", Layout.SectionEntry.check), ("reserved", Layout.SectionEntry.reserved),
      ]),
    Table(
      heading: "Graph", byteCount: Layout.Graph.lists,
      fields: [
        ("arena bytes", Layout.Graph.arenaByteCount), ("input count", Layout.Graph.inputCount),
        ("output count", Layout.Graph.outputCount), ("reserved", Layout.Graph.reserved),
      ]),
    Table(
      heading: "Tensor record", byteCount: Layout.Tensor.stride,
      fields: [
        ("name offset", Layout.Tensor.nameOffset), ("name bytes", Layout.Tensor.nameByteCount),
        ("element type", Layout.Tensor.elementType), ("storage", Layout.Tensor.storage),
        ("packing", Layout.Tensor.packing), ("rank", Layout.Tensor.rank),
        ("reserved", Layout.Tensor.reserved), ("dimensions", Layout.Tensor.dimensions),
        ("scale", Layout.Tensor.scale), ("zero point", Layout.Tensor.zeroPoint),
        ("offset", Layout.Tensor.offset), ("bytes", Layout.Tensor.byteCount),
        ("first step", Layout.Tensor.firstStep), ("last step", Layout.Tensor.lastStep),
        ("reference", Layout.Tensor.reference),
      ]),
    Table(
      heading: "Operator record", byteCount: Layout.Operator.stride,
      fields: [
        ("kind", Layout.Operator.kind), ("input count", Layout.Operator.inputCount),
        ("first operand", Layout.Operator.firstOperand), ("output", Layout.Operator.output),
        ("source index", Layout.Operator.sourceIndex),
        ("name offset", Layout.Operator.nameOffset),
        ("name bytes", Layout.Operator.nameByteCount), ("reserved", Layout.Operator.reserved),
        ("words", Layout.Operator.words),
      ]),
    Table(
      heading: "Contract", byteCount: Layout.Contract.channels,
      fields: [
        ("channel count", Layout.Contract.channelCount),
        ("window", Layout.Contract.windowLength), ("hop", Layout.Contract.hop),
        ("rate", Layout.Contract.rateMillihertz), ("reserved", Layout.Contract.reserved),
      ]),
    Table(
      heading: "Channel record", byteCount: Layout.Channel.stride,
      fields: [
        ("name offset", Layout.Channel.nameOffset), ("name bytes", Layout.Channel.nameByteCount),
        ("unit offset", Layout.Channel.unitOffset), ("unit bytes", Layout.Channel.unitByteCount),
        ("mean", Layout.Channel.mean),
        ("standard deviation", Layout.Channel.standardDeviation),
        ("reserved", Layout.Channel.reserved),
      ]),
    Table(
      heading: "Labels", byteCount: Layout.Labels.references,
      fields: [("count", Layout.Labels.count), ("reserved", 4)]),
    Table(
      heading: "Baseline", byteCount: Layout.Baseline.channels,
      fields: [
        ("channel count", Layout.Baseline.channelCount),
        ("class count", Layout.Baseline.classCount), ("bin stride", Layout.Baseline.binStride),
        ("window", Layout.Baseline.windowSampleCount), ("budget", Layout.Baseline.budgetSeconds),
        ("promise", Layout.Baseline.promise),
        ("channel decisions", Layout.Baseline.channelDecisions),
        ("prediction decisions", Layout.Baseline.predictionDecisions),
        ("samples", Layout.Baseline.sampleCount),
        ("predictions", Layout.Baseline.predictionCount),
        ("independent windows", Layout.Baseline.independentWindowCount),
        ("clear windows", Layout.Baseline.clearWindowCount),
        ("model check", Layout.Baseline.modelCheck), ("epsilon", Layout.Baseline.epsilon),
        ("probability", Layout.Baseline.decisionProbability),
        ("reserved", Layout.Baseline.reserved),
      ]),
    Table(
      heading: "Baseline channel", byteCount: Layout.BaselineChannel.bins,
      fields: [
        ("mean", Layout.BaselineChannel.mean), ("variance", Layout.BaselineChannel.variance),
        ("difference variance", Layout.BaselineChannel.differenceVariance),
        ("minimum", Layout.BaselineChannel.minimum),
        ("maximum", Layout.BaselineChannel.maximum),
        ("skewness", Layout.BaselineChannel.skewness),
        ("kurtosis", Layout.BaselineChannel.kurtosis),
        ("correlation", Layout.BaselineChannel.correlation),
        ("correlation time", Layout.BaselineChannel.correlationTime),
        ("extreme share", Layout.BaselineChannel.extremeShare),
        ("longest run", Layout.BaselineChannel.longestRun),
        ("bin count", Layout.BaselineChannel.binCount),
        ("detectable shift", Layout.BaselineChannel.detectableShift),
        ("detectable spread", Layout.BaselineChannel.detectableSpread),
        ("reserved", Layout.BaselineChannel.reserved),
        ("thresholds", Layout.BaselineChannel.thresholds),
      ]),
    Table(
      heading: "Baseline predictions", byteCount: Layout.BaselinePredictions.classCounts,
      fields: [
        ("confidence mean", Layout.BaselinePredictions.confidenceMean),
        ("confidence variance", Layout.BaselinePredictions.confidenceVariance),
        ("detectable class shift", Layout.BaselinePredictions.detectableClassShift),
        ("detectable confidence shift", Layout.BaselinePredictions.detectableConfidenceShift),
        ("confidence counts", Layout.BaselinePredictions.confidenceCounts),
        ("thresholds", Layout.BaselinePredictions.thresholds),
      ]),
    Table(
      heading: "Threshold", byteCount: Layout.Threshold.stride,
      fields: [
        ("lower", Layout.Threshold.lower), ("upper", Layout.Threshold.upper),
        ("clear lower", Layout.Threshold.clearLower),
        ("clear upper", Layout.Threshold.clearUpper),
      ]),
    Table(
      heading: "Golden vectors", byteCount: Layout.Golden.vectors,
      fields: [
        ("vector count", Layout.Golden.vectorCount),
        ("input bytes", Layout.Golden.inputByteCount),
        ("output bytes", Layout.Golden.outputByteCount), ("reserved", Layout.Golden.reserved),
      ]),
  ]
}
