/// Lets a convolution do the padding that an operator before it does.
///
/// Exact where the border is real zero (the convolution's input zero point) and runs around height
/// and width only: a convolution's own padding then reads the same values.
enum PadFolding {
  /// Folds every pad that can be; a pad nobody reads any more is left to ``DeadOperators``.
  static func run(on graph: inout SourceGraph) {
    var pads: [Int: SourceOperator] = [:]
    for candidate in graph.operators {
      if case .pad = candidate.operation { pads[candidate.outputs[0]] = candidate }
    }
    for index in graph.operators.indices {
      guard let padded = graph.operators[index].inputs.first ?? nil, let pad = pads[padded],
        let origin = pad.inputs[0], let border = border(of: pad, from: origin, in: graph)
      else { continue }
      switch graph.operators[index].operation {
      case .convolution2D(var options):
        options.padding.add(border)
        graph.operators[index].operation = .convolution2D(options)
      case .depthwiseConvolution2D(var options):
        options.padding.add(border)
        graph.operators[index].operation = .depthwiseConvolution2D(options)
      default:
        continue
      }
      graph.operators[index].inputs[0] = origin
    }
  }

  /// The border around height and width, where that is all the pad does.
  private static func border(
    of pad: SourceOperator, from origin: Int, in graph: SourceGraph
  ) -> Padding2D? {
    guard case .pad(let options) = pad.operation, options.before.count == 4,
      let input = graph.tensors[origin].quantization,
      graph.tensors[pad.outputs[0]].quantization == input,
      Int32(options.value) == input.zeroPoint,
      options.before[0] == 0, options.after[0] == 0, options.before[3] == 0, options.after[3] == 0
    else { return nil }
    return Padding2D(
      top: options.before[1], left: options.before[2], bottom: options.after[1],
      right: options.after[2])
  }
}

extension Padding2D {
  fileprivate mutating func add(_ border: Padding2D) {
    top += border.top
    left += border.left
    bottom += border.bottom
    right += border.right
  }
}
