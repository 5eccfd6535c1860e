import ModelFormat

/// A part of an operator: some of its output, with the tensors where the caller has them.
///
/// Parts that cover the output without overlap leave the bytes that the whole operator leaves,
/// whatever their order and whichever kernels run them.
@safe
struct OperatorPart {
  /// What an operator's output is divided into.
  enum Unit {
    /// Rows of an image `[1, height, width, depth]`; of another tensor, what the third axis from
    /// the end counts.
    case row
    /// Elements of all axes but the innermost.
    case pixel
    /// Sixteen output channels of a fully connected operator on a single row.
    case block
  }

  /// A tensor that does not lie where the arena plan has it, or not wholly.
  @safe
  struct Place {
    /// The address of unit `first`; the next ones follow.
    let address: UnsafeMutableRawPointer
    /// The first unit that is there.
    let first: Int
  }

  /// What is counted.
  let unit: Unit
  /// The units to compute, not empty.
  let range: Range<Int>
  /// The units of the whole output.
  let count: Int
  /// Inputs 0 and 1, and the output; nil where the plan has them. A place of an input is used where
  /// the part needs a part of that input, not of weights, tables and repeated elements.
  var first: Place?
  var second: Place?
  var output: Place?

  /// Units `range` of `count`.
  init(_ unit: Unit = .row, _ range: Range<Int>, of count: Int) {
    (self.unit, self.range, self.count) = (unit, range, count)
  }

  /// The address of unit `index` of a tensor whose unit 0 is planned at `planned`, or which is at
  /// `place`.
  @inline(__always)
  static func address(
    of index: Int, unitByteCount: Int, planned: UnsafeRawPointer, _ place: Place?
  ) -> UnsafeMutableRawPointer {
    guard let place else {
      return unsafe UnsafeMutableRawPointer(mutating: planned) + index * unitByteCount
    }
    return unsafe place.address + (index - place.first) * unitByteCount
  }
}

extension Execution {
  /// The units that the output of operator `index` can be divided into; nil where it cannot.
  ///
  /// - Rows: windows, pads, and what works element by element, on one image (no larger batch).
  /// - Pixels: convolutions with a window of one element, and what works element by element on
  ///   tensors of one shape or single elements.
  /// - Blocks: fully connected operators on one row.
  func unitCount(of index: Int, _ unit: OperatorPart.Unit) -> Int? {
    let record = model.operator(index)
    let output = model.tensor(record.output).shape
    switch unit {
    case .row: return isDivisibleByRows(record) ? output.rowCount : nil
    case .pixel: return isDivisibleByPixels(record) ? output.pixelCount : nil
    case .block:
      guard record.kind == .fullyConnected, output.pixelCount == 1 else { return nil }
      return PackedLayout.blockCount(channels: output.elementCount)
    }
  }

  private func isDivisibleByRows(_ record: OperatorRecord) -> Bool {
    let output = model.tensor(record.output).shape
    guard output.isSingleImage else { return false }
    let input = shape(record, 0)
    switch record.kind {
    case .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D:
      let window = WindowParameters(words: record.words)
      return window.startsInside(input[1], rows: output[1])
    case .pad: return input.rank >= 3
    case .add, .subtract, .multiply, .maximum, .minimum: return true
    case .lookup, .quantize, .dequantize: return input == output
    default: return false
    }
  }

  private func isDivisibleByPixels(_ record: OperatorRecord) -> Bool {
    let (input, output) = (shape(record, 0), model.tensor(record.output).shape)
    switch record.kind {
    case .convolution2D:
      let window = WindowParameters(words: record.words)
      return window.kernelHeight == 1 && window.kernelWidth == 1 && window.strideHeight == 1
        && window.strideWidth == 1 && window.paddingTop == 0 && window.paddingLeft == 0
        && input[1] == output[1] && input[2] == output[2]
    case .add, .subtract, .multiply, .maximum, .minimum:
      let second = shape(record, 1)
      return output.rank >= 1 && (input == output || input.elementCount == 1)
        && (second == output || second.elementCount == 1)
    case .lookup, .quantize, .dequantize: return output.rank >= 1 && input == output
    default: return false
    }
  }

  /// The units of input `position` that `part` needs; nil where it needs the whole input.
  func units(of position: Int, _ record: OperatorRecord, for part: OperatorPart) -> Range<Int>? {
    let input = shape(record, position)
    switch record.kind {
    case .add, .subtract, .multiply, .maximum, .minimum:
      // Elements that are repeated along the units are seen by all parts.
      let count = part.unit == .row ? input.rowCount : input.pixelCount
      return count == part.count && (part.unit == .row || input.elementCount > 1)
        ? part.range : nil
    case _ where position > 0 || part.unit == .block: return nil
    case .pad:
      let before = PadParameters(words: record.words)[before: input.rank - 3]
      let first = min(max(0, part.range.lowerBound - before), input.rowCount)
      return first..<max(first, min(input.rowCount, part.range.upperBound - before))
    case .convolution2D where part.unit == .pixel: return part.range
    case .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D:
      let window = WindowParameters(words: record.words)
      return WindowRows(part.range, of: window, inputHeight: input[1]).input
    default: return part.range
    }
  }

  /// The parameters of an operator restricted to the part: another padding above.
  func words(of record: OperatorRecord) -> OperatorWords {
    guard let part, part.unit == .row else { return record.words }
    switch record.kind {
    case .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D:
      var window = WindowParameters(words: record.words)
      window.paddingTop =
        WindowRows(part.range, of: window, inputHeight: shape(record, 0)[1]).paddingTop
      return window.words
    case .pad:
      var pad = PadParameters(words: record.words)
      let axis = shape(record, 0).rank - 3
      pad[before: axis] = min(max(0, pad[before: axis] - part.range.lowerBound), part.range.count)
      return pad.words
    default: return record.words
    }
  }

  private func shape(_ record: OperatorRecord, _ position: Int) -> Shape {
    model.tensor(model.input(position, of: record)).shape
  }
}

extension Shape {
  /// Elements along the third axis from the end, 1 where there is none.
  var rowCount: Int { rank >= 3 ? self[rank - 3] : 1 }

  /// Elements of all axes but the innermost.
  var pixelCount: Int { rank >= 1 ? elementCount / self[rank - 1] : 1 }

  /// Whether all axes in front of the last three have one element.
  fileprivate var isSingleImage: Bool {
    var axis = rank - 4
    while axis >= 0 {
      if self[axis] != 1 { return false }
      axis -= 1
    }
    return true
  }

  /// The shape of `count` units of a tensor of this shape.
  func restricted(to count: Int, _ unit: OperatorPart.Unit) -> Shape {
    var result = Shape()
    if unit == .row {
      for axis in 0..<rank { result.append(axis == rank - 3 ? count : self[axis]) }
    } else {
      result.append(1)
      result.append(count)
      if unit == .pixel {
        result.append(1)
        result.append(self[rank - 1])
      }
    }
    return result
  }
}
