/// How many input rows the output rows of one operator need, for operators that work row by row.
public struct BandStage: Sendable {
  /// Rows of the input.
  public let inputHeight: Int
  /// Rows of the output.
  public let outputHeight: Int
  /// Input rows that one output row sees, dilation included.
  public let extent: Int
  /// Input rows from one output row to the next.
  public let stride: Int
  /// Rows above the input that the first output row sees.
  public let padding: Int

  /// Output row r needs input row r.
  public init(height: Int) {
    (inputHeight, outputHeight, extent, stride, padding) = (height, height, 1, 1, 0)
  }

  /// The rows of a window; nil where a parameter is outside its range or an output row sees no
  /// input row at all.
  public init?(
    _ window: WindowParameters, isDilated: Bool, inputHeight: Int, outputHeight: Int
  ) {
    let limits = 1...Layout.Limits.windowParameter
    let dilation = isDilated ? window.dilationHeight : 1
    guard limits.contains(window.kernelHeight), limits.contains(window.strideHeight),
      limits.contains(dilation), window.paddingTop >= 0
    else { return nil }
    // At most 2^15 each, so that the product fits in 31 bits; Int has 32 on ARMv7.
    extent = (window.kernelHeight - 1) * dilation + 1
    (stride, padding) = (window.strideHeight, window.paddingTop)
    let lastTop = Int64(outputHeight - 1) * Int64(stride) - Int64(padding)
    guard padding < extent, lastTop < Int64(inputHeight),
      lastTop + Int64(padding) + Int64(extent) <= Int64(Int32.max)
    else { return nil }
    (self.inputHeight, self.outputHeight) = (inputHeight, outputHeight)
  }

  /// The input rows that `rows` of the output need.
  @inlinable
  public func inputRows(for rows: Range<Int>) -> Range<Int> {
    WindowRows(
      rows, extent: extent, stride: stride, padding: padding, inputHeight: inputHeight
    ).input
  }

  /// The first input row needed by output rows from `row` on; the height where there are none.
  public func firstInputRow(from row: Int) -> Int {
    row < outputHeight ? max(0, row * stride - padding) : inputHeight
  }
}

/// Which rows the operators of a group compute in each band, and how many are stored between them.
///
/// The one definition that converter, verifier and engine share. Bands go down the output of the
/// last operator; each operator computes the rows that the next one needs and that it has not
/// computed before.
public struct BandChain: Sendable {
  /// The most operators in a group.
  public static let maximumStageCount = 8
  /// The most bands of a group.
  public static let maximumBandCount = 4096

  /// The number of operators.
  public let stageCount: Int
  /// Output rows of the last operator in a band.
  public let rowsPerBand: Int
  @usableFromInline
  let stages: InlineArray<8, BandStage>

  // Not built stage by stage: of a structure with an InlineArray and a count that rises in a loop,
  // Swift 6.3.1 loses the count (-O).
  /// The first `count` of `stages`, at least one, each reading what the one before it writes.
  public init(_ stages: InlineArray<8, BandStage>, count: Int, rowsPerBand: Int) {
    precondition(count >= 1 && count <= Self.maximumStageCount)
    (self.stages, stageCount, self.rowsPerBand) = (stages, count, rowsPerBand)
  }

  /// Operator `index` of the group.
  @inlinable
  public subscript(index: Int) -> BandStage { stages[index] }

  /// Output rows of the last operator.
  @inlinable
  public var height: Int { stages[stageCount - 1].outputHeight }

  /// The number of bands.
  @inlinable
  public var bandCount: Int { (height - 1) / rowsPerBand + 1 }

  /// The rows that are stored of the output of operator `index`, which is not the last: those one
  /// band needs, were there no borders, or all.
  public func storedRowCount(of index: Int) -> Int {
    var rows = min(rowsPerBand, height)
    var next = stageCount - 1
    while next > index {
      rows = min((rows - 1) * stages[next].stride + stages[next].extent, stages[next].inputHeight)
      next -= 1
    }
    return rows
  }

  /// The output rows of every operator that band `index` needs, computed before or not.
  public func rows(inBand index: Int) -> InlineArray<8, Range<Int>> {
    var result = InlineArray<8, Range<Int>>(repeating: 0..<0)
    setRows(inBand: index, &result)
    return result
  }

  /// Sets those rows in `result`.
  @inlinable
  public func setRows(inBand index: Int, _ result: inout InlineArray<8, Range<Int>>) {
    let first = index * rowsPerBand
    var rows = first..<(first + min(rowsPerBand, height - first))
    var stage = stageCount - 1
    while stage >= 0 {
      result[stage] = rows
      if stage > 0 { rows = stages[stage].inputRows(for: rows) }
      stage -= 1
    }
  }
}
