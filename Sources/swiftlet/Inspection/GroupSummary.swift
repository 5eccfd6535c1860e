import ModelFormat

/// Operators that run together, as `inspect` shows them.
struct GroupSummary: Encodable {
  let firstOperator: Int
  let operatorCount: Int
  let rowsPerBand: Int
  let bandCount: Int
  /// The tensors between its operators, and the bytes stored of each.
  let tensors: [Int]
  let storedByteCounts: [Int]

  enum CodingKeys: String, CodingKey {
    case firstOperator = "first_operator"
    case operatorCount = "operators"
    case rowsPerBand = "rows_per_band"
    case bandCount = "bands"
    case tensors
    case storedByteCounts = "stored_bytes"
  }

  init(_ index: Int, of model: borrowing Model) {
    let group = model.bandGroup(index)
    firstOperator = group.firstOperator
    operatorCount = group.operatorCount
    rowsPerBand = group.rowsPerBand
    let chain = model.bandChain(of: group)
    bandCount = chain?.bandCount ?? 0
    var (tensors, byteCounts): ([Int], [Int]) = ([], [])
    for stage in 0..<(group.operatorCount - 1) {
      let output = model.operator(group.firstOperator + stage).output
      let tensor = model.tensor(output)
      guard let chain else { break }
      tensors.append(output)
      byteCounts.append(
        chain.storedRowCount(of: stage) * (tensor.byteCount / chain[stage].outputHeight))
    }
    (self.tensors, storedByteCounts) = (tensors, byteCounts)
  }

  /// `operators 2–3 in 3 bands of 8 rows`.
  var description: String {
    let last = firstOperator + operatorCount - 1
    let who =
      operatorCount == 1 ? "operator \(firstOperator)" : "operators \(firstOperator)–\(last)"
    let rows = rowsPerBand == 1 ? "1 row" : "\(rowsPerBand) rows"
    return "\(who) in \(bandCount) bands of \(rows)"
  }
}
