/// The operators the engine executes.
///
/// There are fewer than a trained model uses: the converter turns every element-wise int8 function
/// into a ``lookup``, every slice and split into a ``slice``, and lets reshapes disappear. Raw
/// values are part of the file format and never reused.
public enum OperatorKind: UInt16, Sendable {
  /// 2-D convolution; inputs: activations, packed weights, channel table.
  case convolution2D = 1
  /// 2-D convolution of every channel on its own; inputs as ``convolution2D``.
  case depthwiseConvolution2D = 2
  /// Rows times a weight matrix; inputs as ``convolution2D``.
  case fullyConnected = 3
  /// Average over a window.
  case averagePool2D = 4
  /// Maximum over a window.
  case maxPool2D = 5
  /// Average over any set of axes.
  case mean = 6
  /// Element-wise sum of two tensors, with broadcasting.
  case add = 7
  /// Element-wise difference of two tensors, with broadcasting.
  case subtract = 8
  /// Element-wise product of two tensors, with broadcasting.
  case multiply = 9
  /// Element-wise larger of two tensors, with broadcasting.
  case maximum = 10
  /// Element-wise smaller of two tensors, with broadcasting.
  case minimum = 11
  /// The same bytes in another place.
  case copy = 12
  /// Axes in another order.
  case transpose = 13
  /// A border of one value around a tensor.
  case pad = 14
  /// Tensors side by side along an axis.
  case concatenation = 15
  /// Every n-th element of a box inside a tensor.
  case slice = 16
  /// Any function from one byte to one byte; inputs: activations, table of 256 bytes.
  case lookup = 17
  /// Fixed-point softmax over the innermost axis.
  case softmax = 18
  /// Real numbers to int8 or uint8.
  case quantize = 19
  /// int8 or uint8 to real numbers.
  case dequantize = 20
  /// Index of the largest element along an axis.
  case argMax = 21

  /// The name used in documentation, messages and JSON.
  public var name: StaticString {
    switch self {
    case .convolution2D: "convolution2D"
    case .depthwiseConvolution2D: "depthwiseConvolution2D"
    case .fullyConnected: "fullyConnected"
    case .averagePool2D: "averagePool2D"
    case .maxPool2D: "maxPool2D"
    case .mean: "mean"
    case .add: "add"
    case .subtract: "subtract"
    case .multiply: "multiply"
    case .maximum: "maximum"
    case .minimum: "minimum"
    case .copy: "copy"
    case .transpose: "transpose"
    case .pad: "pad"
    case .concatenation: "concatenation"
    case .slice: "slice"
    case .lookup: "lookup"
    case .softmax: "softmax"
    case .quantize: "quantize"
    case .dequantize: "dequantize"
    case .argMax: "argMax"
    }
  }

  /// The parameter words that have a meaning; all later ones are zero.
  public var wordCount: Int {
    switch self {
    case .convolution2D: 11
    case .depthwiseConvolution2D: 12
    case .averagePool2D, .maxPool2D: 10
    case .fullyConnected: 2
    case .add, .subtract, .multiply: 9
    case .mean, .softmax: 3
    case .concatenation, .argMax: 1
    case .transpose: 6
    case .pad: 7
    case .slice: 18
    case .maximum, .minimum, .copy, .lookup, .quantize, .dequantize: 0
    }
  }

  /// Whether it combines two tensors element by element, with broadcasting.
  public var isElementwise: Bool {
    switch self {
    case .add, .subtract, .multiply, .maximum, .minimum: true
    default: false
    }
  }

  /// Whether it is a window over the image without weights; it reads no dilation.
  public var isPool: Bool { self == .averagePool2D || self == .maxPool2D }

  /// Whether the output may take the place of input 0 or, where both have its shape, input 1.
  ///
  /// True for the operators that have read every input element at an index before they write the
  /// output element at that index, and read none of a lower index afterwards.
  public var worksInPlace: Bool {
    switch self {
    case .add, .subtract, .multiply, .maximum, .minimum, .lookup, .copy, .softmax: true
    default: false
    }
  }
}

#if !hasFeature(Embedded)
  // The list of cases is an array, which a board without a heap cannot have.
  extension OperatorKind: CaseIterable {}
#endif
