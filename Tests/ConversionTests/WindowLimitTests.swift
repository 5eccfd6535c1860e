import ModelFormat
import Testing

@testable import Conversion

@Suite("A window the model file has no room for")
struct WindowLimitTests {
  /// Found by fuzzing: the model used to be written and then refused by the engine's checks.
  @Test("is refused with the layer and the limit", arguments: [32_769, 1 << 24])
  func stride(_ stride: Int) throws {
    let graph = try pool(stride: stride)
    let error = #expect(throws: ConversionError.self) { try Converter.convert(graph) }
    #expect(error?.kind == .unsupportedOption)
    #expect(error?.place.contains("MAX_POOL_2D") == true)
    #expect(error?.what == "a window size, stride, dilation or padding of \(stride)")
    #expect(error?.hint.contains("32768") == true)
  }

  @Test("is one larger than the largest that converts")
  func largest() throws {
    _ = try Converter.convert(try pool(stride: Layout.Limits.windowParameter))
  }

  /// A pool over two columns whose next window would start `stride` columns on.
  private func pool(stride: Int) throws -> SourceGraph {
    var b = TFLiteModelBuilder()
    TFLiteSamples.unary(
      &b, .maxPool2D, from: [1, 2, 2, 1], to: [1, 2, 1, 1],
      options: (
        5, [0: .int8(0), 1: .int32(Int32(stride)), 2: .int32(1), 3: .int32(2), 4: .int32(1)]
      ))
    return try importTFLite(b.bytes(), fileName: "pool.tflite")
  }
}
