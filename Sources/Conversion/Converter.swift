import Inference
import ModelFormat
import Text

/// From a source graph to the bytes of a model file.
public enum Converter {
  /// Golden vectors stored in a file, as far as they fit in ``goldenByteCount``; one at least.
  public static let goldenVectorCount = 8
  /// What golden vectors may add to a file, in bytes.
  public static let goldenByteCount = 16_384

  /// Lowers `source`, plans its memory and writes it with `contents`.
  ///
  /// Where it makes the arena smaller, operators are grouped to run in bands, unless
  /// `fusesOperators` is false; provenance then says what the arena would be without.
  ///
  /// Golden vectors are added: inputs from a seeded generator, outputs from the engine itself, each
  /// operator for itself, so that any other machine can prove that it computes the same.
  public static func convert(
    _ source: SourceGraph, contents: ModelContents = ModelContents(), fusesOperators: Bool = true
  ) throws(ConversionError) -> [UInt8] {
    let simplified = try SourcePasses.run(on: source)
    let plain = try write(simplified, contents: contents, fusesOperators: false)
    var complete = contents
    complete.golden = try GoldenVectors.make(
      for: plain, atMost: goldenVectorCount, byteCount: goldenByteCount)
    return try write(simplified, contents: complete, fusesOperators: fusesOperators)
  }

  /// Lowers, plans and writes without passes and golden vectors.
  static func write(
    _ source: SourceGraph, contents: ModelContents, fusesOperators: Bool
  ) throws(ConversionError) -> [UInt8] {
    let graph = try Lowering.run(on: source)
    var plan = ArenaPlanner.plan(graph)
    var contents = contents
    if fusesOperators {
      let plain = plan
      plan = BandChoice.plan(graph, without: plain)
      if !plan.groups.isEmpty {
        contents.provenance.append(("arena_bytes_without_fusion", "\(plain.byteCount)"))
      }
    }
    let bytes = try ModelWriter.write(graph, plan: plan, contents: contents)
    do {
      // The file must pass the checks of the device, whatever the source was.
      try HostMemory.withEngine(for: bytes) { _ in }
    } catch {
      switch error.reason {
      case .contractDoesNotFitInput:
        throw contractMismatch(contents, source)
      default:
        throw ConversionError(
          .internalInconsistency, place: "written model",
          what: String { error.describe(into: &$0) },
          hint: "this is a fault of the converter; please report it with the model")
      }
    }
    return bytes
  }

  private static func contractMismatch(
    _ contents: ModelContents, _ source: SourceGraph
  ) -> ConversionError {
    let shape = source.inputs.first.map { "\(source.tensors[$0].shape)" } ?? "none"
    let contract = contents.contract
    let (window, channels) = (contract?.window ?? 0, contract?.channels.count ?? 0)
    return ConversionError(
      .invalidCompanion, place: "contract",
      what: "a window of \(window) samples of \(channels) channels has "
        + "\(window * channels) values, the model's input has the shape \(shape)",
      hint: "make window and channels those the model was trained with")
  }
}
