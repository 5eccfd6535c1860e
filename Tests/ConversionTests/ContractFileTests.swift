import Foundation
import Testing

@testable import Conversion

@Suite("Contract file")
struct ContractFileTests {
  static let valid = """
    { "rate_hz": 12.5, "window": 4, "hop": 2, "channels": [
      { "name": "x", "unit": "m/s²", "mean": 0.25, "standard_deviation": 2 },
      { "name": "y", "unit": "", "mean": -1e3, "standard_deviation": 1e-3 } ] }
    """

  @Test("A contract is read key by key")
  func reading() throws {
    let contract = try ContractFile.decode(Data(Self.valid.utf8), file: "contract.json")
    #expect(contract.rateHertz == 12.5 && contract.rateMillihertz == 12_500)
    #expect(contract.window == 4 && contract.hop == 2)
    #expect(
      contract.channels == [
        .init(name: "x", unit: "m/s²", mean: 0.25, standardDeviation: 2),
        .init(name: "y", unit: "", mean: -1000, standardDeviation: 0.001),
      ])
  }

  /// A text of the valid contract, what to put in its place, and the message it leads to.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let text: String
    let replacement: String
    let message: String

    var testDescription: String { "\(text) → \(replacement)" }

    init(_ text: String, _ replacement: String, _ message: String) {
      (self.text, self.replacement, self.message) = (text, replacement, message)
    }
  }

  static let mistakes = [
    Mistake("{ \"rate_hz\"", "\"rate_hz\"", "this is not JSON: "),
    Mistake(valid, "[1, 2]", "the top level is not an object"),
    Mistake(valid, "", "this is not JSON: "),
    Mistake("\"rate_hz\": 12.5, ", "", "the key 'rate_hz' is missing"),
    Mistake("\"window\": 4", "\"window\": \"4\"", "window: this should be a whole number"),
    Mistake("\"window\": 4", "\"window\": 4.5", "window: 4.5 is not a whole number"),
    Mistake("\"hop\": 2", "\"hop\": 1e30", "hop: 1e+30 is not a whole number"),
    Mistake("\"window\": 4", "\"window\": 0", "window: 0 is not in 1 to "),
    Mistake(
      "\"window\": 4", "\"window\": 4611686018427387904", "window: 4611686018427387904 is not"),
    Mistake("\"hop\": 2", "\"hop\": 0", "hop: 0 is not in 1 to 4"),
    Mistake("\"hop\": 2", "\"hop\": 5", "hop: 5 is not in 1 to 4"),
    Mistake("\"hop\": 2", "\"hops\": 2", "unknown key 'hops'; known are rate_hz, window, hop"),
    Mistake("12.5", "0", "rate_hz: 0.0 is not a rate"),
    Mistake("12.5", "1e7", "rate_hz: 10000000.0 is not a rate"),
    Mistake("\"name\": \"y\"", "\"name\": \"x\"", "channels[1].name: 'x' appears twice"),
    Mistake("\"name\": \"y\"", "\"name\": \"\"", "channels[1].name: is empty"),
    Mistake("\"name\": \"y\"", "\"name\": 7", "channels[1].name: this should be a text"),
    Mistake("\"unit\": \"\", ", "", "channels[1]: the key 'unit' is missing"),
    Mistake("-1e3", "1e300", "channels[1].mean: 1e+300 is not a number"),
    Mistake("1e-3", "0", "channels[1].standard_deviation: 0.0 is not positive"),
    Mistake("1e-3", "-1", "channels[1].standard_deviation: -1.0 is not positive"),
    // Zero in 32 bits.
    Mistake("1e-3", "1e-60", "channels[1].standard_deviation: 1e-60 is not positive"),
    Mistake(
      "\"unit\": \"\"", "\"units\": \"\"", "channels[1]: unknown key 'units'; known are name"),
  ]

  @Test("A mistake is reported with file and place", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let text = Self.valid.replacingOccurrences(of: mistake.text, with: mistake.replacement)
    #expect(text != Self.valid)
    let error = #expect(throws: ConversionError.self) {
      try ContractFile.decode(Data(text.utf8), file: "contract.json")
    }
    #expect(error?.kind == .invalidCompanion && error?.exitCode == 65)
    #expect(
      error?.description.hasPrefix("contract.json: \(mistake.message)") == true,
      "\(error?.description ?? "nothing")")
  }

  @Test("A contract needs channels")
  func channels() throws {
    let text = #"{ "rate_hz": 1, "window": 4, "hop": 2, "channels": [] }"#
    let error = #expect(throws: ConversionError.self) {
      try ContractFile.decode(Data(text.utf8), file: "c")
    }
    #expect(error?.place == "channels")
  }
}
