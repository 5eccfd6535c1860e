import ModelFormat

/// The one place where tensors become pointers: hands each operator's tensors to its kernel.
///
/// Everything a kernel relies on was verified when the engine was made, so nothing here can fail.
/// An input and the output may be the same memory where `OperatorKind.worksInPlace` says so; such a
/// kernel has read an element before it writes it.
@safe
struct Execution: ~Escapable {
  let model: Model
  /// The arena, at least `model.arenaByteCount` bytes from here.
  let arena: UnsafeMutableRawPointer
  /// What of an operator runs; nil for all of it.
  let part: OperatorPart?

  @_lifetime(copy model)
  init(_ model: Model, arena: UnsafeMutableRawPointer, part: OperatorPart? = nil) {
    self.model = model
    unsafe self.arena = arena
    self.part = part
  }

  /// Runs operator `index`, or the part of it.
  func run(_ index: Int) {
    let record = model.operator(index)
    switch record.kind {
    case .convolution2D, .depthwiseConvolution2D, .fullyConnected:
      runWeighted(record)
    case .add, .subtract, .multiply, .maximum, .minimum:
      runElementwise(record)
    case .averagePool2D, .maxPool2D, .mean, .pad, .softmax:
      runUnary(record)
    case .copy:
      runCopy(record)
    case .transpose, .concatenation, .slice, .lookup:
      runBytes(record)
    case .quantize, .dequantize, .argMax:
      runConversion(record)
    }
  }

  private func runWeighted(_ record: OperatorRecord) {
    let input = view(record, 0, as: Int8.self)
    let weights = view(record, 1, as: Int8.self).elements
    let channels = view(record, 2, as: Int32.self).elements
    var output = outputView(record, as: Int8.self)
    let window = WindowParameters(words: words(of: record))
    switch record.kind {
    case .convolution2D:
      convolution2D(
        input, weights: weights, channels: channels, parameters: window, into: &output)
    case .depthwiseConvolution2D:
      depthwiseConvolution2D(
        input, weights: weights, channels: channels, parameters: window, into: &output)
    default:
      fullyConnected(
        input, weights: weights, channels: channels,
        parameters: FullyConnectedParameters(words: record.words), into: &output)
    }
  }

  private func runElementwise(_ record: OperatorRecord) {
    let (first, second) = (view(record, 0, as: Int8.self), view(record, 1, as: Int8.self))
    var output = outputView(record, as: Int8.self)
    let parameters = ElementwiseParameters(words: record.words)
    switch record.kind {
    case .add: add(first, second, parameters: parameters, into: &output)
    case .subtract: subtract(first, second, parameters: parameters, into: &output)
    case .multiply: multiply(first, second, parameters: parameters, into: &output)
    case .maximum: maximum(first, second, parameters: parameters, into: &output)
    default: minimum(first, second, parameters: parameters, into: &output)
    }
  }

  private func runUnary(_ record: OperatorRecord) {
    let input = view(record, 0, as: Int8.self)
    var output = outputView(record, as: Int8.self)
    let words = words(of: record)
    switch record.kind {
    case .averagePool2D:
      averagePool2D(input, parameters: WindowParameters(words: words), into: &output)
    case .maxPool2D:
      maxPool2D(input, parameters: WindowParameters(words: words), into: &output)
    case .mean: mean(input, parameters: MeanParameters(words: words), into: &output)
    case .pad: pad(input, parameters: PadParameters(words: words), into: &output)
    default: softmax(input, parameters: SoftmaxParameters(words: words), into: &output)
    }
  }

  /// Copies elements of any type, byte by byte.
  private func runCopy(_ record: OperatorRecord) {
    let input = bytes(model.input(0, of: record))
    var output = mutableBytes(record.output)
    copy(input, into: &output)
  }

  private func runBytes(_ record: OperatorRecord) {
    let input = view(record, 0, as: UInt8.self)
    var output = outputView(record, as: UInt8.self)
    switch record.kind {
    case .transpose:
      transpose(input, parameters: TransposeParameters(words: record.words), into: &output)
    case .slice:
      slice(input, parameters: SliceParameters(words: record.words), into: &output)
    case .lookup:
      lookup(input, table: view(record, 1, as: UInt8.self).elements, into: &output)
    default:
      let axis = AxisParameters(words: record.words).axis
      var offset = 0
      for position in 0..<record.inputCount {
        let piece = view(record, position, as: UInt8.self)
        concatenate(piece, axis: axis, at: offset, into: &output)
        offset += piece.shape[axis]
      }
    }
  }

  private func runConversion(_ record: OperatorRecord) {
    let source = model.tensor(model.input(0, of: record)).elementType
    let target = model.tensor(record.output).elementType
    switch (record.kind, source, target) {
    case (.quantize, _, .int8):
      var output = outputView(record, as: Int8.self)
      quantize(view(record, 0, as: Float.self), into: &output)
    case (.quantize, _, _):
      var output = outputView(record, as: UInt8.self)
      quantize(view(record, 0, as: Float.self), into: &output)
    case (.dequantize, .int8, _):
      var output = outputView(record, as: Float.self)
      dequantize(view(record, 0, as: Int8.self), into: &output)
    case (.dequantize, _, _):
      var output = outputView(record, as: Float.self)
      dequantize(view(record, 0, as: UInt8.self), into: &output)
    default:
      let axis = AxisParameters(words: record.words).axis
      let input = view(record, 0, as: Int8.self)
      if target == .int32 {
        var output = outputView(record, as: Int32.self)
        argMax(input, axis: axis, into: &output)
      } else {
        var output = outputView(record, as: Int64.self)
        argMax(input, axis: axis, into: &output)
      }
    }
  }
}
