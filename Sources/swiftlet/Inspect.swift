import ArgumentParser
import Conversion
import Foundation
import Inference
import ModelCommands
import ModelFormat

/// `swiftlet inspect`: what is in a model file.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show tensors, operators, memory plan, contract and card of a model.",
    discussion: """
      The kernels are those this machine takes; SWIFTLET_ISA limits them to a variant.
      """)

  @Argument(help: "The model (.swl).", completion: .file(extensions: ["swl"]))
  var model: String

  @Flag(help: "Print the same facts as one JSON object.")
  var json = false

  @Flag(help: "Draw the arena plan over time.")
  var plan = false

  func run() throws {
    let bytes = try Files.read(model)
    try withEngine(bytes, file: model) { engine in
      var summary = ModelSummary(engine.model)
      summary.addKernels(of: &engine)
      if json {
        try printJSON(summary)
      } else {
        printText(summary)
      }
    }
  }

  private func printText(_ summary: ModelSummary) {
    printHead(summary)
    printOperators(summary)
    printGroups(summary)
    if plan {
      print("\nArena plan")
      for line in PlanPicture(summary: summary).lines { print(line) }
    }
    if let contract = summary.contract { printContract(contract) }
    if let baseline = summary.baseline, let contract = summary.contract {
      print("")
      for line in baseline.lines(rateHertz: contract.rateHertz) { print(line) }
    }
    if !summary.labels.isEmpty { print("\nLabels: \(summary.labels.joined(separator: ", "))") }
    if !summary.provenance.isEmpty {
      print("\nProvenance")
      for line in summary.provenance.split(separator: "\n") { print("  \(line)") }
    }
    if !summary.card.isEmpty { print("\nModel card\n\n\(summary.card)") }
  }

  private func printHead(_ summary: ModelSummary) {
    print("\(model): Swiftlet model, format \(summary.formatVersion)\n")
    func row(_ name: String, _ value: String) { print("  \(pad(name, 12)) \(value)") }
    for index in summary.inputs { row("input", describe(summary.tensors[index])) }
    for index in summary.outputs { row("output", describe(summary.tensors[index])) }
    row("MACs", decimal(summary.macs))
    row(
      "file",
      "\(decimal(summary.fileByteCount)) bytes, of it \(decimal(summary.constantByteCount)) constants"
    )
    let excess = summary.arenaByteCount - summary.arenaLowerBound
    row(
      "arena",
      "\(summary.arenaText), of it \(decimal(summary.stateByteCount)) state; "
        + (excess == 0 ? "no plan can be smaller" : "\(decimal(excess)) above the lower bound"))
    if let isa = summary.isa { row("kernels", "\(isa), on this machine") }
    row("self-test", "\(summary.goldenVectors) golden vectors")
  }

  private func describe(_ tensor: TensorSummary) -> String {
    let shape = tensor.shape.map(String.init).joined(separator: "×")
    let scale = tensor.scale == 0 ? "" : ", scale \(tensor.scale), zero point \(tensor.zeroPoint)"
    return "\(tensor.type) \(shape)\(scale)  '\(tensor.name.firstOfFused)'"
  }

  private func printOperators(_ summary: ModelSummary) {
    print(
      "\n  \(padLeft("#", 3))  \(pad("operator", 23)) \(pad("output", 14)) "
        + "\(padLeft("MACs", 11)) \(padLeft("weights", 9))  \(pad("kernel", 10))  layer")
    for step in summary.operators {
      let output = summary.tensors[step.output]
      let shape = output.shape.map(String.init).joined(separator: "×")
      let weights = step.inputs.map { summary.tensors[$0] }.filter { $0.storage == .constant }
        .reduce(0) { $0 + $1.byteCount }
      let kind = step.kind + (step.inPlace ? " (in place)" : "")
      print(
        "  \(padLeft("\(step.index)", 3))  \(pad(kind, 23)) \(pad(shape, 14)) "
          + "\(padLeft(step.macs == 0 ? "" : decimal(step.macs), 11)) "
          + "\(padLeft(weights == 0 ? "" : decimal(weights), 9))  \(pad(step.isa ?? "", 10))  "
          + step.layer.firstOfFused)
    }
  }

  private func printGroups(_ summary: ModelSummary) {
    guard !summary.groups.isEmpty else { return }
    print("\nBand by band")
    for group in summary.groups {
      let stored = group.storedByteCounts.reduce(0, +)
      let whole = group.tensors.reduce(0) { $0 + summary.tensors[$1].byteCount }
      let between =
        group.tensors.isEmpty
        ? "" : "; \(decimal(stored)) of \(decimal(whole)) bytes between them are stored"
      print("  \(group.description)\(between)")
    }
  }

  private func printContract(_ contract: ContractSummary) {
    let seconds = Double(contract.window) / contract.rateHertz
    print(
      """

      Input contract: windows of \(contract.window) samples (\(seconds) s at \
      \(contract.rateHertz) Hz), a new one every \(contract.hop)
      """)
    let width = contract.channels.map(\.name.count).max() ?? 0
    for channel in contract.channels {
      print(
        "  \(pad(channel.name, width))  \(channel.unit), mean \(channel.mean), "
          + "standard deviation \(channel.standardDeviation)")
    }
  }
}

/// Checks `bytes` as the device does, engine included, and gives `body` the model.
func withModel(
  _ bytes: [UInt8], file: String, _ body: (borrowing Model) throws -> Void
) throws {
  try withEngine(bytes, file: file) { try body($0.model) }
}

/// Makes an engine for the model in `bytes` and gives it to `body`.
func withEngine(
  _ bytes: [UInt8], file: String, _ body: (inout Engine) throws -> Void
) throws {
  let kernels = try KernelSelection.fromEnvironment()
  do {
    var failure: (any Error)?
    try HostMemory.withEngine(for: bytes, kernels: kernels) { engine in
      do { try body(&engine) } catch { failure = error }
    }
    if let failure { throw failure }
  } catch let error as ModelError {
    throw Failure(error, file: file)
  }
}

/// Prints `value` as JSON on standard output, keys sorted.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
