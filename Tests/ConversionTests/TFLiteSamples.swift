@testable import Conversion

/// The smallest sensible model around each supported operator.
enum TFLiteSamples {
  typealias Builder = TFLiteModelBuilder

  /// A file with one operator of the kind asked for; around streaming state, with its companions.
  static func model(of builtin: TFLiteBuiltin) -> [UInt8] {
    var b = Builder()
    switch builtin {
    case .convolution2D: convolution(&b)
    case .depthwiseConvolution2D: depthwiseConvolution(&b)
    case .fullyConnected: fullyConnected(&b)
    case .averagePool2D, .maxPool2D:
      let options: [Int: Builder.Field] = [
        0: .int8(1), 1: .int32(2), 2: .int32(2), 3: .int32(2), 4: .int32(2),
      ]
      unary(&b, builtin, from: [1, 4, 4, 2], to: [1, 2, 2, 2], options: (5, options))
    case .mean:
      let x = input(&b, [1, 4, 3, 2])
      let axes = b.integers("axes", [-2, 1, 1])
      finish(&b, builtin, [x, axes], [1, 1, 1, 2], options: (27, [0: .int8(1)]))
    case .add: binary(&b, builtin, optionsType: 11)
    case .subtract: binary(&b, builtin, optionsType: 28)
    case .multiply: binary(&b, builtin, optionsType: 21)
    case .maximum, .minimum: binary(&b, builtin, optionsType: nil)
    case .reshape:
      unary(&b, builtin, from: [1, 6], to: [2, 3], options: (17, [0: .node(.int32s([2, -1]))]))
    case .squeeze:
      unary(&b, builtin, from: [1, 1, 6], to: [1, 6], options: (30, [0: .node(.int32s([-2]))]))
    case .expandDims:
      let x = input(&b, [1, 6])
      let axis = b.integers("axis", [-1], shape: [])
      finish(&b, builtin, [x, axis], [1, 6, 1])
    case .transpose:
      let x = input(&b, [1, 2, 3])
      let permutation = b.integers("permutation", [2, 0, 1])
      finish(&b, builtin, [x, permutation], [3, 1, 2])
    case .pad:
      let x = input(&b, [1, 3])
      let paddings = b.integers("paddings", [0, 0, 1, 2], shape: [2, 2])
      finish(&b, builtin, [x, paddings], [1, 6])
    case .padV2:
      let x = input(&b, [1, 3])
      let paddings = b.integers("paddings", [0, 0, 1, 2], shape: [2, 2])
      let value = b.tensor("value", [], data: [UInt8(bitPattern: -7)])
      finish(&b, builtin, [x, paddings, value], [1, 6])
    case .concatenation:
      let x = input(&b, [1, 3])
      let y = input(&b, [1, 2])
      finish(&b, builtin, [x, y], [1, 5], options: (10, [0: .int32(-1)]))
    case .stridedSlice:
      let x = input(&b, [1, 5, 4])
      let lists = [[0, -1, 0], [1, 0, 2], [1, -2, 1]].enumerated().map {
        b.integers("list\($0)", $1.map(Int32.init))
      }
      finish(&b, builtin, [x] + lists, [2, 2], options: (32, [4: .int32(1)]))
    case .slice:
      let x = input(&b, [1, 5])
      let begin = b.integers("begin", [0, 2])
      let size = b.integers("size", [1, -1])
      finish(&b, builtin, [x, begin, size], [1, 3])
    case .split, .splitV: split(&b, builtin)
    case .softmax:
      unary(
        &b, builtin, from: [1, 4], to: [1, 4], scale: 1 / 256, zeroPoint: -128,
        options: (9, [0: .float(1)]))
    case .logistic:
      unary(&b, builtin, from: [1, 4], to: [1, 4], scale: 1 / 256, zeroPoint: -128)
    case .tanh:
      unary(&b, builtin, from: [1, 4], to: [1, 4], scale: 1 / 128, zeroPoint: 0)
    case .leakyRelu:
      unary(&b, builtin, from: [1, 4], to: [1, 4], options: (75, [0: .float(0.125)]))
    case .relu, .relu6, .hardSwish:
      unary(&b, builtin, from: [1, 4], to: [1, 4])
    case .quantize:
      unary(&b, builtin, from: [1, 4], to: [1, 4], type: Builder.Code.uint8, zeroPoint: 128)
    case .dequantize:
      unary(&b, builtin, from: [1, 4], to: [1, 4], type: Builder.Code.float32)
    case .argMax:
      let x = input(&b, [1, 4])
      let axis = b.integers("axis", [-1], shape: [])
      finish(&b, builtin, [x, axis], [1], type: Builder.Code.int32)
    case .callOnce, .varHandle, .readVariable, .assignVariable: streaming(&b)
    }
    return b.bytes()
  }

  static func input(_ b: inout Builder, _ shape: [Int32]) -> Int32 {
    let index = b.tensor("x\(b.main.inputs.count)", shape)
    b.main.inputs.append(index)
    return index
  }

