/// Consecutive operators that run together, some output rows at a time: a record of the band
/// section.
///
/// Each operator but the first reads what the one before it writes, and nobody else does. Between
/// them only the rows are stored that the next band needs.
public struct BandGroup: Sendable, Equatable {
  /// The first operator.
  public let firstOperator: Int
  /// How many operators it has, 1 to ``BandChain/maximumStageCount``.
  public let operatorCount: Int
  /// Output rows of the last operator in a band; the last band may have fewer.
  public let rowsPerBand: Int

  /// A group as a record names it.
  public init(firstOperator: Int, operatorCount: Int, rowsPerBand: Int) {
    self.firstOperator = firstOperator
    self.operatorCount = operatorCount
    self.rowsPerBand = rowsPerBand
  }

  /// Its operators.
  public var operators: Range<Int> { firstOperator..<(firstOperator + operatorCount) }

  /// Its last operator, which writes the only output that is stored whole.
  public var lastOperator: Int { firstOperator + operatorCount - 1 }
}
