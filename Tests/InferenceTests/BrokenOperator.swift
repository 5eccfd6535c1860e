import ModelFormat
import TestSupport
import Testing

/// A change that breaks one rule of a valid operator, and the reason it is refused for.
struct BrokenOperator: CustomTestStringConvertible, Sendable {
  let kind: OperatorKind
  let what: String
  let reason: ModelError.Reason
  let change: @Sendable (inout OperatorSketch) -> Void

  var testDescription: String { "\(kind) with \(what)" }

  static let all: [BrokenOperator] = [
    convolutions, otherWeighted, pools, elementwise, movement, conversions,
  ].flatMap { $0.flatMap { $0 } }

  private static func rule(
    _ kind: OperatorKind, _ what: String, _ reason: ModelError.Reason,
    _ change: @escaping @Sendable (inout OperatorSketch) -> Void
  ) -> BrokenOperator {
    BrokenOperator(kind: kind, what: what, reason: reason, change: change)
  }

  /// Word `word` set to each of `values`.
  private static func words(
    _ kind: OperatorKind, _ name: String, _ word: Int, _ values: Int32...,
    reason: ModelError.Reason = .badParameter
  ) -> [BrokenOperator] {
    values.map { value in
      rule(kind, "\(name) \(value)", reason) { $0.words[word] = value }
    }
  }

  /// What holds for everything that slides a window.
  private static func windows(_ kind: OperatorKind) -> [BrokenOperator] {
    let names = [
      "kernel height", "kernel width", "stride height", "stride width", "dilation height",
      "dilation width",
    ]
    let numbers: [[BrokenOperator]] = [
      words(kind, "padding above", 6, -1, 32_769), words(kind, "padding left", 7, -1, 32_769),
      words(kind, "smallest output", 8, -129, 128), words(kind, "largest output", 9, 128, -129),
    ]
    return names.enumerated().flatMap { words(kind, $1, $0, 0, -1, 32_769) }
      + numbers.flatMap { $0 } + [
        rule(kind, "an input of three dimensions", .wrongShape) {
          $0.inputs[0].shape.removeFirst()
        },
        rule(kind, "an output of three dimensions", .wrongShape) {
          $0.output.shape.removeFirst()
        },
        rule(kind, "another batch size", .wrongShape) { $0.output.shape[0] = 2 },
        rule(kind, "an input of uint8", .wrongOperandType) { $0.inputs[0].elementType = .uint8 },
        rule(kind, "an output of uint8", .wrongOperandType) { $0.output.elementType = .uint8 },
        rule(kind, "a window that reaches beyond 2^31 rows", .badParameter) {
          $0.words[2] = 32_768
          $0.output.shape[1] = 70_000
        },
        rule(kind, "a window that reaches beyond 2^31 columns", .badParameter) {
          $0.words[3] = 32_768
          $0.output.shape[2] = 70_000
        },
      ]
  }

  /// What holds for everything with packed weights.
  private static func weighted(_ kind: OperatorKind) -> [BrokenOperator] {
    [
      rule(kind, "no channel table", .wrongOperandCount) { $0.inputs.removeLast() },
      rule(kind, "weights in the arena", .wrongOperandType) {
        $0.inputs[1] = OperatorSketch.activation([64])
      },
      rule(kind, "weights in row-major order", .wrongOperandType) {
        $0.inputs[1].shape = [$0.inputs[1].constant.count]
        $0.inputs[1].packing = .rowMajor
      },
      rule(kind, "weights of uint8", .wrongOperandType) { $0.inputs[1].elementType = .uint8 },
      rule(kind, "weights that end early", .wrongPackedSize) { $0.inputs[1].constant.removeLast() },
      rule(kind, "weights that are too many", .wrongPackedSize) { $0.inputs[1].constant += [0] },
      rule(kind, "a channel table of int8", .wrongOperandType) {
        $0.inputs[2].elementType = .int8
      },
      rule(kind, "a channel table in the order of weights", .wrongOperandType) {
        $0.inputs[2].packing = .convolutionWeights
      },
      rule(kind, "a channel table that ends early", .wrongPackedSize) {
        $0.inputs[2].constant.removeLast(4)
      },
      rule(kind, "a weight that its channel's sum does not count", .wrongPackedWeights) {
        $0.inputs[1].constant[0] &+= 1
      },
      rule(kind, "a weight in the padding", .wrongPackedWeights) {
        $0.inputs[1].constant[63] = 1
      },
      rule(kind, "a shift of 31", .badParameter) {
        $0.inputs[2].constant.replaceSubrange(128..<132, with: fourBytes(31))
      },
      rule(kind, "a shift of −32", .badParameter) {
        $0.inputs[2].constant.replaceSubrange(132..<136, with: fourBytes(-32))
      },
    ]
  }

  private static let convolutions: [[BrokenOperator]] = [
    windows(.convolution2D), weighted(.convolution2D),
    words(.convolution2D, "channels of a group", 10, 0, 5, -4),
    words(.convolution2D, "channels of a group", 10, 3, reason: .wrongShape),
    [
      rule(.convolution2D, "groups that do not divide the outputs", .wrongShape) {
        $0.words[10] = 1
      },
      rule(.convolution2D, "a window of more than 2^24 weights", .badParameter) {
        ($0.words[0], $0.words[1]) = (32_768, 32_768)
      },
    ],
  ]

