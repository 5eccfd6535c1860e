import Testing

@testable import Conversion

@Suite("What a TensorFlow Lite file is refused for")
struct TFLiteRefusalTests {
  typealias Builder = TFLiteModelBuilder
  typealias Code = TFLiteModelBuilder.Code

  @Test("An unsupported operator is named with its layer, its index and what is supported")
  func unsupportedOperator() {
    let error = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let y = b.tensor("hidden", [1, 4])
      b.op(TFLiteBuiltin.relu.rawValue, [x], [y])
      let z = b.tensor("block/gelu", [1, 4])
      b.op(150, [y], [z])
      b.main.outputs = [z]
    }
    #expect(error?.kind == .unsupportedOperator)
    #expect(error?.place == "operator 1 GELU 'block/gelu'")
    #expect(error?.hint.contains("CONV_2D, ") == true)
    #expect(error?.exitCode == 65)
  }

  @Test("A custom operator is named by its own name")
  func customOperator() {
    let error = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let y = b.tensor("y", [1, 4])
      b.op(32, [x], [y], custom: "MyAttention")
      b.main.outputs = [y]
    }
    #expect(error?.place == "operator 0 CUSTOM MyAttention 'y'")
    #expect(error?.kind == .unsupportedOperator)
  }

  @Test(
    "A model that does not compute in int8 is told how to become one",
    arguments: [
      (Code.float32, Code.float32, "this is a float32 model"),
      (Code.float32, Code.int8, "quantized in its weights only"),
      (Code.float32, Code.float16, "float16 weights"),
      (Code.int16, Code.int8, "int16 activations"),
      (Code.uint8, Code.uint8, "as TensorFlow 1 did"),
    ])
  func notInt8(_ activation: Int8, _ weights: Int8, _ hint: String) {
    let error = refusal { b in
      let isPlain = activation == Code.float32
      let x = b.tensor("x", [1, 2], type: activation, isPlain: isPlain)
      b.main.inputs = [x]
      let byteCount = [Code.float32: 4, Code.float16: 2][weights] ?? 1
      let w = b.tensor(
        "w", [3, 2], type: weights, data: Array(repeating: 0, count: 6 * byteCount),
        isPlain: weights == Code.float32)
      let y = b.tensor("y", [1, 3], type: activation, isPlain: isPlain)
      b.op(TFLiteBuiltin.fullyConnected.rawValue, [x, w], [y], options: (8, [:]))
      b.main.outputs = [y]
    }
    #expect(error?.kind == .notInt8)
    #expect(error?.hint.contains(hint) == true)
    #expect(error?.place.hasPrefix("operator 0 FULLY_CONNECTED 'y'") == true)
  }

  @Test("Weights narrower than a byte are refused")
  func int4Weights() {
    let error = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 2])
      let w = b.tensor("w", [3, 2], type: Code.int4, data: [0, 0, 0])
      TFLiteSamples.finish(&b, .fullyConnected, [x, w], [1, 3], options: (8, [:]))
    }
    #expect(error?.what == "is int4, which is not supported")
    #expect(error?.hint.contains("less than 8 bits") == true)
  }

  @Test(
    "Tensors that cannot be known at conversion are refused",
    arguments: [
      (6, Builder.Field.node(.table([:])), "stored sparse"),
      (5, .int8(1), "variable tensor of the old kind"),
      (7, .node(.int32s([-1, -1])), "only known at run time"),
      (10, .int32(3), "in another file"),
      (0, .node(.int32s([1, 0])), "an extent of 0"),
      (0, .node(.int32s([1, -5])), "an extent of -5"),
      (0, .node(.int32s([1 << 20, 1 << 20])), "too many elements"),
      (0, .node(.int32s([1, 1, 1, 1, 1, 1, 1])), "has 7 dimensions"),
    ])
  func unknowableTensor(_ slot: Int, _ field: Builder.Field, _ what: String) {
    let error = refusal { b in
      let x = b.tensor("x", [1, 4], extra: [slot: field])
      b.main.inputs = [x]
      TFLiteSamples.finish(&b, .relu, [x], [1, 4])
    }
    #expect(error?.kind == .unsupportedOption)
    #expect(error?.what.contains(what) == true)
    #expect(error?.place.contains("tensor 0 'x'") == true)
  }

  @Test(
    "Wrong quantization parameters are refused",
    arguments: [
      ([], [], "without a scale"),
      ([0.5, 0.25], [0, 0], "scales along dimension 0"),
      ([0.5], [0, 0], "1 scales and 2 zero points"),
      ([0], [0], "a scale of 0.0"),
      ([.nan], [0], "a scale of nan"),
      ([.infinity], [0], "a scale of inf"),
      ([-1], [0], "a scale of -1.0"),
      ([0.5], [128], "zero point 128, which int8 cannot hold"),
      ([0.5], [1 << 40], "zero point 1099511627776"),
    ] as [([Float], [Int64], String)])
  func wrongQuantization(_ scales: [Float], _ zeroPoints: [Int64], _ what: String) {
    let error = refusal { b in
      let x = b.tensor("x", [1, 4], scales: scales, zeroPoints: zeroPoints)
      b.main.inputs = [x]
      TFLiteSamples.finish(&b, .relu, [x], [1, 4])
    }
    #expect(error?.kind == .malformed)
    #expect(error?.what.contains(what) == true)
  }

  @Test("Weights must be constant, symmetric and scaled along their outputs")
  func wrongWeights() {
    func fullyConnected(_ weights: (inout Builder) -> Int32) -> ConversionError? {
      refusal { b in
        let x = TFLiteSamples.input(&b, [1, 2])
        let w = weights(&b)
        TFLiteSamples.finish(&b, .fullyConnected, [x, w], [1, 3], options: (8, [:]))
      }
    }
    let computed = fullyConnected { TFLiteSamples.input(&$0, [3, 2]) }
    #expect(computed?.what == "weights 'x1' are not constant")
    let asymmetric = fullyConnected {
      $0.tensor("w", [3, 2], zeroPoints: [4], data: [1, 2, 3, 4, 5, 6])
    }
    #expect(asymmetric?.what.contains("a zero point other than 0") == true)
    let crosswise = fullyConnected {
      $0.tensor("w", [3, 2], scales: [0.5, 0.25], axis: 1, data: [1, 2, 3, 4, 5, 6])
    }
    #expect(crosswise?.what.contains("quantized along dimension 1, not 0") == true)
    let plain = fullyConnected {
      $0.tensor("w", [3, 2], data: [1, 2, 3, 4, 5, 6], isPlain: true)
    }
    #expect(plain?.what == "weights 'w' have no scale")
    let short = fullyConnected { $0.tensor("w", [3, 2], data: [1, 2, 3, 4, 5]) }
    #expect(short?.what == "holds 5 bytes, but int8 [3, 2] takes 6")
    for error in [computed, asymmetric, crosswise] {
      #expect(error?.hint.hasPrefix("supported: FULLY_CONNECTED in int8") == true)
    }
  }

  @Test("A bias must be a constant of int32 with one number for each output")
  func wrongBias() {
    func fullyConnected(_ bias: (inout Builder) -> Int32) -> ConversionError? {
      refusal { b in
        let x = TFLiteSamples.input(&b, [1, 2])
        let w = b.weights("w", [3, 2])
        let bias = bias(&b)
        TFLiteSamples.finish(&b, .fullyConnected, [x, w, bias], [1, 3], options: (8, [:]))
      }
    }
    #expect(fullyConnected { $0.bias("b", 4) }?.what.contains("does not fit 3 outputs") == true)
    let int8 = fullyConnected { $0.tensor("b", [3], data: [1, 2, 3]) }
    #expect(int8?.what == "bias 'b' is not a constant of int32")
    let scaled = fullyConnected {
      $0.tensor(
        "b", [3], type: Code.int32, scales: [1], data: Array(repeating: 0, count: 12))
    }
    #expect(scaled?.what.contains("but input scale × weight scale is 0.125") == true)
  }

  @Test(
    "Operators that move stored values need one quantization",
    arguments: [
      TFLiteBuiltin.averagePool2D, .maxPool2D, .relu6, .reshape,
    ])
  func changedQuantization(_ builtin: TFLiteBuiltin) {
    let error = refusal { b in
      TFLiteSamples.unary(
        &b, builtin, from: [1, 2, 2, 1], to: [1, 2, 2, 1], scale: 0.25,
        options: builtin == .averagePool2D || builtin == .maxPool2D
          ? (5, [0: .int8(1), 1: .int32(1), 2: .int32(1), 3: .int32(1), 4: .int32(1)]) : nil)
    }
    #expect(error?.kind == .unsupportedOption)
    #expect(error?.what.contains("takes scale 0.5, zero point 0 and gives scale 0.25") == true)
  }

  @Test(
    "Operators with a fixed output scale need that scale",
    arguments: [
      TFLiteBuiltin.softmax, .logistic, .tanh,
    ])
  func wrongOutputScale(_ builtin: TFLiteBuiltin) {
    let error = refusal { b in
      TFLiteSamples.unary(
        &b, builtin, from: [1, 4], to: [1, 4], scale: 0.25,
        options: builtin == .softmax ? (9, [0: .float(1)]) : nil)
    }
    #expect(error?.what.hasPrefix("output has scale 0.25, zero point 0, not") == true)
    #expect(error?.hint.contains("output scale 1/") == true)
  }

  @Test("A batch of more than one image is refused")
  func batch() {
    let error = refusal { b in
      TFLiteSamples.unary(
        &b, .maxPool2D, from: [2, 2, 2, 1], to: [2, 2, 2, 1],
        options: (5, [0: .int8(1), 1: .int32(1), 2: .int32(1), 3: .int32(1), 4: .int32(1)]))
    }
    #expect(error?.what == "its input has batch size 2")
  }

  @Test("A window that reaches further than a 32-bit board can count is refused")
  func hugeWindow() {
    let error = refusal { b in
      TFLiteSamples.unary(
        &b, .averagePool2D, from: [1, 2, 2, 1], to: [1, 2, 2, 1],
        options: (
          5, [0: .int8(0), 1: .int32(1), 2: .int32(1), 3: .int32(1 << 20), 4: .int32(1 << 20)]
        ))
    }
    #expect(error?.what == "its window reaches over 1073741825 cells")
  }

  @Test("Of a layer that was fused from several, messages give the first name")
  func fusedNames() {
    let error = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let y = b.tensor("block/Relu;block/BatchNorm;block/Conv2D", [1, 4])
      b.op(150, [x], [y])
      b.main.outputs = [y]
    }
    #expect(error?.place == "operator 0 GELU 'block/Relu;…'")
  }

  @Test(
    "A lie about an output's shape is refused with both shapes",
    arguments: [
      TFLiteBuiltin.relu, .softmax, .squeeze, .reshape, .maxPool2D,
    ])
  func wrongShape(_ builtin: TFLiteBuiltin) {
    let error = refusal { b in
      TFLiteSamples.unary(
        &b, builtin, from: [1, 4, 4, 2], to: [1, 4, 4, 1],
        scale: builtin == .softmax ? 1 / 256 : 0.5,
        zeroPoint: builtin == .softmax ? -128 : 0,
        options: builtin == .softmax
          ? (9, [0: .float(1)])
          : builtin == .maxPool2D
            ? (5, [0: .int8(0), 1: .int32(1), 2: .int32(1), 3: .int32(2), 4: .int32(2)]) : nil)
    }
    #expect(error?.kind == .malformed)
    #expect(error?.what.contains("[1, 4, 4, 1]") == true)
    #expect(error?.what.contains(builtin == .squeeze ? "[4, 4, 2]" : "[1, 4, 4, 2]") == true)
  }

  @Test("Fused activations that nothing computes are refused")
  func wrongActivation() {
    for (code, name) in [(Int8(4), "TANH"), (5, "SIGN_BIT"), (9, "9")] {
      let error = refusal { b in
        let x = TFLiteSamples.input(&b, [1, 2])
        TFLiteSamples.finish(&b, .add, [x, x], [1, 2], options: (11, [0: .int8(code)]))
      }
      #expect(error?.what == "has fused activation \(name)")
    }
    let error = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 2])
      TFLiteSamples.finish(
        &b, .concatenation, [x, x], [1, 4], options: (10, [0: .int32(1), 1: .int8(1)]))
    }
    #expect(error?.what == "has a fused activation")
  }

  @Test("Operands that describe an operator must be constant")
  func computedAxes() {
    let error = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let axes = b.tensor("axes", [1], type: Code.int32, isPlain: true)
      TFLiteSamples.finish(&b, .mean, [x, axes], [1], options: (27, [:]))
    }
    #expect(error?.what == "axes 'axes' is computed at run time, not constant")
  }

  @Test("Operators out of order, twice computed tensors and missing ones are refused")
  func wrongOrder() {
    let early = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let (y, z) = (b.tensor("y", [1, 4]), b.tensor("z", [1, 4]))
      b.op(TFLiteBuiltin.add.rawValue, [x, y], [z])
      b.op(TFLiteBuiltin.relu.rawValue, [x], [y])
      b.main.outputs = [z]
    }
    #expect(early?.what == "reads tensor 'y' before anything has computed it")
    let twice = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let y = b.tensor("y", [1, 4])
      b.op(TFLiteBuiltin.relu.rawValue, [x], [y])
      b.op(TFLiteBuiltin.relu.rawValue, [x], [y])
      b.main.outputs = [y]
    }
    #expect(twice?.what == "computes tensor 'y', which has a value already")
    let never = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let (y, z) = (b.tensor("y", [1, 4]), b.tensor("z", [1, 4]))
      b.op(TFLiteBuiltin.relu.rawValue, [x], [y])
      b.main.outputs = [z]
    }
    #expect(never?.what == "'z' is never computed")
    let beyond = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      b.op(TFLiteBuiltin.relu.rawValue, [x], [77])
      b.main.outputs = [x]
    }
    #expect(beyond?.what == "refers to tensor 77 of 1")
  }

  @Test("State that is never assigned, or initialized by a computation, is refused")
  func wrongState() {
    let handle: (UInt8, [Int: Builder.Field]) = (111, [1: .node(.text("memory"))])
    let unassigned = refusal { b in
      let resource = b.tensor("handle", [], type: Code.resource, isPlain: true)
      let y = b.tensor("y", [1, 2])
      b.op(TFLiteBuiltin.varHandle.rawValue, [], [resource], options: handle)
      b.op(TFLiteBuiltin.readVariable.rawValue, [resource], [y])
      b.main.outputs = [y]
    }
    #expect(unassigned?.what == "reads variable 'memory', which nothing assigns")
    let computed = refusal { b in
      TFLiteSamples.streaming(&b)
      b.others[0].operators.append(b.operatorNode(TFLiteBuiltin.relu.rawValue, [1], [1]))
    }
    #expect(computed?.place == "subgraph 1 '', operator 2 RELU 'start'")
    #expect(computed?.what == "only constants assigned to variables are supported here")
    let late = refusal { b in
      TFLiteSamples.streaming(&b)
      b.op(TFLiteBuiltin.callOnce.rawValue, [], [], options: (103, [0: .int32(1)]))
    }
    #expect(late?.what == "runs after a variable has been read or assigned")
    let itself = refusal { b in
      b.op(TFLiteBuiltin.callOnce.rawValue, [], [], options: (103, [0: .int32(0)]))
    }
    #expect(itself?.what == "refers to subgraph 0 of 1")
  }

  @Test("Another schema version and compressed weights are refused")
  func otherFormats() {
    var b = Builder()
    b.version = 2
    #expect(refusal(of: b)?.what == "schema version 2 is not 3")
    var compressed = Builder()
    compressed.metadata = ["COMPRESSION_METADATA"]
    #expect(refusal(of: compressed)?.what == "the model's weights are compressed")
  }

  @Test("Names with control characters cannot garble a terminal")
  func controlCharacters() {
    let error = refusal { b in
      let x = TFLiteSamples.input(&b, [1, 4])
      let y = b.tensor("\u{1B}[31mred\u{07}", [1, 4])
      b.op(150, [x], [y])
      b.main.outputs = [y]
    }
    #expect(error?.place == "operator 0 GELU '\u{FFFD}[31mred\u{FFFD}'")
  }

  private func refusal(_ build: (inout Builder) -> Void) -> ConversionError? {
    var b = Builder()
    build(&b)
    return refusal(of: b)
  }

  private func refusal(of b: Builder) -> ConversionError? {
    #expect(throws: ConversionError.self) { try importTFLite(b.bytes(), fileName: "m.tflite") }
  }
}
