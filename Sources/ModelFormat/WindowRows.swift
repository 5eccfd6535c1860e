/// The input rows that a window needs for some rows of output.
///
/// An operator on these rows alone, with this padding, computes the same output: rows that are cut
/// off are seen by none of its windows, and the borders of the image stay where they are.
public struct WindowRows: Sendable, Equatable {
  /// Rows of the input; never empty, although a window wholly in the padding sees none.
  public let input: Range<Int>
  /// Rows of padding above the first of them.
  public let paddingTop: Int

  /// The rows for `output`, which is not empty, of an input of `inputHeight` rows.
  ///
  /// No window may start behind the last row of the input (``WindowParameters/startsInside(_:rows:)``).
  public init(_ output: Range<Int>, of window: WindowParameters, inputHeight: Int) {
    self.init(
      output, extent: (window.kernelHeight - 1) * window.dilationHeight + 1,
      stride: window.strideHeight, padding: window.paddingTop, inputHeight: inputHeight)
  }

  /// The rows for windows of `extent` rows, the first `padding` rows above the input, each `stride`
  /// rows below the one before.
  @inlinable
  public init(_ output: Range<Int>, extent: Int, stride: Int, padding: Int, inputHeight: Int) {
    let top = output.lowerBound * stride - padding
    let bottom = (output.upperBound - 1) * stride - padding + extent
    let first = max(0, top)
    input = first..<max(first + 1, min(inputHeight, bottom))
    paddingTop = first - top
  }
}

extension WindowParameters {
  /// Whether the windows of all `rows` output rows start above the end of an input of `height` rows.
  public func startsInside(_ height: Int, rows: Int) -> Bool {
    (rows - 1) * strideHeight - paddingTop < height
  }
}
