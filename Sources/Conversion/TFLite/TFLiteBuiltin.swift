/// The builtin operators that are converted, by their codes in the schema.
///
/// `OperatorCatalog` lists exactly these cases and the importer's dispatch covers exactly these
/// cases, both enforced by the compiler.
enum TFLiteBuiltin: Int32, CaseIterable {
  case add = 0
  case averagePool2D = 1
  case concatenation = 2
  case convolution2D = 3
  case depthwiseConvolution2D = 4
  case dequantize = 6
  case fullyConnected = 9
  case logistic = 14
  case maxPool2D = 17
  case multiply = 18
  case relu = 19
  case relu6 = 21
  case reshape = 22
  case softmax = 25
  case tanh = 28
  case pad = 34
  case transpose = 39
  case mean = 40
  case subtract = 41
  case squeeze = 43
  case stridedSlice = 45
  case split = 49
  case maximum = 55
  case argMax = 56
  case minimum = 57
  case padV2 = 60
  case slice = 65
  case expandDims = 70
  case leakyRelu = 98
  case splitV = 102
  case quantize = 114
  case hardSwish = 117
  case callOnce = 129
  case varHandle = 142
  case readVariable = 143
  case assignVariable = 144

  /// The operator's name in the schema.
  var name: String { TFLiteBuiltinNames.name(rawValue) }

  /// What `swiftlet ops` and refusals say of it.
  var entry: OperatorCatalog.Entry {
    OperatorCatalog.Entry(name: name, types: types, options: options)
  }

  private var types: String {
    switch self {
    case .reshape, .squeeze, .expandDims: "int8, uint8, int32, int64, float32"
    case .quantize: "int8 → int8, int8 → uint8, uint8 → int8, float32 → int8"
    case .dequantize: "int8 → float32, uint8 → float32"
    case .argMax: "int8 → int32, int8 → int64"
    case .convolution2D, .depthwiseConvolution2D, .fullyConnected: "int8 with int32 bias"
    case .callOnce, .varHandle: "–"
    default: "int8"
    }
  }

  private var options: String {
    let activations = "fused " + FusedActivation.allCases.map(\.rawValue).joined(separator: "/")
    switch self {
    case .add, .subtract, .multiply: return "broadcasting, \(activations)"
    case .averagePool2D, .maxPool2D:
      return "batch 1, padding SAME/VALID, any filter and strides, \(activations), "
        + "one quantization for input and output"
    case .concatenation: return "any axis, fused NONE, one quantization for all"
    case .convolution2D:
      return "batch 1, constant weights per tensor or per output channel with zero point 0, "
        + "bias optional, padding SAME/VALID, strides, dilations, groups, \(activations)"
    case .depthwiseConvolution2D:
      return "batch 1, constant weights per tensor or per channel with zero point 0, "
        + "bias optional, padding SAME/VALID, strides, dilations, depth multiplier, \(activations)"
    case .dequantize, .quantize: return "one scale per tensor"
    case .fullyConnected:
      return "constant weights per tensor or per output with zero point 0, bias optional, "
        + "keep_num_dims, \(activations)"
    case .logistic: return "output scale 1/256, zero point -128"
    case .softmax: return "last axis, beta > 0, output scale 1/256, zero point -128"
    case .tanh: return "output scale 1/128, zero point 0"
    case .relu, .leakyRelu: return "any scales"
    case .relu6: return "one quantization for input and output"
    case .hardSwish: return "input scale less than 128 × output scale"
    case .reshape, .squeeze: return "fixed shape, one quantization for input and output"
    case .expandDims: return "constant axis, one quantization for input and output"
    case .pad: return "constant paddings of at least 0, one quantization for input and output"
    case .padV2: return "constant paddings of at least 0 and value, one quantization for all"
    case .transpose: return "constant permutation, one quantization for input and output"
    case .mean: return "constant axes, keep_dims"
    case .stridedSlice:
      return "constant begin, end and strides of either sign; begin, end, ellipsis, new-axis and "
        + "shrink-axis masks; one quantization for input and output"
    case .slice: return "constant begin and size, one quantization for input and output"
    case .split: return "constant axis, one quantization for input and outputs"
    case .splitV: return "constant sizes and axis, one quantization for input and outputs"
    case .maximum, .minimum: return "broadcasting, one quantization for inputs and output"
    case .argMax: return "constant axis"
    case .callOnce: return "initialization of variables with constants"
    case .varHandle: return "named by container and shared name"
    case .readVariable, .assignVariable: return "one shape and quantization per variable"
    }
  }
}