  private static let otherWeighted: [[BrokenOperator]] = [
    windows(.depthwiseConvolution2D), weighted(.depthwiseConvolution2D),
    words(.depthwiseConvolution2D, "a depth multiplier of", 11, 0, 5, -2),
    words(.depthwiseConvolution2D, "a depth multiplier of", 11, 1, reason: .wrongShape),
    weighted(.fullyConnected), words(.fullyConnected, "smallest output", 0, -129, 128),
    words(.fullyConnected, "largest output", 1, 128, -1),
    [
      rule(.fullyConnected, "an output without dimensions", .wrongShape) { $0.output.shape = [] },
      rule(.fullyConnected, "rows that do not divide the input", .wrongShape) {
        $0.inputs[0].shape = [2, 5]
      },
      rule(.fullyConnected, "another depth", .wrongPackedSize) { $0.inputs[0].shape = [3, 9] },
      rule(.fullyConnected, "an input of int32", .wrongOperandType) {
        $0.inputs[0].elementType = .int32
      },
    ],
  ]

  private static func pool(_ kind: OperatorKind) -> [BrokenOperator] {
    windows(kind) + [
      rule(kind, "other channels", .wrongShape) { $0.output.shape[3] = 1 },
      rule(kind, "two inputs", .wrongOperandCount) {
        $0.inputs.append(OperatorSketch.activation([1]))
      },
    ]
  }

  private static let pools: [[BrokenOperator]] = [
    pool(.averagePool2D), pool(.maxPool2D),
    words(.mean, "a shift of", 1, 31, -32), words(.mean, "axes", 2, 16, -1),
    words(.mean, "axes", 2, 2, 4, reason: .wrongShape),
    [
      rule(.mean, "2^23 elements for one", .tooManyElements) {
        $0.inputs[0].shape = [1, 1 << 12, 1 << 11, 2]
      },
      rule(.mean, "an input of uint8", .wrongOperandType) { $0.inputs[0].elementType = .uint8 },
      rule(.mean, "no input", .wrongOperandCount) { $0.inputs = [] },
    ],
  ]

  private static func sum(_ kind: OperatorKind) -> [[BrokenOperator]] {
    [
      words(kind, "a first shift of", 1, 31, -32), words(kind, "a second shift of", 3, 31, -32),
      words(kind, "a left shift of", 6, 32, -1),
    ]
  }

  private static func rescaled(_ kind: OperatorKind) -> [[BrokenOperator]] {
    [
      words(kind, "an output shift of", 5, 31, -32), words(kind, "smallest output", 7, -129, 128),
      words(kind, "largest output", 8, 128, -129),
    ]
  }

  private static func pair(_ kind: OperatorKind) -> [BrokenOperator] {
    [
      rule(kind, "one input", .wrongOperandCount) { $0.inputs.removeLast() },
      rule(kind, "a first input of uint8", .wrongOperandType) {
        $0.inputs[0].elementType = .uint8
      },
      rule(kind, "a second input of uint8", .wrongOperandType) {
        $0.inputs[1].elementType = .uint8
      },
      rule(kind, "shapes that do not broadcast", .wrongShape) {
        $0.inputs[1].shape[$0.inputs[1].shape.count - 1] = 2
      },
      rule(kind, "an output that is too small", .wrongShape) { $0.output.shape = [1] },
      rule(kind, "an output that is too large", .wrongShape) { $0.output.shape[0] = 4 },
    ]
  }

  private static let elementwise: [[BrokenOperator]] =
    sum(.add) + sum(.subtract) + rescaled(.add) + rescaled(.subtract) + rescaled(.multiply) + [
      pair(.add), pair(.subtract), pair(.multiply), pair(.maximum), pair(.minimum), softmax,
    ]

  private static let softmax: [BrokenOperator] =
    words(.softmax, "a shift of", 1, 31, -32)
    + [
      rule(.softmax, "another output shape", .wrongShape) { $0.output.shape = [5, 2] },
      rule(.softmax, "no dimension", .wrongShape) {
        ($0.inputs[0].shape, $0.output.shape) = ([], [])
      },
      rule(.softmax, "an output of uint8", .wrongOperandType) { $0.output.elementType = .uint8 },
      rule(.softmax, "two inputs", .wrongOperandCount) { $0.inputs.append($0.inputs[0]) },
    ]

  private static let movement: [[BrokenOperator]] = [
    words(.transpose, "source axis", 0, -1, 3), words(.concatenation, "axis", 0, -1, 2),
    words(.pad, "a border of", 0, -1, 5), words(.pad, "a border of", 0, 3, reason: .wrongShape),
    words(.pad, "a value of", 6, 128, -129),
    words(.slice, "a start of", 0, -1, 4, 1), words(.slice, "a step of", 6, 0, 1, -4, .min),
    words(.slice, "a size of", 12, 0, 5, -1, 3, .max),
    words(.slice, "a size of", 12, 1, reason: .wrongShape),
    moves,
  ]

