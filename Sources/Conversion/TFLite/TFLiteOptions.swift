/// An operator's options as stored, with the schema's defaults filled in.
///
/// Numbers are raw; `activation` is the schema's fused activation code.
enum TFLiteOptions {
  /// The operator has no options, or none that conversion needs.
  case none
  /// Options of a kind that conversion has no use for.
  case other(type: UInt8)
  case convolution2D(TFLiteConvolutionOptions)
  case depthwiseConvolution2D(TFLiteConvolutionOptions)
  case pool2D(TFLitePoolOptions)
  case fullyConnected(activation: Int8, weightsFormat: Int8, keepNumDims: Bool)
  case softmax(beta: Float)
  case concatenation(axis: Int32, activation: Int8)
  case add(activation: Int8)
  case subtract(activation: Int8)
  case multiply(activation: Int8)
  case reshape(newShape: [Int32])
  case reducer(keepDimensions: Bool)
  case squeeze(dimensions: [Int32])
  case stridedSlice(TFLiteStridedSliceOptions)
  case split(count: Int32)
  case splitV(count: Int32)
  case leakyRelu(alpha: Float)
  case callOnce(initialization: Int32)
  case varHandle(container: String, sharedName: String)
}

/// Options of both kinds of convolution.
struct TFLiteConvolutionOptions {
  var padding: Int8
  var strideWidth: Int32
  var strideHeight: Int32
  /// 0 for an ordinary convolution, which has no such field.
  var depthMultiplier: Int32
  var activation: Int8
  var dilationWidth: Int32
  var dilationHeight: Int32
}

/// Options of a pooling window.
struct TFLitePoolOptions {
  var padding: Int8
  var strideWidth: Int32
  var strideHeight: Int32
  var filterWidth: Int32
  var filterHeight: Int32
  var activation: Int8
}

/// Bit `i` of each mask speaks of position `i` of the begin, end and stride lists.
struct TFLiteStridedSliceOptions {
  var beginMask: Int32
  var endMask: Int32
  var ellipsisMask: Int32
  var newAxisMask: Int32
  var shrinkAxisMask: Int32
  /// True where the end list counts from the begin list.
  var endIsOffset: Bool
}

extension FlatBuffer {
  /// Reads an operator's options table; slots are the schema's field numbers.
  mutating func options(of op: Table) throws(TFLiteError) -> TFLiteOptions {
    let type = try integer(op, 3, "builtin_options_type", default: UInt8(0))
    guard type != 0, let table = try table(op, 4, "builtin_options") else { return .none }
    func number(_ slot: Int, _ name: String, _ missing: Int32 = 0) throws(TFLiteError) -> Int32 {
      try integer(table, slot, name, default: missing)
    }
    func code(_ slot: Int, _ name: String) throws(TFLiteError) -> Int8 {
      try integer(table, slot, name, default: 0)
    }
    func activation(_ slot: Int) throws(TFLiteError) -> Int8 {
      try code(slot, "fused_activation_function")
    }
    switch type {
    case 1:
      return .convolution2D(
        TFLiteConvolutionOptions(
          padding: try code(0, "padding"), strideWidth: try number(1, "stride_w"),
          strideHeight: try number(2, "stride_h"), depthMultiplier: 0,
          activation: try activation(3), dilationWidth: try number(4, "dilation_w_factor", 1),
          dilationHeight: try number(5, "dilation_h_factor", 1)))
    case 2:
      return .depthwiseConvolution2D(
        TFLiteConvolutionOptions(
          padding: try code(0, "padding"), strideWidth: try number(1, "stride_w"),
          strideHeight: try number(2, "stride_h"),
          depthMultiplier: try number(3, "depth_multiplier"),
          activation: try activation(4), dilationWidth: try number(5, "dilation_w_factor", 1),
          dilationHeight: try number(6, "dilation_h_factor", 1)))
    case 5:
      return .pool2D(
        TFLitePoolOptions(
          padding: try code(0, "padding"), strideWidth: try number(1, "stride_w"),
          strideHeight: try number(2, "stride_h"), filterWidth: try number(3, "filter_width"),
          filterHeight: try number(4, "filter_height"), activation: try activation(5)))
    case 8:
      return .fullyConnected(
        activation: try activation(0), weightsFormat: try code(1, "weights_format"),
        keepNumDims: try bool(table, 2, "keep_num_dims"))
    case 9: return .softmax(beta: try float(table, 0, "beta"))
    case 10: return .concatenation(axis: try number(0, "axis"), activation: try activation(1))
    case 11: return .add(activation: try activation(0))
    case 17: return .reshape(newShape: try integers(table, 0, "new_shape", as: Int32.self))
    case 21: return .multiply(activation: try activation(0))
    case 27: return .reducer(keepDimensions: try bool(table, 0, "keep_dims"))
    case 28: return .subtract(activation: try activation(0))
    case 30: return .squeeze(dimensions: try integers(table, 0, "squeeze_dims", as: Int32.self))
    case 32:
      return .stridedSlice(
        TFLiteStridedSliceOptions(
          beginMask: try number(0, "begin_mask"), endMask: try number(1, "end_mask"),
          ellipsisMask: try number(2, "ellipsis_mask"),
          newAxisMask: try number(3, "new_axis_mask"),
          shrinkAxisMask: try number(4, "shrink_axis_mask"),
          endIsOffset: try bool(table, 5, "offset")))
    case 35: return .split(count: try number(0, "num_splits"))
    case 75: return .leakyRelu(alpha: try float(table, 0, "alpha"))
    case 79: return .splitV(count: try number(0, "num_splits"))
    case 103: return .callOnce(initialization: try number(0, "init_subgraph_index"))
    case 111:
      return .varHandle(
        container: try string(table, 0, "container") ?? "",
        sharedName: try string(table, 1, "shared_name") ?? "")
    default: return .other(type: type)
    }
  }
}
