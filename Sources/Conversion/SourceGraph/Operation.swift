/// What an operator computes, with every option resolved.
///
/// Images are `[batch, height, width, channels]` with batch 1. Unless a case says otherwise all
/// operands and results are int8 with one scale and one zero point each, and the result shape is
/// that of the operator's output tensor, which the importer has checked.
public enum Operation: Equatable, Sendable {
  /// Inputs `[image, weights, bias?]`; weights int8 `[outputs, height, width, inputs / groups]`
  /// with zero point 0 and one scale or one per output (axis 0); bias int32 `[outputs]`.
  case convolution2D(Convolution2D)
  /// Inputs `[image, weights, bias?]`; weights int8 `[1, height, width, inputs × depthMultiplier]`
  /// with zero point 0 and one scale or one per channel (axis 3); bias int32 `[outputs]`.
  case depthwiseConvolution2D(DepthwiseConvolution2D)
  /// Inputs `[x, weights, bias?]`; weights int8 `[outputs, inputs]` with zero point 0 and one scale
  /// or one per output (axis 0). `x` is read as `[rows, inputs]`, the result as `[rows, outputs]`.
  case fullyConnected(FullyConnected)
  /// Input `[image]`. Cells outside the image count neither in the sum nor in the divisor. Input and
  /// output have the same scale and zero point.
  case averagePool2D(Pool2D)
  /// Input `[image]`; input and output have the same scale and zero point.
  case maxPool2D(Pool2D)
  /// Input `[x]`: the mean over the payload's axes.
  case mean(Mean)
  /// Inputs `[a, b]`, broadcast against each other; either may be constant.
  case add(FusedActivation)
  /// Inputs `[a, b]`, broadcast against each other; either may be constant.
  case subtract(FusedActivation)
  /// Inputs `[a, b]`, broadcast against each other; either may be constant.
  case multiply(FusedActivation)
  /// Inputs `[a, b]`, broadcast against each other; all three have the same quantization.
  case maximum
  /// Inputs `[a, b]`, broadcast against each other; all three have the same quantization.
  case minimum
  /// Input `[x]`: the same elements in the same order under the output's shape. Input and output have
  /// the same type, which may be any but bool, and the same quantization.
  case reshape
  /// Input `[x]`: output dimension `i` is input dimension `permutation[i]`. Quantization as in input.
  case transpose(permutation: [Int])
  /// Input `[x]`: the payload's value around it. Quantization as in input.
  case pad(Pad)
  /// Inputs `[x0, x1, …]`, joined along `axis` (0 ≤ axis < rank), all of one quantization.
  case concatenation(axis: Int)
  /// Input `[x]`: a regular selection of its elements. Quantization as in input.
  case slice(Slice)
  /// Input `[x]`: softmax over the last dimension; output scale 1/256, zero point −128.
  case softmax(beta: Float)
  /// Input `[x]`: 1 / (1 + e^−x); output scale 1/256, zero point −128.
  case logistic
  /// Input `[x]`: output scale 1/128, zero point 0.
  case tanh
  /// Input `[x]`: max(x, 0), requantized to the output's scale.
  case relu
  /// Input `[x]`: min(max(x, 0), 6); input and output have the same scale and zero point.
  case relu6
  /// Input `[x]`: x where x ≥ 0, else alpha × x, requantized to the output's scale.
  case leakyRelu(alpha: Float)
  /// Input `[x]`: x × relu6(x + 3) / 6, requantized to the output's scale.
  case hardSwish
  /// Input `[x]`: index of the first largest element along `axis` (0 ≤ axis < rank). The output
  /// is int32 or int64 and has the input's shape without that axis.
  case argMax(axis: Int)
  /// Input `[x]`: int8 → int8, int8 ↔ uint8 or float32 → int8, as the tensors' types say.
  case quantize
  /// Input `[x]`: int8 or uint8 → float32.
  case dequantize
  /// No inputs; output `[value]`. The payload indexes `SourceGraph.variables`.
  case readVariable(Int)
  /// Input `[value]`, no outputs. The payload indexes `SourceGraph.variables`.
  case assignVariable(Int)
}