  private static let moves: [BrokenOperator] = [
    rule(.copy, "another number of elements", .wrongShape) { $0.output.shape = [7] },
    rule(.copy, "elements of another size", .wrongOperandType) {
      $0.output.elementType = .int32
    },
    rule(.copy, "two inputs", .wrongOperandCount) { $0.inputs.append($0.inputs[0]) },
    rule(.copy, "packed weights", .wrongOperandType) {
      $0.inputs[0] = .constant("w", [6], [1, 2, 3, 4, 5, 6], packing: .depthwiseWeights)
    },
    rule(.transpose, "an axis twice", .badParameter) {
      ($0.inputs[0].shape, $0.output.shape) = ([2, 2, 2], [2, 2, 2])
      $0.words[0] = 0
    },
    rule(.transpose, "another rank", .wrongShape) { $0.output.shape = [4, 6] },
    rule(.transpose, "another size", .wrongShape) { $0.output.shape = [2, 3, 4] },
    rule(.transpose, "elements of four bytes", .wrongOperandType) {
      $0.inputs[0].elementType = .float32
    },
    rule(.transpose, "no input", .wrongOperandCount) { $0.inputs = [] },
    rule(.pad, "another rank", .wrongShape) { $0.output.shape = [4, 5, 1] },
    rule(.pad, "an output that is too small", .wrongShape) { $0.output.shape = [4, 2] },
    rule(.pad, "an input of uint8", .wrongOperandType) { $0.inputs[0].elementType = .uint8 },
    rule(.pad, "two inputs", .wrongOperandCount) { $0.inputs.append($0.inputs[0]) },
    rule(.concatenation, "nothing", .wrongOperandCount) { $0.inputs = [] },
    rule(.concatenation, "another rank", .wrongShape) { $0.inputs[1].shape = [2] },
    rule(.concatenation, "another size beside the axis", .wrongShape) {
      $0.inputs[1].shape = [1, 1]
    },
    rule(.concatenation, "too few elements", .wrongShape) { $0.inputs.removeLast() },
    rule(.concatenation, "too many elements", .wrongShape) { $0.inputs[0].shape = [2, 4] },
    rule(.concatenation, "elements of four bytes", .wrongOperandType) {
      $0.inputs[1].elementType = .int32
    },
    rule(.slice, "an output of another size", .wrongShape) { $0.output.shape = [2, 3] },
    rule(.slice, "elements of four bytes", .wrongOperandType) {
      $0.output.elementType = .float32
    },
    rule(.slice, "two inputs", .wrongOperandCount) { $0.inputs.append($0.inputs[0]) },
  ]

  private static let conversions: [[BrokenOperator]] = [
    [
      rule(.lookup, "a table of 255", .wrongByteCount) {
        $0.inputs[1].shape = [255]
        $0.inputs[1].constant.removeLast()
      },
      rule(.lookup, "a table in the arena", .wrongOperandType) {
        $0.inputs[1] = OperatorSketch.activation([256])
      },
      rule(.lookup, "a table of int32", .wrongOperandType) {
        ($0.inputs[1].elementType, $0.inputs[1].shape) = (.int32, [64])
      },
      rule(.lookup, "another number of elements", .wrongShape) { $0.output.shape = [7] },
      rule(.lookup, "no table", .wrongOperandCount) { $0.inputs.removeLast() },
      rule(.quantize, "an input of int8", .wrongOperandType) { $0.inputs[0].elementType = .int8 },
      rule(.quantize, "an output of int32", .wrongOperandType) { $0.output.elementType = .int32 },
      rule(.quantize, "an output without a scale", .badScale) { $0.output.scale = 0 },
      rule(.quantize, "another number of elements", .wrongShape) { $0.output.shape = [5] },
      rule(.quantize, "two inputs", .wrongOperandCount) { $0.inputs.append($0.inputs[0]) },
      rule(.dequantize, "an input of int32", .wrongOperandType) {
        $0.inputs[0].elementType = .int32
      },
      rule(.dequantize, "an output of int8", .wrongOperandType) { $0.output.elementType = .int8 },
      rule(.dequantize, "an input without a scale", .badScale) { $0.inputs[0].scale = 0 },
      rule(.dequantize, "another number of elements", .wrongShape) { $0.output.shape = [5] },
      rule(.dequantize, "two inputs", .wrongOperandCount) { $0.inputs.append($0.inputs[0]) },
      rule(.argMax, "an input of uint8", .wrongOperandType) { $0.inputs[0].elementType = .uint8 },
      rule(.argMax, "an output of int8", .wrongOperandType) { $0.output.elementType = .int8 },
      rule(.argMax, "an axis of 3", .badParameter) { $0.words[0] = 3 },
      rule(.argMax, "an axis of −1", .badParameter) { $0.words[0] = -1 },
      rule(.argMax, "another number of elements", .wrongShape) { $0.output.shape = [2, 3] },
      rule(.argMax, "two inputs", .wrongOperandCount) { $0.inputs.append($0.inputs[0]) },
    ]
  ]
}
