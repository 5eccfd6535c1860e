import Conversion
import Foundation
import TestSupport
import Testing

@Suite("swiftlet convert")
struct ConvertTests {
  @Test("A model is converted, with its companions, and summed up in two lines")
  func happyPath() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.swiftlet.run(
      ["convert", Sample.path("imu-activity.tflite"), "-o", "m.swl"] + Sample.companions,
      in: folder)
    #expect(outcome.status == 0 && outcome.standardError.isEmpty)
    #expect(outcome.text.hasPrefix("m.swl\n  9 operators, 45,856 MACs, file "))
    #expect(outcome.text.contains("arena 960 bytes"))
    #expect(folder.names == ["m.swl"])
    #expect(try await folder.read("m.swl") == Sample.model)
    // The committed file is what is copied to a board: it must be what the converter makes.
    #expect(try await folder.read("m.swl") == Sample.bytes("imu-activity.swl"))
  }

  @Test("A model goes through standard input to standard output, without a summary")
  func streams() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.swiftlet.run(
      "convert", "-", "-o", "-", in: folder, input: Sample.bytes("imu-activity.tflite"))
    #expect(outcome.status == 0 && outcome.standardError.isEmpty)
    #expect(folder.names == [])
    try folder.write(outcome.standardOutput, to: "m.swl")
    let inspected = try await Program.swiftlet.run("inspect", "m.swl", in: folder)
    #expect(inspected.status == 0)
  }

  @Test("An existing file is replaced as a whole, or not at all")
  func replacement() async throws {
    let folder = try TemporaryFolder()
    try folder.write("old", to: "m.swl")
    try folder.write("no model", to: "bad.tflite")
    let refused = try await Program.swiftlet.run("convert", "bad.tflite", "-o", "m.swl", in: folder)
    expectRefusal(refused, 65, ["bad.tflite: "], in: folder, leaving: ["bad.tflite", "m.swl"])
    #expect(try folder.text("m.swl") == "old")
    let done = try await Program.swiftlet.run(
      "convert", Sample.path("imu-activity.tflite"), "-o", "m.swl", in: folder)
    #expect(done.status == 0)
    #expect(try folder.read("m.swl").count > 3)
  }

  @Test("A missing model is no input")
  func missing() async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.swiftlet.run("convert", "no.tflite", "-o", "m.swl", in: folder)
    expectRefusal(
      outcome, 66, ["no.tflite: cannot open", "check the path"], in: folder, leaving: [])
  }

  @Test("An empty file, a folder and a file of another format are told apart")
  func notAModel() async throws {
    let folder = try TemporaryFolder()
    try folder.write("", to: "empty.tflite")
    try folder.makeFolder("folder.tflite")
    try folder.write("\u{7F}ELF and so on, for long enough", to: "other.tflite")
    try folder.write("whatever", to: "m.onnx")
    let names = folder.names
    for (name, status, fragment) in [
      ("empty.tflite", 65, "the file is empty"), ("folder.tflite", 66, "Is a directory"),
      ("other.tflite", 65, "byte 4"), ("m.onnx", 65, "ONNX"),
    ] {
      let outcome = try await Program.swiftlet.run("convert", name, "-o", "m.swl", in: folder)
      expectRefusal(outcome, Int32(status), ["\(name): ", fragment], in: folder, leaving: names)
    }
  }

  @Test("A float model is refused with the layer and the way to quantize it")
  func floatModel() async throws {
    let folder = try TemporaryFolder()
    let path = Bundle.module.bundleURL.appendingPathComponent("Fixtures/float32.tflite").path
    let outcome = try await Program.swiftlet.run("convert", path, "-o", "m.swl", in: folder)
    expectRefusal(
      outcome, 65,
      [
        "float32.tflite: operator 0 FULLY_CONNECTED 'scores': ", "float32",
        "quantize it to int8 first", "full-integer post-training quantization",
      ], in: folder, leaving: [])
  }

  @Test("A model cut anywhere is refused with file and place")
  func cutModel() async throws {
    let folder = try TemporaryFolder()
    let whole = try Sample.bytes("imu-activity.tflite")
    let cuts =
      [1, 3, 4, 7, 8, 15, 31, 64] + stride(from: 100, to: whole.count, by: whole.count / 24)
      + [whole.count - 65, whole.count - 16]
    for cut in cuts {
      try folder.write(Array(whole[..<cut]), to: "cut.tflite")
      let outcome = try await Program.swiftlet.run(
        "convert", "cut.tflite", "-o", "m.swl", in: folder)
      expectRefusal(outcome, 65, ["cut.tflite: ", "byte"], in: folder, leaving: ["cut.tflite"])
    }
  }

  @Test("A missing output folder and an output that is a folder cannot be created")
  func outputFolder() async throws {
    let folder = try TemporaryFolder()
    let model = Sample.path("imu-activity.tflite")
    let missing = try await Program.swiftlet.run("convert", model, "-o", "no/m.swl", in: folder)
    expectRefusal(missing, 73, ["no/m.swl: cannot create"], in: folder, leaving: [])
    let isFolder = try await Program.swiftlet.run("convert", model, "-o", ".", in: folder)
    expectRefusal(isFolder, 73, [".: cannot create", "directory"], in: folder, leaving: [])
  }

  @Test("Companions that do not fit are refused with file and place")
  func companions() async throws {
    let folder = try TemporaryFolder()
    try folder.write("Standing\nWalking\n", to: "two.txt")
    try folder.write("a\n\nb\nc\n", to: "gap.txt")
    try folder.write([0x61, 0xFF, 0xFE], to: "latin.md")
    let contract = try Sample.text("contract.json")
    try folder.write(contract.replacingOccurrences(of: "40", with: "41"), to: "size.json")
    try folder.write(contract.replacingOccurrences(of: "hop", with: "hopp"), to: "key.json")
    try folder.write(String(contract.dropLast(20)), to: "cut.json")
    let names = folder.names
    for (option, file, status, fragments) in [
      ("--labels", "two.txt", 65, ["two.txt: 2 labels", "4 values"]),
      ("--labels", "gap.txt", 65, ["gap.txt: line 2: the label is empty"]),
      ("--labels", "no.txt", 66, ["no.txt: cannot open"]),
      ("--card", "latin.md", 65, ["latin.md: this is not UTF-8"]),
      ("--contract", "key.json", 65, ["key.json: unknown key 'hopp'", "known are"]),
      ("--contract", "cut.json", 65, ["cut.json: this is not JSON"]),
      (
        "--contract", "size.json", 65, ["size.json: ", "41 samples of 6 channels", "[1, 40, 1, 6]"]
      ),
      ("--contract", "no.json", 66, ["no.json: cannot open"]),
    ] {
      let outcome = try await Program.swiftlet.run(
        "convert", Sample.path("imu-activity.tflite"), "-o", "m.swl", option, file, in: folder)
      expectRefusal(outcome, Int32(status), fragments, in: folder, leaving: names)
    }
  }
}
