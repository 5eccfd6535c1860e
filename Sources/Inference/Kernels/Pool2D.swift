import ModelFormat

/// Average over a window (numerics, equation 17).
///
/// Elements outside the input count neither in the sum nor in the divisor.
///
/// Relies on, for an input `[n, h, w, c]` and an output `[n, y, x, c]`:
/// - the window's sizes as for ``convolution2D``, dilations 1
///   (they are not read);
/// - activation minimum ≤ maximum, both within int8.
/// A window wholly outside the input is allowed and averages to 0.
package func averagePool2D(
  _ input: borrowing TensorView<Int8>, parameters: WindowParameters,
  into output: inout MutableTensorView<Int8>
) {
  let activation = parameters.activation
  let elements = input.elements
  var window = PoolWindow(input.shape, parameters)
  var place = 0
  for batch in 0..<output.shape[0] {
    for outputRow in 0..<output.shape[1] {
      for outputColumn in 0..<output.shape[2] {
        window.move(batch: batch, outputRow: outputRow, outputColumn: outputColumn)
        let count = Int32(truncatingIfNeeded: window.count)
        for channel in 0..<output.shape[3] {
          // Elements are 8 bits wide, so that windows of up to 2^23 elements cannot overflow;
          // wider ones wrap.
          var sum: Int32 = 0
          for row in window.rows {
            var next = window.offset(row: row, channel: channel)
            for _ in window.columns {
              sum &+= Int32(elements[next])
              next += window.depth
            }
          }
          output.elements[place] = activation.clamp(roundedQuotient(sum, count))
          place += 1
        }
      }
    }
  }
}

/// Maximum over a window.
///
/// Elements outside the input do not count. Relies on what
/// ``averagePool2D(_:parameters:into:)`` relies on; a window wholly outside the input gives −128,
/// clamped.
package func maxPool2D(
  _ input: borrowing TensorView<Int8>, parameters: WindowParameters,
  into output: inout MutableTensorView<Int8>
) {
  let activation = parameters.activation
  let elements = input.elements
  var window = PoolWindow(input.shape, parameters)
  var place = 0
  for batch in 0..<output.shape[0] {
    for outputRow in 0..<output.shape[1] {
      for outputColumn in 0..<output.shape[2] {
        window.move(batch: batch, outputRow: outputRow, outputColumn: outputColumn)
        for channel in 0..<output.shape[3] {
          var largest = Int8.min
          for row in window.rows {
            var next = window.offset(row: row, channel: channel)
            for _ in window.columns {
              largest = max(largest, elements[next])
              next += window.depth
            }
          }
          output.elements[place] = activation.clamp(Int32(largest))
          place += 1
        }
      }
    }
  }
}

/// `sum / count` rounded to the nearest integer, ties away from zero; 0 for a count of 0.
@inline(__always)
private func roundedQuotient(_ sum: Int32, _ count: Int32) -> Int32 {
  guard count > 0 else { return 0 }
  let half = count / 2
  return (sum > 0 ? sum &+ half : sum &- half) / count
}

/// The part of a pooling window that is inside the input.
private struct PoolWindow {
  /// Input channels.
  let depth: Int
  /// Input rows of the window.
  var rows = 0..<0
  /// Input columns of the window.
  var columns = 0..<0

  private let height: Int
  private let width: Int
  private let parameters: WindowParameters
  private var batch = 0

  init(_ input: Shape, _ parameters: WindowParameters) {
    (height, width, depth) = (input[1], input[2], input[3])
    self.parameters = parameters
  }

  /// Elements of one channel in the window.
  var count: Int { rows.count * columns.count }

  /// Places the window for one output element.
  mutating func move(batch: Int, outputRow: Int, outputColumn: Int) {
    self.batch = batch
    let top = outputRow * parameters.strideHeight - parameters.paddingTop
    let left = outputColumn * parameters.strideWidth - parameters.paddingLeft
    rows = Self.clip(top, parameters.kernelHeight, to: height)
    columns = Self.clip(left, parameters.kernelWidth, to: width)
  }

  /// The place of the window's first element in input row `row`.
  func offset(row: Int, channel: Int) -> Int {
    ((batch * height + row) * width + columns.lowerBound) * depth + channel
  }

  private static func clip(_ start: Int, _ count: Int, to size: Int) -> Range<Int> {
    let first = max(0, start)
    let end = min(size, start + count)
    return first < end ? first..<end : 0..<0
  }
}
