import Conversion
import Inference
import ModelFormat

/// Every byte string is a `ConversionError`, or converts to a file that the reader takes.
func fuzzImporter(_ input: UnsafeRawBufferPointer) {
  do throws(ConversionError) {
    let graph = try importTFLite(Array(input), fileName: "fuzz.tflite")
    do throws(ConversionError) {
      try graph.validate()
    } catch {
      report("imported, but not valid: \(error)")
    }
    guard isSmall(graph) else { return }
    let bytes = try Converter.convert(graph)
    do throws(ModelError) {
      try HostMemory.withEngine(for: bytes) { $0.invoke() }
    } catch {
      report("converted, but refused: \(error)")
    }
  } catch {
    if error.kind == .internalInconsistency { report("\(error)") }
    if error.what.isEmpty || error.file != "fuzz.tflite" && !error.file.isEmpty {
      report("an error that says nothing: \(error)")
    }
  }
}

/// Whether converting and running the graph takes a moment only.
private func isSmall(_ graph: SourceGraph) -> Bool {
  var total = 0.0
  for tensor in graph.tensors {
    let count = tensor.shape.reduce(1.0) { $0 * Double($1) }
    if count > 4096 { return false }
    total += count
  }
  return total <= 16_384 && graph.operators.count <= 24
}
