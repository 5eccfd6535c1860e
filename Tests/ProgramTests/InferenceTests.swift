import TestSupport
import Testing

@testable import Conversion

@Suite("swiftlet run and swiftletd infer")
struct InferenceTests {
  @Test("Golden inputs give the bytes of the reference", arguments: Inference.allCases)
  func golden(_ inference: Inference) async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await inference.run(
      Sample.path("golden-inputs.npy"), "y.npy", ["--raw"], in: folder)
    #expect(outcome.status == 0 && outcome.standardOutput.isEmpty)
    #expect(outcome.standardError.isEmpty, "\(outcome.standardError)")
    #expect(folder.names == ["model.swl", "y.npy"])
    #expect(try folder.read("y.npy") == Sample.bytes("golden-outputs.npy"))
  }

  @Test("Streams serve as files", arguments: Inference.allCases)
  func streams(_ inference: Inference) async throws {
    let folder = try await Sample.workingFolder()
    let outcome = try await inference.run(
      "-", "-", ["--raw"], in: folder, standardInput: Sample.bytes("golden-inputs.npy"))
    #expect(outcome.status == 0, "\(outcome.standardError)")
    #expect(try outcome.standardOutput == Sample.bytes("golden-outputs.npy"))
    #expect(folder.names == ["model.swl"])
  }

  @Test("Real numbers are quantized, with ties and far outside the range, as on the board")
  func realNumbers() async throws {
    var random = SeededGenerator(for: "real samples")
    let folder = try await Sample.workingFolder()
    var values = (0..<50 * 240).map { _ in Float.random(in: -8...8, using: &random) }
    for index in stride(from: 0, to: values.count, by: 7) {
      // The input's scale is 0.047058824: halves of it are ties.
      values[index] = Float(Int.random(in: -300...300, using: &random)) * 0.047058824 / 2
    }
    values[0...3] = [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 0, -0.0]
    try folder.write(NumpyFile(values, shape: [50, 40, 1, 6]).bytes, to: "x.npy")
    for inference in Inference.allCases {
      let outcome = try await inference.run("x.npy", "\(inference).npy", in: folder)
      #expect(outcome.status == 0, "\(outcome.standardError)")
    }
    let result = try folder.read("run.npy")
    #expect(try result == folder.read("infer.npy"))
    let expected = NumpyFile(Array(repeating: Float(0), count: 200), shape: [50, 4]).bytes
    #expect(result.prefix(128) == expected.prefix(128))
    #expect(result.count == expected.count)
  }

  @Test("The leading 1 of a tensor may be written or left out", arguments: Inference.allCases)
  func leadingOne(_ inference: Inference) async throws {
    let folder = try await Sample.workingFolder()
    let values = (0..<480).map { Int8(truncatingIfNeeded: $0 * 31) }
    try folder.write(NumpyFile(values, shape: [2, 40, 1, 6]).bytes, to: "short.npy")
    try folder.write(NumpyFile(values, shape: [2, 1, 40, 1, 6]).bytes, to: "long.npy")
    for name in ["short", "long"] {
      let outcome = try await inference.run("\(name).npy", "\(name)-y.npy", ["--raw"], in: folder)
      #expect(outcome.status == 0, "\(outcome.standardError)")
    }
    #expect(try folder.read("short-y.npy") == folder.read("long-y.npy"))
  }

  @Test("Numbers in 64 bits serve as well, and no samples give no results")
  func otherArrays() async throws {
    let folder = try await Sample.workingFolder()
    let values = (0..<240).map { Double($0 % 17) - 8 }
    var double = NumpyFile(values.map(Float.init), shape: [1, 40, 1, 6])
    try folder.write(double.bytes, to: "single.npy")
    double.descriptor = "<f8"
    double.data = values.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    try folder.write(double.bytes, to: "double.npy")
    try folder.write(NumpyFile([Float](), shape: [0, 40, 1, 6]).bytes, to: "none.npy")
    for inference in Inference.allCases {
      for name in ["single", "double", "none"] {
        let outcome = try await inference.run("\(name).npy", "\(name)-y.npy", in: folder)
        #expect(outcome.status == 0, "\(outcome.standardError)")
      }
      #expect(try folder.read("single-y.npy") == folder.read("double-y.npy"))
      #expect(try folder.read("none-y.npy") == NumpyFile([Float](), shape: [0, 4]).bytes)
    }
  }

  @Test("Inputs and outputs are taken in the graph's order, and state survives or does not")
  func severalTensors() async throws {
    var random = SeededGenerator(for: "samples of two inputs")
    let folder = try TemporaryFolder()
    try folder.write(Converter.convert(Self.twoInputs), to: "two.swl")
    let (a, b) = (0..<2).map { _ in
      (0..<30).map { _ in Int8.random(in: -128...127, using: &random) }
    }.tuple
    try folder.write(NumpyFile(a, shape: [5, 6]).bytes, to: "a.npy")
    try folder.write(NumpyFile(b, shape: [5, 2, 3]).bytes, to: "b.npy")
    var results: [String: [UInt8]] = [:]
    for inference in Inference.allCases {
      for flags in [["--raw"], ["--raw", "--independent"]] {
        let outcome = try await inference.program.run(
          inference.words(model: "two.swl", ["a.npy", "b.npy"], ["old.npy", "larger.npy"], flags),
          in: folder)
        #expect(outcome.status == 0, "\(outcome.standardError)")
        let key = "\(flags)"
        let bytes = try folder.read("old.npy") + folder.read("larger.npy")
        #expect(results[key] ?? bytes == bytes, "the programs differ with \(flags)")
        results[key] = bytes
        // `old` is the first input of the sample before; the state starts at 1, 2, 3, 4, 5, 6.
        let start: [Int8] = [1, 2, 3, 4, 5, 6]
        let old =
          flags.count == 1
          ? start + a.dropLast(6) : (0..<5).flatMap { _ in start }
        #expect(try folder.read("old.npy") == NumpyFile(old, shape: [5, 6]).bytes)
        #expect(
          try folder.read("larger.npy") == NumpyFile(zip(a, b).map(max), shape: [5, 6]).bytes)
      }
    }
  }

  /// Two inputs, two outputs and a state that holds the first input of the invocation before.
  private static var twoInputs: SourceGraph {
    let quantization = SourceQuantization(scales: [0.5], zeroPoints: [0])
    func tensor(_ index: Int, _ name: String, _ shape: [Int]) -> SourceTensor {
      SourceTensor(
        fileIndex: index, name: name, type: .int8, shape: shape, quantization: quantization)
    }
    func layer(
      _ operation: Conversion.Operation, _ inputs: [Int], _ outputs: [Int]
    ) -> SourceOperator {
      SourceOperator(
        operation: operation, inputs: inputs, outputs: outputs, name: "layer", index: 0,
        builtinName: "TEST")
    }
    return SourceGraph(
      name: "two inputs",
      tensors: [
        tensor(0, "a", [1, 6]), tensor(1, "b", [1, 2, 3]), tensor(2, "old", [1, 6]),
        tensor(3, "row", [1, 6]), tensor(4, "larger", [1, 6]),
      ],
      operators: [
        layer(.readVariable(0), [], [2]), layer(.assignVariable(0), [0], []),
        layer(.reshape, [1], [3]), layer(.maximum, [0, 3], [4]),
      ],
      inputs: [0, 1], outputs: [2, 4],
      variables: [
        SourceVariable(
          name: "before", type: .int8, shape: [1, 6], quantization: quantization,
          initialValue: [1, 2, 3, 4, 5, 6])
      ])
  }

  @Test(
    "SIGTERM ends the work with an exit code of its own and no output",
    arguments: Inference.allCases)
  func termination(_ inference: Inference) async throws {
    let folder = try await Sample.workingFolder()
    let samples = Array(repeating: Int8(1), count: 20_000 * 240)
    try folder.write(NumpyFile(samples, shape: [20_000, 40, 1, 6]).bytes, to: "x.npy")
    let names = folder.names
    let running = try inference.program.start(
      inference.words(["x.npy"], ["y.npy"], ["--raw"]), in: folder)
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(30)
    while folder.names == names {
      try #require(clock.now < deadline, "no output is being written")
      try await Task.sleep(for: .milliseconds(5))
    }
    running.terminate()
    let outcome = try await running.outcome()
    // 128 and the signal's number, as shells count.
    expectRefusal(
      outcome, 143, ["interrupted before sample ", "of 20000"], in: folder, leaving: names)
  }

  // MARK: - Bad input

  @Test("The number of files must be that of the model's tensors", arguments: Inference.allCases)
  func wrongNumber(_ inference: Inference) async throws {
    let folder = try await Sample.workingFolder()
    let x = Sample.path("golden-inputs.npy")
    for (inputs, outputs, fragments) in [
      ([], ["y.npy"], ["the model has 1 input,", "given 0 times"]),
      ([x, x], ["y.npy"], ["the model has 1 input,", "given 2 times"]),
      ([x], [], ["the model has 1 output,", "given 0 times"]),
      ([x], ["y.npy", "z.npy"], ["the model has 1 output,", "given 2 times"]),
    ] {
      let outcome = try await inference.program.run(
        inference.words(inputs, outputs, ["--raw"]), in: folder)
      expectRefusal(outcome, 64, fragments, in: folder, leaving: ["model.swl"])
    }
  }

  @Test("One file cannot take two outputs", arguments: Inference.allCases)
  func repeatedOutput(_ inference: Inference) async throws {
    let folder = try TemporaryFolder()
    try folder.write(Converter.convert(Self.twoInputs), to: "two.swl")
    let outcome = try await inference.program.run(
      inference.words(model: "two.swl", ["a.npy", "b.npy"], ["y.npy", "y.npy"]), in: folder)
    expectRefusal(outcome, 64, ["two outputs", "y.npy"], in: folder, leaving: ["two.swl"])
  }

  @Test("Inputs of different numbers of samples are refused", arguments: Inference.allCases)
  func differentCounts(_ inference: Inference) async throws {
    let folder = try TemporaryFolder()
    try folder.write(Converter.convert(Self.twoInputs), to: "two.swl")
    try folder.write(NumpyFile(Array(repeating: Int8(0), count: 12), shape: [2, 6]).bytes, to: "a")
    try folder.write(
      NumpyFile(Array(repeating: Int8(0), count: 18), shape: [3, 2, 3]).bytes, to: "b")
    let outcome = try await inference.program.run(
      inference.words(model: "two.swl", ["a", "b"], ["y", "z"], ["--raw"]), in: folder)
    expectRefusal(
      outcome, 65, ["b: ", "3 samples", "2"], in: folder, leaving: ["a", "b", "two.swl"])
  }

  /// A file of samples that does not fit, and what the message must say.
  struct BadSamples: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    var flags: [String] = []
    var status: Int32 = 65
    let fragments: [String]
  }

  static let zeros = NumpyFile(Array(repeating: Float(0), count: 480), shape: [2, 40, 1, 6])

  static let badSamples: [BadSamples] = {
    var nan = zeros
    nan.data.replaceSubrange((4 * 250)..<(4 * 251), with: [0, 0, 0xC0, 0x7F])
    var infinite = zeros
    infinite.data.replaceSubrange(0..<4, with: [0, 0, 0x80, 0xFF])
    var bigEndian = zeros
    bigEndian.descriptor = ">f4"
    var fortran = zeros
    fortran.isFortran = true
    let bytes = NumpyFile(Array(repeating: Int8(0), count: 480), shape: [2, 40, 1, 6]).bytes
    return [
      BadSamples(
        testDescription: "another shape",
        bytes: NumpyFile(Array(repeating: Float(0), count: 480), shape: [2, 6, 1, 40]).bytes,
        fragments: ["6, 1, 40", "40, 1, 6"]),
      BadSamples(
        testDescription: "no dimension for the samples",
        bytes: NumpyFile(Array(repeating: Float(0), count: 240), shape: [40, 1, 6]).bytes,
        fragments: ["40, 1, 6"]),
      BadSamples(
        testDescription: "int8 without --raw", bytes: bytes,
        fragments: ["int8", "float32", "--raw"]),
      BadSamples(
        testDescription: "float32 with --raw", bytes: zeros.bytes, flags: ["--raw"],
        fragments: ["float32", "int8"]),
      BadSamples(
        testDescription: "a NaN", bytes: nan.bytes,
        fragments: ["sample 1, element 10: not a finite number"]),
      BadSamples(
        testDescription: "infinity", bytes: infinite.bytes,
        fragments: ["sample 0, element 0: not a finite number"]),
      BadSamples(
        testDescription: "big-endian", bytes: bigEndian.bytes, fragments: ["byte 20", ">f4"]),
      BadSamples(
        testDescription: "column-major", bytes: fortran.bytes, fragments: ["byte 10", "Fortran"]),
      BadSamples(testDescription: "an empty file", bytes: [], fragments: ["byte 0"]),
      BadSamples(
        testDescription: "a file cut in its header", bytes: Array(bytes.prefix(40)),
        fragments: ["byte"]),
      BadSamples(
        testDescription: "a file cut in its last sample", bytes: Array(bytes.dropLast()),
        flags: ["--raw"], fragments: ["byte 607"]),
      BadSamples(
        testDescription: "bytes behind the last sample", bytes: bytes + [0], flags: ["--raw"],
        fragments: ["byte 608"]),
      BadSamples(
        testDescription: "no NumPy file", bytes: Array("1.0, 2.0, 3.0, 4.0\n".utf8),
        fragments: ["NumPy", "numpy.save"]),
    ]
  }()

  @Test(
    "Samples that do not fit are refused with file and place", arguments: Inference.allCases,
    badSamples)
  func refusal(_ inference: Inference, _ samples: BadSamples) async throws {
    let folder = try await Sample.workingFolder()
    try folder.write(samples.bytes, to: "x.npy")
    let outcome = try await inference.run("x.npy", "y.npy", samples.flags, in: folder)
    expectRefusal(
      outcome, samples.status, ["x.npy: "] + samples.fragments, in: folder,
      leaving: ["model.swl", "x.npy"])
  }

  @Test(
    "A missing file and a missing folder have exit codes of their own",
    arguments: Inference.allCases)
  func missingFiles(_ inference: Inference) async throws {
    let folder = try await Sample.workingFolder()
    let x = Sample.path("golden-inputs.npy")
    let names = folder.names
    let noModel = try await inference.program.run(
      inference.words(model: "no.swl", [x], ["y.npy"]), in: folder)
    expectRefusal(noModel, 66, ["no.swl: cannot open"], in: folder, leaving: names)
    let noInput = try await inference.run("no.npy", "y.npy", in: folder)
    expectRefusal(noInput, 66, ["no.npy: cannot open"], in: folder, leaving: names)
    let noFolder = try await inference.run(x, "no/y.npy", ["--raw"], in: folder)
    expectRefusal(noFolder, 73, ["no/y.npy: cannot create"], in: folder, leaving: names)
  }
}

extension Array {
  fileprivate var tuple: (Element, Element) { (self[0], self[1]) }
}
