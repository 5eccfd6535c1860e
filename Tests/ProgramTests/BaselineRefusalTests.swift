import Foundation
import Testing

@Suite("References that no baseline can be made of")
struct BaselineRefusalTests {
  private static func rows(_ change: (Int, inout [Substring]) -> Bool) throws -> String {
    let lines = try Sample.text("recording.csv").split(whereSeparator: \.isNewline)
    var text = lines[0] + "\n"
    for (index, line) in lines.dropFirst().enumerated() {
      var cells = line.split(separator: ",")
      if change(index, &cells) { text += cells.joined(separator: ",") + "\n" }
    }
    return String(text)
  }

  @Test("Each is refused with what is wrong and what to do, and the model stays as it was")
  func refusals() async throws {
    let folder = try await Sample.workingFolder()
    let before = try folder.read("model.swl")
    let cases: [(reference: String, options: [String], fragments: [String])] = [
      ("", [], ["the file is empty"]),
      (try Self.rows { _, _ in false }, [], ["the reference has no samples", "record some hours"]),
      (
        try Self.rows {
          $1.replaceSubrange(1..., with: Array(repeating: "1", count: $1.count - 1))
          return $0 >= 0
        }, [], ["accel_x: all 800 samples are 1.0", "stuck sensor"]
      ),
      (
        try Self.rows {
          if $0 == 48 { $1[2] = "nan" }
          return true
        }, [], ["line 50, column 3", "\"nan\" is not a finite number"]
      ),
      (
        try Self.rows { index, _ in index % 60 < 39 }, [],
        ["the reference has 39 samples without a gap", "record at least"]
      ),
      (
        try Self.rows { index, _ in index < 60 }, [],
        ["the reference has 60 samples without a gap", "the shortest drift window takes 40"]
      ),
      (
        try Self.rows { _, _ in true }, ["--drift-window", "60"],
        ["the reference has 800 samples without a gap, a drift window takes 600", "shorter window"]
      ),
    ]
    for (number, (reference, options, fragments)) in cases.enumerated() {
      try folder.write(reference, to: "reference.csv")
      let outcome = try await Program.swiftlet.run(
        ["baseline", "model.swl", "--reference", "reference.csv"] + options, in: folder)
      expectRefusal(
        outcome, 65, ["reference.csv"] + fragments, in: folder,
        leaving: ["model.swl", "reference.csv"])
      #expect(try folder.read("model.swl") == before, "case \(number)")
    }
  }
}