  static func finish(
    _ b: inout Builder, _ builtin: TFLiteBuiltin, _ inputs: [Int32], _ shape: [Int32],
    type: Int8 = Builder.Code.int8, scale: Float = 0.5, zeroPoint: Int64 = 0,
    options: (UInt8, [Int: Builder.Field])? = nil
  ) {
    let isPlain = type == Builder.Code.float32 || type == Builder.Code.int32
    let y = b.tensor(
      "y", shape, type: type, scales: [scale], zeroPoints: [zeroPoint], isPlain: isPlain)
    b.op(builtin.rawValue, inputs, [y], options: options)
    b.main.outputs = [y]
  }

  static func unary(
    _ b: inout Builder, _ builtin: TFLiteBuiltin, from source: [Int32], to result: [Int32],
    type: Int8 = Builder.Code.int8, scale: Float = 0.5, zeroPoint: Int64 = 0,
    options: (UInt8, [Int: Builder.Field])? = nil
  ) {
    let x = input(&b, source)
    finish(
      &b, builtin, [x], result, type: type, scale: scale, zeroPoint: zeroPoint, options: options)
  }

  static func binary(_ b: inout Builder, _ builtin: TFLiteBuiltin, optionsType: UInt8?) {
    let x = input(&b, [1, 3, 1, 2])
    let y = b.tensor("constant", [4, 1], data: [1, 2, 3, 4])
    finish(
      &b, builtin, [x, y], [1, 3, 4, 2], options: optionsType.map { ($0, [0: .int8(3)]) })
  }

  static func convolution(_ b: inout Builder) {
    let x = input(&b, [1, 5, 4, 2])
    let w = b.weights("w", [3, 2, 3, 2], scales: [0.25, 0.5, 1])
    let bias = b.bias("bias", 3)
    // SAME padding, stride 2 down and 1 across, dilation 1 across.
    finish(
      &b, .convolution2D, [x, w, bias], [1, 3, 4, 3],
      options: (1, [0: .int8(0), 1: .int32(1), 2: .int32(2), 3: .int8(1)]))
  }

  static func depthwiseConvolution(_ b: inout Builder) {
    let x = input(&b, [1, 5, 5, 2])
    let w = b.weights("w", [1, 3, 3, 4], scales: [0.25, 0.5, 1, 2], axis: 3)
    // VALID padding, stride 1, depth multiplier 2, dilation 2 across, no bias.
    finish(
      &b, .depthwiseConvolution2D, [x, w, -1], [1, 3, 1, 4],
      options: (
        2, [0: .int8(1), 1: .int32(1), 2: .int32(1), 3: .int32(2), 4: .int8(2), 5: .int32(2)]
      ))
  }

  static func fullyConnected(_ b: inout Builder) {
    let x = input(&b, [1, 2, 3])
    let w = b.weights("w", [4, 3])
    finish(&b, .fullyConnected, [x, w], [1, 2, 4], options: (8, [2: .int8(1)]))
  }

  private static func split(_ b: inout Builder, _ builtin: TFLiteBuiltin) {
    let x = input(&b, [1, 6])
    let axis = b.integers("axis", [-1], shape: [])
    if builtin == .split {
      b.main.outputs = ["a", "b", "c"].map { b.tensor($0, [1, 2]) }
      b.op(builtin.rawValue, [axis, x], b.main.outputs, options: (35, [0: .int32(3)]))
    } else {
      let sizes = b.integers("sizes", [1, -1, 2])
      b.main.outputs = [b.tensor("a", [1, 1]), b.tensor("b", [1, 3]), b.tensor("c", [1, 2])]
      b.op(builtin.rawValue, [x, sizes, axis], b.main.outputs, options: (79, [0: .int32(3)]))
    }
  }

  /// State that starts at 1, 2 and is replaced by the input after it has been read.
  static func streaming(_ b: inout Builder, isInitialized: Bool = true) {
    let handle: (UInt8, [Int: Builder.Field]) = (
      111, [0: .node(.text("")), 1: .node(.text("memory"))]
    )
    let x = b.tensor("x0", [1, 2], scales: [0.5], zeroPoints: [-3])
    b.main.inputs = [x]
    let resource = b.tensor("handle", [], type: Builder.Code.resource, isPlain: true)
    let y = b.tensor("y", [1, 2], scales: [0.5], zeroPoints: [-3])
    if isInitialized {
      b.op(TFLiteBuiltin.callOnce.rawValue, [], [], options: (103, [0: .int32(1)]))
    }
    b.op(TFLiteBuiltin.varHandle.rawValue, [], [resource], options: handle)
    b.op(TFLiteBuiltin.readVariable.rawValue, [resource], [y])
    b.op(TFLiteBuiltin.assignVariable.rawValue, [resource, x], [])
    b.main.outputs = [y]
    var start = Builder.Subgraph()
    start.tensors = [
      b.node("handle", [], type: Builder.Code.resource, isPlain: true),
      b.node("start", [1, 2], scales: [0.5], zeroPoints: [-3], data: [1, 2]),
    ]
    start.operators = [
      b.operatorNode(TFLiteBuiltin.varHandle.rawValue, [], [0], options: handle),
      b.operatorNode(TFLiteBuiltin.assignVariable.rawValue, [0, 1], []),
    ]
    b.others = isInitialized ? [start] : []
  }
}
