/// A log and a model file that do not belong together.
public struct ModelMismatch: Error, CustomStringConvertible {
  /// What the log tells of the model it was made with.
  public let log: String
  /// What the file is.
  public let file: String

  /// Both, in a sentence.
  public var description: String {
    "the log was made with another model: \(log); this file is \(file). "
      + "Give the model that ran on the board, or leave out --model"
  }
}

extension LogDigest {
  /// Makes sure that the newest program in the log ran `model`.
  ///
  /// The check in its `start` record decides; where there is none, rate, window and the names of
  /// channels and classes must be the model's.
  public func requireMadeWith(_ model: ModelFacts) throws(ModelMismatch) {
    if let check = runs.latest?.modelCheck {
      guard check == model.check else { throw mismatch(model) }
      return
    }
    if let start = runs.latest, let contract = model.contract {
      let fits =
        start.channels.map { $0 == UInt64(model.channels.count) } ?? true
        && start.window.map { $0 == UInt64(contract.window) } ?? true
        && start.hop.map { $0 == UInt64(contract.hop) } ?? true
        && start.rateHertz.map { abs($0 - contract.rateHertz) < 0.001 } ?? true
      guard fits else { throw mismatch(model) }
    }
    let channels = (0..<drift.channelCount).map { drift.name($0) }
    guard channels.allSatisfy({ model.channelIndex(named: $0) != nil }) else {
      throw mismatch(model)
    }
    let classes = (0..<predictions.classes.count).map { predictions.classes.name($0) }
    guard
      model.labels.isEmpty || predictions.classes.overflowed
        || classes.allSatisfy({ model.labels.contains($0) || $0.hasPrefix("class ") })
    else { throw mismatch(model) }
  }

  private func mismatch(_ model: ModelFacts) -> ModelMismatch {
    var log: [String] = []
    if let start = runs.latest {
      if let check = start.modelCheck { log.append("model \(Wording.hexadecimal(check))") }
      if let path = start.model { log.append("'\(path)'") }
      if let count = start.channels { log.append(Wording.count(count, "channel")) }
      if let rate = start.rateHertz { log.append("\(Wording.value(rate)) Hz") }
      if let window = start.window { log.append("window \(window)") }
    }
    let channels = (0..<drift.channelCount).map { drift.name($0) }
    if !channels.isEmpty { log.append("channels " + Self.shortList(channels)) }
    let classes = (0..<predictions.classes.count).map { predictions.classes.name($0) }
    if !classes.isEmpty { log.append("classes " + Self.shortList(classes)) }

    var file = ["model \(Wording.hexadecimal(model.check))", "'\(model.name)'"]
    file.append(Wording.count(UInt64(model.channels.count), "channel"))
    if let contract = model.contract {
      file.append("\(Wording.value(contract.rateHertz)) Hz")
      file.append("window \(contract.window)")
    }
    if !model.channels.isEmpty {
      file.append("channels " + Self.shortList(model.channels.map(\.name)))
    }
    if !model.labels.isEmpty { file.append("classes " + Self.shortList(model.labels)) }
    return ModelMismatch(
      log: Wording.visible(log.joined(separator: ", ")),
      file: Wording.visible(file.joined(separator: ", ")))
  }

  private static func shortList(_ names: [String]) -> String {
    names.prefix(6).joined(separator: " ") + (names.count > 6 ? " …" : "")
  }
}