/// A clamp in real numbers applied to an operator's result before it is stored.
public enum FusedActivation: String, Equatable, Sendable, CaseIterable {
  case none = "NONE"
  /// `max(x, 0)`
  case relu = "RELU"
  /// `min(max(x, -1), 1)`
  case reluN1To1 = "RELU_N1_TO_1"
  /// `min(max(x, 0), 6)`
  case relu6 = "RELU6"
}

/// A pair of positive numbers of cells, one down the image and one across it.
public struct Extent2D: Equatable, Sendable {
  /// Cells down the image.
  public var height: Int
  /// Cells across the image.
  public var width: Int
}

/// Cells around an image that do not exist in memory.
public struct Padding2D: Equatable, Sendable {
  /// Rows above the image.
  public var top: Int
  /// Columns before the image.
  public var left: Int
  /// Rows below the image.
  public var bottom: Int
  /// Columns behind the image.
  public var right: Int

  /// No padding.
  public static let none = Padding2D(top: 0, left: 0, bottom: 0, right: 0)
}

/// Options of a two-dimensional convolution; padding cells hold the input's zero point.
public struct Convolution2D: Equatable, Sendable {
  /// Extent of the window.
  public var filter: Extent2D
  /// Cells the window moves from one result to the next.
  public var strides: Extent2D
  /// Cells from one filter cell to the next; 1 for a dense filter.
  public var dilations: Extent2D
  /// Cells around the image.
  public var padding: Padding2D
  /// Input channels are cut into this many groups, each seen by `outputs / groups` filters.
  public var groups: Int
  /// Applied to the sum before it is stored.
  public var activation: FusedActivation
}

/// Options of a convolution in which output channel `c` sees input channel `c / depthMultiplier`.
public struct DepthwiseConvolution2D: Equatable, Sendable {
  /// Extent of the window.
  public var filter: Extent2D
  /// Cells the window moves from one result to the next.
  public var strides: Extent2D
  /// Cells from one filter cell to the next; 1 for a dense filter.
  public var dilations: Extent2D
  /// Cells around the image.
  public var padding: Padding2D
  /// Output channels for each input channel.
  public var depthMultiplier: Int
  /// Applied to the sum before it is stored.
  public var activation: FusedActivation
}

/// Options of a matrix product.
public struct FullyConnected: Equatable, Sendable {
  /// Number of input vectors multiplied by the matrix.
  public var rows: Int
  /// True where the output keeps the input's leading dimensions instead of folding them into one.
  public var keepNumDims: Bool
  /// Applied to the sum before it is stored.
  public var activation: FusedActivation
}

/// Options of a pooling window.
public struct Pool2D: Equatable, Sendable {
  /// Extent of the window.
  public var filter: Extent2D
  /// Cells the window moves from one result to the next.
  public var strides: Extent2D
  /// Cells around the image.
  public var padding: Padding2D
  /// Applied to the result before it is stored.
  public var activation: FusedActivation
}

/// Which dimensions a mean runs over.
public struct Mean: Equatable, Sendable {
  /// Ascending, without repetition, each at least 0 and below the input's rank.
  public var axes: [Int]
  /// True where the output keeps the reduced dimensions with extent 1.
  public var keepDimensions: Bool
}

/// How many cells are added before and after each dimension, and what they hold.
public struct Pad: Equatable, Sendable {
  /// One count per dimension of the input, each at least 0.
  public var before: [Int]
  /// One count per dimension of the input, each at least 0.
  public var after: [Int]
  /// The stored (quantized) value of the added cells.
  public var value: Int8
}

/// Selects `size[d]` elements along each input dimension `d`: those at `begin[d] + i × stride[d]`.
///
/// All three lists have the input's rank and every selected position exists. The output tensor's
/// shape is `size` with some extents of 1 left out or added; the order of elements is the same.
public struct Slice: Equatable, Sendable {
  /// The first position in each dimension.
  public var begin: [Int]
  /// Never 0; negative strides walk backwards.
  public var stride: [Int]
  /// At least 1 each.
  public var size: [Int]
}
