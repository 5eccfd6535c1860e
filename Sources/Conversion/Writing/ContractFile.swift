import Foundation
import ModelFormat

/// The input contract as a person writes it: JSON beside the model.
///
///     { "rate_hz": 10, "window": 40, "hop": 10,
///       "channels": [ { "name": "accel_x", "unit": "m/s²", "mean": 0.1,
///                       "standard_deviation": 2.5 } ] }
public struct ContractFile: Codable, Equatable, Sendable {
  /// Samples of each channel in a second.
  public var rateHertz: Double
  /// Samples in a window.
  public var window: Int
  /// Samples from the start of one window to the start of the next.
  public var hop: Int
  /// The channels in the model's order.
  public var channels: [Channel]
  /// What samples go through before they enter the model; nothing but normalization where nil.
  public var preprocessing: PreprocessingFile?

  /// One channel.
  public struct Channel: Codable, Equatable, Sendable {
    /// The channel's name, as recordings and sensors call it.
    public var name: String
    /// The unit of its samples.
    public var unit: String
    /// Mean of the training data, in the unit.
    public var mean: Double
    /// Standard deviation of the training data, in the unit.
    public var standardDeviation: Double

    enum CodingKeys: String, CodingKey, CaseIterable {
      case name, unit, mean
      case standardDeviation = "standard_deviation"
    }
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case rateHertz = "rate_hz"
    case window, hop, channels, preprocessing
  }

  /// The rate as the model file stores it.
  var rateMillihertz: Int { Int((rateHertz * 1000).rounded()) }

  /// Reads and checks a contract; `file` is its name for messages.
  public static func decode(_ data: Data, file: String) throws(ConversionError) -> ContractFile {
    func fail(
      _ place: String, _ what: String, _ hint: String = "see docs/converting.md"
    ) -> ConversionError {
      ConversionError(.invalidCompanion, file: file, place: place, what: what, hint: hint)
    }
    let contract: ContractFile
    do {
      try checkKeys(data, file: file)
      contract = try JSONDecoder().decode(ContractFile.self, from: data)
    } catch let error as ConversionError {
      throw error
    } catch let error as DecodingError {
      throw fail(
        error.place, error.explanation, "see docs/converting.md for the keys of a contract")
    } catch {
      let detail = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
      throw fail(
        "", "this is not JSON: \(detail ?? error.localizedDescription)",
        "look for a missing bracket, comma or quotation mark")
    }
    guard contract.rateHertz.isFinite, contract.rateHertz >= 0.001, contract.rateHertz <= 1e6 else {
      throw fail("rate_hz", "\(contract.rateHertz) is not a rate", "use 0.001 to 1000000")
    }
    guard (1...Layout.Limits.elements).contains(contract.window) else {
      throw fail(
        "window", "\(contract.window) is not in 1 to \(Layout.Limits.elements) samples",
        "take the length the model was trained with")
    }
    guard (1...contract.window).contains(contract.hop) else {
      throw fail(
        "hop", "\(contract.hop) is not in 1 to \(contract.window), the window's length",
        "take the window's length for windows side by side, less for windows that overlap")
    }
    guard (1...Layout.Limits.channels).contains(contract.channels.count) else {
      throw fail(
        "channels", "there are \(contract.channels.count)",
        "a model takes 1 to \(Layout.Limits.channels)")
    }
    for (index, channel) in contract.channels.enumerated() {
      let place = "channels[\(index)]"
      guard !channel.name.isEmpty else {
        throw fail("\(place).name", "is empty", "name it as recordings do")
      }
      guard contract.channels[..<index].allSatisfy({ $0.name != channel.name }) else {
        throw fail("\(place).name", "'\(channel.name)' appears twice", "rename one")
      }
      guard Float(channel.mean).isFinite else {
        throw fail(
          "\(place).mean", "\(channel.mean) is not a number that fits in 32 bits",
          "take the mean of the training data")
      }
      let deviation = Float(channel.standardDeviation)
      guard deviation.isFinite, deviation > 0 else {
        throw fail(
          "\(place).standard_deviation", "\(channel.standardDeviation) is not positive",
          "a constant channel carries no information: leave it out of the model")
      }
    }
    do {
      _ = try contract.preprocessingSection()
    } catch {
      throw fail(error.place, error.what, error.hint)
    }
    return contract
  }

  /// Refuses keys that are not known: a misspelt setting must not pass unnoticed.
  private static func checkKeys(_ data: Data, file: String) throws {
    guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw ConversionError(
        .invalidCompanion, file: file, place: "", what: "the top level is not an object",
        hint: "put the keys between { and }")
    }
    try check(object, known: CodingKeys.allCases.map(\.rawValue), at: "", file: file)
    for key in [CodingKeys.window, .hop].map(\.rawValue) {
      // The decoder takes 40.5 where a whole number is needed for a syntax error.
      guard let number = object[key] as? Double, Int(exactly: number) == nil else { continue }
      throw ConversionError(
        .invalidCompanion, file: file, place: key, what: "\(number) is not a whole number",
        hint: "count samples")
    }
    for (index, channel) in (object["channels"] as? [[String: Any]] ?? []).enumerated() {
      try check(
        channel, known: Channel.CodingKeys.allCases.map(\.rawValue), at: "channels[\(index)]",
        file: file)
    }
    try checkPreprocessing(object["preprocessing"] as? [String: Any] ?? [:], file: file)
  }

  private static func checkPreprocessing(_ object: [String: Any], file: String) throws {
    let place = "preprocessing"
    try check(
      object, known: PreprocessingFile.CodingKeys.allCases.map(\.rawValue), at: place, file: file)
    for (index, filter) in (object["filters"] as? [[String: Any]] ?? []).enumerated() {
      try check(
        filter, known: PreprocessingFile.Filter.CodingKeys.allCases.map(\.rawValue),
        at: "\(place).filters[\(index)]", file: file)
    }
    for (index, feature) in (object["features"] as? [[String: Any]] ?? []).enumerated() {
      try check(
        feature, known: PreprocessingFile.Feature.CodingKeys.allCases.map(\.rawValue),
        at: "\(place).features[\(index)]", file: file)
    }
  }

  private static func check(
    _ object: [String: Any], known: [String], at place: String, file: String
  ) throws {
    for key in object.keys.sorted() where !known.contains(key) {
      throw ConversionError(
        .invalidCompanion, file: file, place: place, what: "unknown key '\(key)'",
        hint: "known are \(known.joined(separator: ", "))")
    }
  }
}

extension DecodingError {
  /// Where in the document, as `channels[0].mean`.
  fileprivate var place: String {
    let path: [any CodingKey] =
      switch self {
      case .typeMismatch(_, let context), .valueNotFound(_, let context),
        .keyNotFound(_, let context), .dataCorrupted(let context):
        context.codingPath
      @unknown default: []
      }
    return path.reduce("") { text, key in
      if let index = key.intValue { return "\(text)[\(index)]" }
      return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
    }
  }

  fileprivate var explanation: String {
    switch self {
    case .keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
    case .typeMismatch(let type, _), .valueNotFound(let type, _): "this should be \(words(type))"
    case .dataCorrupted(let context): context.debugDescription
    @unknown default: "cannot be read"
    }
  }

  private func words(_ type: Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Int.Type: "a whole number"
    case is Double.Type: "a number"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
