import Foundation
import TestSupport

@testable import Conversion

/// The model of `models/imu-activity`.
enum SampleModel {
  /// Bytes of its arena. A change is a finding: fewer is a success worth a line in the changelog.
  static let arenaByteCount = 960

  static var folder: URL {
    SharedMaterial.packageFolder.appendingPathComponent("models/imu-activity")
  }

  static func graph() throws -> SourceGraph {
    try importTFLite(bytes("imu-activity.tflite"), fileName: "imu-activity.tflite")
  }

  /// Contract, labels and card beside it.
  static func contents() throws -> ModelContents {
    var contents = ModelContents()
    contents.contract = try ContractFile.decode(
      Data(bytes("contract.json")), file: "contract.json")
    contents.labels = try text("labels.txt").split(whereSeparator: \.isNewline).map(String.init)
    contents.card = try text("CARD.md")
    contents.provenance = [("source", "imu-activity.tflite"), ("made", "by a test")]
    return contents
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
  }

  private static func text(_ name: String) throws -> String {
    String(decoding: try bytes(name), as: UTF8.self)
  }
}
