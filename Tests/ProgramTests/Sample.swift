import Foundation
import TestSupport

/// The files of `models/imu-activity`.
enum Sample {
  static let folder = SharedMaterial.packageFolder.appendingPathComponent("models/imu-activity")

  /// The sample model as `swiftlet convert` writes it, converted once.
  private static let converted = Task {
    let work = try TemporaryFolder()
    let outcome = try await Program.swiftlet.run(
      ["convert", path("imu-activity.tflite"), "-o", "model.swl"] + companions, in: work)
    guard outcome.status == 0 else { throw UnexpectedRefusal(message: outcome.standardError) }
    return try work.read("model.swl")
  }

  /// The converted model.
  static var model: [UInt8] { get async throws { try await converted.value } }

  /// The options that add everything beside the model.
  static var companions: [String] {
    [
      "--contract", path("contract.json"), "--labels", path("labels.txt"), "--card",
      path("CARD.md"),
    ]
  }

  static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }

  /// A folder that holds the model as `model.swl`.
  static func workingFolder() async throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(await model, to: "model.swl")
    return folder
  }
}

/// A program refused what it should have taken.
struct UnexpectedRefusal: Error {
  let message: String
}
