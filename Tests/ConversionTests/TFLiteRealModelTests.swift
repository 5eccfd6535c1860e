import TestSupport
import Testing

@testable import Conversion

@Suite("Published TensorFlow Lite models", .enabled(if: SharedMaterial.isAvailable))
struct TFLiteRealModelTests {
  struct Model: Sendable, CustomTestStringConvertible {
    let path: String
    /// Operators by name, after handles and splits have been resolved.
    let operators: [String: Int]
    var variableByteCount = 0

    var testDescription: String { path }
  }

  static let int8Models = [
    Model(path: "mlperf-tiny/ad01_int8.tflite", operators: ["FULLY_CONNECTED": 10]),
    Model(
      path: "mlperf-tiny/kws_ref_model.tflite",
      operators: [
        "CONV_2D": 5, "DEPTHWISE_CONV_2D": 4, "AVERAGE_POOL_2D": 1, "RESHAPE": 1,
        "FULLY_CONNECTED": 1, "SOFTMAX": 1,
      ]),
    Model(
      path: "mlperf-tiny/pretrainedResnet_quant.tflite",
      operators: [
        "CONV_2D": 9, "ADD": 3, "AVERAGE_POOL_2D": 1, "RESHAPE": 1, "FULLY_CONNECTED": 1,
        "SOFTMAX": 1,
      ]),
    Model(
      path: "mlperf-tiny/str_ww_ref_model.tflite",
      operators: [
        "CONV_2D": 4, "DEPTHWISE_CONV_2D": 4, "RESHAPE": 1, "FULLY_CONNECTED": 1, "SOFTMAX": 1,
      ]),
    Model(
      path: "mlperf-tiny/vww_96_int8.tflite",
      operators: [
        "CONV_2D": 14, "DEPTHWISE_CONV_2D": 13, "AVERAGE_POOL_2D": 1, "RESHAPE": 1,
        "FULLY_CONNECTED": 1, "SOFTMAX": 1,
      ]),
    Model(
      path: "wakeword/alexa.tflite",
      operators: [
        "RESHAPE": 2, "READ_VARIABLE": 6, "CONCATENATION": 6, "STRIDED_SLICE": 6,
        "ASSIGN_VARIABLE": 6, "CONV_2D": 5, "DEPTHWISE_CONV_2D": 4, "FULLY_CONNECTED": 1,
        "LOGISTIC": 1, "QUANTIZE": 1,
      ], variableByteCount: 20 * 64 + 4 * 64 + 2 * 40 + 4 * 32 + 8 * 64 + 12 * 64),
    Model(
      path: "wakeword/okay_nabu.tflite",
      operators: [
        "RESHAPE": 1, "READ_VARIABLE": 6, "CONCATENATION": 9, "STRIDED_SLICE": 12,
        "ASSIGN_VARIABLE": 6, "CONV_2D": 6, "DEPTHWISE_CONV_2D": 8, "SPLIT_V": 6,
        "FULLY_CONNECTED": 1, "LOGISTIC": 1, "QUANTIZE": 1,
      ], variableByteCount: 14 * 64 + 16 * 64 + 2 * 40 + 2 * 64 + 8 * 64 + 12 * 64),
  ]

  @Test("An int8 model is imported whole", arguments: int8Models)
  func int8ModelIsImported(_ model: Model) throws {
    let graph = try importTFLite(
      try SharedMaterial.bytes("models/" + model.path), fileName: model.path)
    let counts = Dictionary(grouping: graph.operators, by: \.builtinName).mapValues(\.count)
    #expect(counts == model.operators)
    #expect(graph.variables.reduce(0) { $0 + $1.byteCount } == model.variableByteCount)
    #expect(graph.inputs.count == 1 && graph.outputs.count == 1)
    #expect(graph.operators.allSatisfy { !$0.name.isEmpty })
  }

  // The third computes in float32 too, but stores its weights as int8.
  @Test(
    "A float32 model is refused with the way to quantize it",
    arguments: [
      ("ad01_fp32", "this is a float32 model; quantize it to int8 first"),
      ("pretrainedResnet", "this is a float32 model; quantize it to int8 first"),
      ("kws_ref_model_float32", "this model is quantized in its weights only"),
      ("vww_96_float", "this is a float32 model; quantize it to int8 first"),
    ])
  func floatModelIsRefused(_ name: String, _ hint: String) throws {
    let bytes = try SharedMaterial.bytes("models/mlperf-tiny/\(name).tflite")
    let error = #expect(throws: ConversionError.self) {
      try importTFLite(bytes, fileName: name)
    }
    #expect(error?.kind == .notInt8)
    #expect(error?.place.hasPrefix("operator 0 ") == true)
    #expect(error?.hint.hasPrefix(hint) == true)
    #expect(error?.hint.contains("full-integer post-training quantization") == true)
  }

  @Test(
    "A published model with bytes changed at random gives an error or a valid graph",
    arguments: int8Models)
  func damagedModel(_ model: Model) throws {
    var random = SeededGenerator(for: "byte changes in \(model.path)")
    let bytes = try SharedMaterial.bytes("models/" + model.path)
    for _ in 0..<40 {
      var damaged = bytes
      // The description of the graph is at the front; most of the rest is weights.
      for _ in 0..<4 {
        let index = Int.random(in: 0..<min(16_384, bytes.count), using: &random)
        damaged[index] = UInt8.random(in: 0...255, using: &random)
      }
      damaged.removeLast(Int.random(in: 0..<bytes.count, using: &random) / 4)
      do throws(ConversionError) {
        try importTFLite(damaged, fileName: model.path).validate()
      } catch {
        #expect(!error.what.isEmpty)
      }
    }
  }
}
