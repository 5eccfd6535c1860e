import ModelFormat

/// The arena plan as text: memory downwards, time to the right, one letter a tensor.
struct PlanPicture {
  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

  let summary: ModelSummary

  /// The lines of the picture and its legend.
  var lines: [String] {
    let use = ArenaUse(summary.tensors, operatorCount: summary.operators.count)
    let arena = summary.arenaByteCount
    guard arena > 0 else { return ["The model needs no arena."] }
    let rows = min(24, max(4, arena / Layout.arenaAlignment))
    let columns = max(1, min(4, 72 / use.stepCount))
    var names: [Int: Character] = [:]
    var legend: [TensorSummary] = []
    var picture: [String] = []
    for row in 0..<rows {
      // The middle of the row stands for all of it.
      let offset = (2 * row + 1) * arena / (2 * rows)
      var line = padLeft(decimal(row * arena / rows), 9) + " ▏"
      for step in 0..<use.stepCount {
        guard let tensor = use.tensor(at: offset, in: step) else {
          line += String(repeating: "·", count: columns)
          continue
        }
        if names[tensor.index] == nil {
          names[tensor.index] = Self.letters[legend.count % Self.letters.count]
          legend.append(tensor)
        }
        line += String(repeating: names[tensor.index] ?? "?", count: columns)
      }
      picture.append(line)
    }
    let peak = (0..<use.stepCount).max { use.byteCount(in: $0) < use.byteCount(in: $1) } ?? 0
    var marker = String(repeating: " ", count: 11 + peak * columns)
    marker += "▲ \(name(of: peak)): \(decimal(use.byteCount(in: peak))) bytes in use"
    return ["  offset   step →"] + picture + [marker, ""]
      + legend.map { describe($0, names[$0.index] ?? "?") }
  }

  private func name(of step: Int) -> String {
    if step == 0 { return "inputs" }
    if step > summary.operators.count { return "outputs" }
    return "operator \(step - 1)"
  }

  private func describe(_ tensor: TensorSummary, _ letter: Character) -> String {
    let (first, last) = (tensor.sharedSteps.lowerBound, tensor.sharedSteps.upperBound)
    let steps = padLeft("\(first)", 3) + "–" + pad("\(last)", 3)
    let state =
      switch tensor.storage {
      case .state: " (state)"
      case .band: " (band)"
      default: ""
      }
    return
      "  \(letter)  \(padLeft(decimal(tensor.offset), 9)) +\(padLeft(decimal(tensor.storedByteCount), 8))"
      + "  steps \(steps) \(tensor.name.firstOfFused)\(state)"
  }
}
