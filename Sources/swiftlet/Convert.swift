import ArgumentParser
import Checksum
import Conversion
import Foundation
import ModelFormat

/// `swiftlet convert`: a trained model becomes one .swl file.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert an int8 .tflite model to a .swl file.",
    usage: """
      swiftlet convert <model> --output <output>
             [--contract <contract>] [--labels <labels>] [--card <card>]
             [--reference <recording>] [--budget <budget>]
             [--drift-window <seconds>]
      """,
    discussion: """
      The file holds everything a board needs: the graph, weights packed for the kernels, the plan \
      of the arena, labels, the input contract, the model card, and golden vectors that prove the \
      board computes the same bytes.
      """)

  @Argument(help: "The trained model (.tflite, int8).", completion: .file(extensions: ["tflite"]))
  var model: String

  @Option(name: .shortAndLong, help: "The file to write (.swl).")
  var output: String

  @Option(help: "Channels, rate, window and normalization of the input (JSON).")
  var contract: String?

  @Option(help: "Names of the classes, one a line, in the order of the output.")
  var labels: String?

  @Option(help: "The model card (Markdown): purpose, data, limits, measured quality.")
  var card: String?

  @Option(help: "A recording (CSV) in which nothing was wrong: calibrates the drift alarms.")
  var reference: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Run operators together, some rows at a time, where the arena saved is worth the time.")
  var fusion = true

  @OptionGroup var drift: BaselineArguments

  func run() throws {
    let source = try readSource()
    var contents = ModelContents()
    contents.provenance = [
      ("converter", "swiftlet \(swiftletVersion)"),
      ("source", (model as NSString).lastPathComponent),
      ("source_bytes", "\(source.byteCount)"),
      ("source_crc32c", source.check),
    ]
    if let contract {
      do {
        contents.contract = try ContractFile.decode(
          Data(try Files.read(contract)), file: contract)
      } catch let error as ConversionError {
        throw Failure(error, file: contract)
      }
    }
    if let labels { contents.labels = try readLabels(labels, of: source.graph) }
    if let card { contents.card = try readText(card) }
    do {
      var bytes = try Converter.convert(
        source.graph, contents: contents, fusesOperators: fusion)
      var report: [String] = []
      if let reference {
        (bytes, report) = try BaselineCommand.add(
          to: bytes, modelFile: model, reference: reference, drift: drift)
      }
      try Files.write(bytes, to: output)
      if output != "-" {
        try summarize(bytes, sourceByteCount: source.byteCount)
        for line in report { print("  \(line)") }
      }
    } catch let error as ConversionError {
      // Only a contract can be at odds with a model that is converted already.
      throw Failure(error, file: error.kind == .invalidCompanion ? contract ?? model : model)
    }
  }

  private func readSource() throws -> (graph: SourceGraph, byteCount: Int, check: String) {
    let bytes = try Files.read(model)
    var check = CRC32C()
    for byte in bytes { check.update(byte) }
    if model.hasSuffix(".onnx") {
      throw Failure(
        "\(model): ONNX models cannot be converted yet; export the model as an int8 .tflite")
    }
    do throws(ConversionError) {
      let graph = try importTFLite(bytes, fileName: model)
      return (graph, bytes.count, String(format: "%08x", check.value))
    } catch {
      throw Failure(error, file: model)
    }
  }

  private func readText(_ path: String) throws -> String {
    guard let text = String(bytes: try Files.read(path), encoding: .utf8) else {
      throw Failure("\(path): this is not UTF-8 text; save it as UTF-8")
    }
    return text
  }

  /// One label a line; their number must be that of the values in the model's first output.
  private func readLabels(_ path: String, of graph: SourceGraph) throws -> [String] {
    var lines = try readText(path).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).map { $0.trimmingCharacters(in: .whitespaces) }
    while lines.last?.isEmpty == true { lines.removeLast() }
    if let empty = lines.firstIndex(of: "") {
      throw Failure("\(path): line \(empty + 1): the label is empty; give every class a name")
    }
    let classes = graph.outputs.first.map { graph.tensors[$0].elementCount } ?? 0
    guard lines.count == classes else {
      throw Failure(
        "\(path): \(lines.count) labels, but the model's output has \(classes) values; "
          + "give one label a line for each, in the order of the output")
    }
    return lines
  }

  private func summarize(_ bytes: [UInt8], sourceByteCount: Int) throws {
    try withModel(bytes, file: output) { model in
      let summary = ModelSummary(model)
      print(
        """
        \(output)
          \(summary.operators.count) operators, \(decimal(summary.macs)) MACs, \
        file \(decimal(bytes.count)) bytes, arena \(summary.arenaText)
        """)
    }
  }
}
