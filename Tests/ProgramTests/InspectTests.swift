import Foundation
import Testing

@Suite("swiftlet inspect and ops")
struct InspectTests {
  @Test("The text shows operators, memory, contract, labels and card")
  func text() async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await Program.swiftlet.run("inspect", "model.swl", in: folder)
    #expect(outcome.status == 0 && outcome.standardError.isEmpty)
    for fragment in [
      "model.swl: Swiftlet model, format 1.0", "int8 1×40×1×6", "45,856", "960 bytes",
      "depthwiseConvolution2D", "softmax (in place)", "accel_x", "Standing, Walking, Running",
      "source=imu-activity.tflite", "8 golden vectors",
    ] {
      #expect(outcome.text.contains(fragment), "\(fragment)")
    }
    #expect(outcome.text.contains(try Sample.text("CARD.md").prefix(60)))
    #expect(!outcome.text.contains("Arena plan"))
  }

  @Test("The plan is drawn over time, no wider than a terminal")
  func plan() async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await Program.swiftlet.run("inspect", "model.swl", "--plan", in: folder)
    #expect(outcome.status == 0)
    let picture = outcome.text.split(separator: "\n").filter { $0.contains("▏") }
    #expect((4...24).contains(picture.count))
    #expect(picture.allSatisfy { $0.count <= 90 })
    #expect(outcome.text.contains("960 bytes in use"))
  }

  @Test("JSON has the documented fields")
  func json() async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await Program.swiftlet.run("inspect", "model.swl", "--json", in: folder)
    #expect(outcome.status == 0 && outcome.standardError.isEmpty)
    let root = try object(outcome.standardOutput)
    let keys: Set = [
      "format_version", "file_bytes", "arena_bytes", "arena_lower_bound_bytes", "state_bytes",
      "constant_bytes", "macs", "inputs", "outputs", "operators", "tensors", "contract", "labels",
      "golden_vectors", "provenance", "card",
    ]
    #expect(keys.isSubset(of: Set(root.keys)), "\(root.keys.sorted())")
    #expect(root["arena_bytes"] as? Int == 960 && root["macs"] as? Int == 45_856)
    #expect(root["arena_lower_bound_bytes"] as? Int == 960)
    #expect(root["labels"] as? [String] == ["Standing", "Walking", "Running", "Badminton"])
    #expect(try await root["file_bytes"] as? Int == Sample.model.count)
    let operators = try #require(root["operators"] as? [[String: Any]])
    #expect(operators.count == 9)
    for key in ["index", "kind", "layer", "source_index", "inputs", "output", "macs", "in_place"] {
      #expect(operators.allSatisfy { $0[key] != nil }, "\(key)")
    }
    #expect(operators.reduce(0) { $0 + ($1["macs"] as? Int ?? 0) } == 45_856)
    let tensors = try #require(root["tensors"] as? [[String: Any]])
    for key in [
      "index", "name", "type", "shape", "scale", "zero_point", "storage", "offset", "bytes",
      "first_step", "last_step",
    ] {
      #expect(tensors.allSatisfy { $0[key] != nil }, "\(key)")
    }
    let contract = try #require(root["contract"] as? [String: Any])
    #expect(contract["rate_hz"] as? Double == 10 && contract["window"] as? Int == 40)
    let channels = try #require(contract["channels"] as? [[String: Any]])
    #expect(
      channels.map { $0["name"] as? String } == [
        "accel_x", "accel_y", "accel_z", "gyro_x", "gyro_y", "gyro_z",
      ])
  }

  @Test("It says which kernels this machine takes, and SWIFTLET_ISA limits them")
  func kernels() async throws {
    let folder = try await Sample.workingFolder()
    let bench = try await Program.swiftlet.run(
      "bench", "model.swl", "--iterations", "1", "--json", "--operators", in: folder)
    let inspected = try object(
      try await Program.swiftlet.run("inspect", "model.swl", "--json", in: folder).standardOutput)
    let measured = try object(bench.standardOutput)
    #expect(try #require(inspected["isa"] as? String) == measured["isa"] as? String)
    #expect(try variants(inspected) == variants(measured))

    let environment = ["SWIFTLET_ISA": "portable"]
    let forced = try await Program.swiftlet.start(
      ["inspect", "model.swl", "--json"], in: folder, environment: environment
    ).outcome()
    let portable = try object(forced.standardOutput)
    #expect(portable["isa"] as? String == "portable")
    #expect(try variants(portable).allSatisfy { $0 == "portable" })
    let text = try await Program.swiftlet.start(
      ["inspect", "model.swl"], in: folder, environment: environment
    ).outcome().text
    #expect(text.contains("kernels      portable, on this machine"))
  }

  @Test("A model comes from standard input as well")
  func standardInput() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.swiftlet.run(
      "inspect", "-", "--json", in: folder, input: await Sample.model)
    #expect(try object(outcome.standardOutput)["macs"] as? Int == 45_856)
  }

  @Test("ops lists every operator that can be converted, one a line")
  func operators() async throws {
    let outcome = try await Program.swiftlet.run("ops", in: try TemporaryFolder())
    #expect(outcome.status == 0 && outcome.standardError.isEmpty)
    let listed = outcome.text.split(separator: "\n").dropFirst().compactMap {
      $0.split(separator: " ").first.map(String.init)
    }
    #expect(
      listed == [
        "ADD", "ARG_MAX", "ASSIGN_VARIABLE", "AVERAGE_POOL_2D", "CALL_ONCE", "CONCATENATION",
        "CONV_2D", "DEPTHWISE_CONV_2D", "DEQUANTIZE", "EXPAND_DIMS", "FULLY_CONNECTED",
        "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MAXIMUM", "MAX_POOL_2D", "MEAN", "MINIMUM",
        "MUL", "PAD", "PADV2", "QUANTIZE", "READ_VARIABLE", "RELU", "RELU6", "RESHAPE", "SLICE",
        "SOFTMAX", "SPLIT", "SPLIT_V", "SQUEEZE", "STRIDED_SLICE", "SUB", "TANH", "TRANSPOSE",
        "VAR_HANDLE",
      ])
  }

  /// The kernel variant of every operator.
  private func variants(_ report: [String: Any]) throws -> [String] {
    let operators = try #require(report["operators"] as? [[String: Any]])
    return try operators.map { try #require($0["isa"] as? String) }
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }
}
