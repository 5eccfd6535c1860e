import Conversion
import ModelFormat
import Testing

@Suite("Bad model files")
struct ModelFileTests {
  /// A command that opens a model.
  enum Command: String, Sendable, CaseIterable {
    case inspect, run, infer, bench, daemon

    func outcome(in folder: TemporaryFolder) async throws -> Outcome {
      switch self {
      case .inspect: try await Program.swiftlet.run("inspect", "bad.swl", in: folder)
      case .run:
        try await Program.swiftlet.run(
          Inference.run.words(model: "bad.swl", [x], ["y"]), in: folder)
      case .infer:
        try await Program.swiftletd.run(
          Inference.infer.words(model: "bad.swl", [x], ["y"]), in: folder)
      case .bench: try await Program.swiftletd.run("bench", "bad.swl", in: folder)
      case .daemon: try await Program.swiftletd.run("run", "--config", "bad.conf", in: folder)
      }
    }

    private var x: String { Sample.path("golden-inputs.npy") }
  }

  private static func folder(with model: [UInt8]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(model, to: "bad.swl")
    try folder.write(
      """
      [model]
      path = bad.swl
      [sensor recording]
      type = replay
      path = \(Sample.path("recording.csv"))
      pace = as-fast-as-possible
      [log]
      folder = log
      """, to: "bad.conf")
    return folder
  }

  private func expectRefusals(
    of model: [UInt8], _ commands: [Command], _ fragments: [String], status: Int32 = 65,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let folder = try Self.folder(with: model)
    for command in commands {
      expectRefusal(
        try await command.outcome(in: folder), status, ["bad.swl: "] + fragments, in: folder,
        leaving: ["bad.conf", "bad.swl"], sourceLocation: sourceLocation)
    }
  }

  @Test("A model of a newer version is refused with both versions", arguments: Command.allCases)
  func newerVersion(_ command: Command) async throws {
    var model = try await Sample.model
    model[Layout.Header.majorVersion] = 2
    for bytes in [model, ModelAssembler.withChecks(model)] {
      try await expectRefusals(of: bytes, [command], ["version", "2", "1"])
    }
  }

  @Test("An empty model and a file of another kind are refused", arguments: Command.allCases)
  func notAModel(_ command: Command) async throws {
    try await expectRefusals(of: [], [command], ["the file is empty"])
    try await expectRefusals(
      of: Sample.bytes("imu-activity.tflite"), [command], ["byte 0", "swiftlet convert"])
    try await expectRefusals(of: Array("short".utf8), [command], ["byte"])
  }

  @Test("A truncated model is refused at any length")
  func truncated() async throws {
    let model = try await Sample.model
    for count in [1, 7, 31, 32, 100, 512, model.count / 2, model.count - 1] {
      try await expectRefusals(of: Array(model.prefix(count)), [.inspect, .infer], ["byte"])
    }
  }

  @Test("A flipped bit is found, wherever it is")
  func flippedBit() async throws {
    let model = try await Sample.model
    for (number, offset) in stride(from: 5, to: model.count, by: model.count / 17).enumerated() {
      var damaged = model
      damaged[offset] ^= 1 << (number % 8)
      // Bytes between sections must be zero, all others are covered by a checksum.
      try await expectRefusals(of: damaged, [number.isMultiple(of: 2) ? .bench : .run], ["byte"])
    }
  }
}
