import Conversion
import Foundation
import Inference
import ModelFormat
import Pipeline
import TestSupport

/// The sample model of the package with its contract, and what it gives on its recording.
enum SampleModel {
  static func file(_ name: String) throws -> Data {
    try Data(
      contentsOf: SharedMaterial.packageFolder.appendingPathComponent(
        "models/imu-activity/\(name)"))
  }

  static let bytes: [UInt8] = {
    do {
      let graph = try importTFLite([UInt8](file("imu-activity.tflite")), fileName: "imu-activity")
      var contents = ModelContents()
      contents.contract = try ContractFile.decode(file("contract.json"), file: "contract.json")
      contents.labels = try String(decoding: file("labels.txt"), as: UTF8.self)
        .split(separator: "\n").map(String.init)
      return try Converter.convert(graph, contents: contents)
    } catch {
      fatalError("the sample model does not convert: \(error)")
    }
  }()

  /// Calls `body` with the model in aligned memory.
  static func withModel<Result>(_ body: (borrowing Model) throws -> Result) throws -> Result {
    try withMemory(bytes.count) { memory in
      memory.copyBytes(from: bytes)
      return try body(try Model(UnsafeRawBufferPointer(memory).bytes))
    }
  }

  /// Calls `body` with the model and a pipeline of it.
  static func withPipeline<Result>(
    _ body: (borrowing Model, inout PredictionPipeline) throws -> Result
  ) throws -> Result {
    try withMemory(bytes.count) { file in
      file.copyBytes(from: bytes)
      let model = try Model(UnsafeRawBufferPointer(file).bytes)
      return try withMemory(Engine.memoryByteCount(for: model)) { arena in
        try withMemory(PredictionPipeline.memoryByteCount(for: model)) { ring in
          let engine = try Engine(model, arena: arena.mutableBytes)
          var pipeline = PredictionPipeline(model, engine: engine, memory: ring.mutableBytes)
          return try body(model, &pipeline)
        }
      }
    }
  }

  private static func withMemory<Result>(
    _ byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { memory.deallocate() }
    return try body(memory)
  }
}
