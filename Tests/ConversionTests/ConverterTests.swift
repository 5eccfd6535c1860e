import ModelFormat
import TestSupport
import Testing

@testable import Conversion

@Suite("Converter")
struct ConverterTests {
  @Test("Converting twice gives the same bytes")
  func repeatability() throws {
    let contents = try SampleModel.contents()
    let first = try Converter.convert(SampleModel.graph(), contents: contents)
    #expect(try Converter.convert(SampleModel.graph(), contents: contents) == first)
  }

  @Test("Labels, contract, card and provenance come back from the file")
  func roundTrip() throws {
    let contents = try SampleModel.contents()
    let bytes = try Converter.convert(SampleModel.graph(), contents: contents)
    let contract = try #require(contents.contract)
    try HostMemory.withEngine(for: bytes) { engine in
      let model = engine.model
      var labels: [String] = []
      for index in 0..<model.labelCount { labels.append(string(model.text(model.label(index)))) }
      #expect(labels == contents.labels)
      #expect(model.contract?.channelCount == contract.channels.count)
      #expect(model.contract?.windowLength == contract.window)
      #expect(model.contract?.hop == contract.hop)
      #expect(model.contract?.rateMillihertz == 10_000)
      for (index, channel) in contract.channels.enumerated() {
        let stored = model.channel(index)
        #expect(string(model.text(stored.name)) == channel.name)
        #expect(string(model.text(stored.unit)) == channel.unit)
        #expect(stored.mean == Float(channel.mean))
        #expect(stored.standardDeviation == Float(channel.standardDeviation))
      }
      #expect(string(model.section(.card)) == contents.card)
      #expect(
        string(model.section(.provenance)) == "source=imu-activity.tflite\nmade=by a test\n")
    }
  }

  @Test("Labels keep their bytes where two spellings are the same text")
  func spellings() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 2])
    sketch.outputs = [sketch.halved(x)]
    var contents = ModelContents()
    contents.labels = ["caf\u{E9}", "cafe\u{301}"]
    let bytes = try Converter.convert(sketch.graph, contents: contents)
    try HostMemory.withEngine(for: bytes) { engine in
      let model = engine.model
      for (index, label) in contents.labels.enumerated() {
        let stored = model.text(model.label(index))
        #expect(stored.withUnsafeBytes { [UInt8]($0) } == Array(label.utf8))
      }
    }
  }

  @Test("A model without companions has no sections for them")
  func plainModel() throws {
    try HostMemory.withEngine(for: Converter.convert(SampleModel.graph())) { engine in
      let model = engine.model
      #expect(model.labelCount == 0 && model.contract == nil)
      for kind in [SectionKind.card, .provenance, .labels, .contract] {
        #expect(model.section(kind).byteCount == 0)
      }
    }
  }

  @Test("Golden vectors are what the engine gives, state included")
  func goldenVectors() throws {
    var sketch = GraphSketch()
    let x = sketch.input([1, 6])
    let state = sketch.variable([1, 6], initial: [1, 2, 3, 4, 5, 6])
    sketch.outputs = [sketch.emit(.maximum, [sketch.read(state), x], to: [1, 6]), x]
    sketch.assign(state, x)
    for source in [sketch.graph, try SampleModel.graph()] {
      let bytes = try Converter.convert(source)
      let vectors = try Self.goldenVectors(of: bytes, inputCount: source.inputs.count)
      #expect(vectors.count == Converter.goldenVectorCount)
      let results = try outputs(of: bytes, for: vectors.map { [$0.input] })
      let perVector = source.outputs.count
      for (index, vector) in vectors.enumerated() {
        let range = (index * perVector)..<((index + 1) * perVector)
        #expect(Array(results[range].joined()) == vector.output)
      }
    }
  }

  @Test("The sample model answers its golden inputs as TensorFlow Lite Micro does")
  func sampleModelGolden() throws {
    // Both files have a header of 128 bytes and int8 elements.
    let inputs = try SampleModel.bytes("golden-inputs.npy").dropFirst(128)
    let expected = try SampleModel.bytes("golden-outputs.npy").dropFirst(128)
    let size = 240
    #expect(inputs.count > 0 && inputs.count.isMultiple(of: size))
    let invocations = stride(from: inputs.startIndex, to: inputs.endIndex, by: size).map {
      [Array(inputs[$0..<($0 + size)])]
    }
    let bytes = try Converter.convert(SampleModel.graph())
    #expect(try Array(outputs(of: bytes, for: invocations).joined()) == Array(expected))
  }

  @Test("A contract that does not fit the input is refused with both sizes")
  func contractMismatch() throws {
    var contents = try SampleModel.contents()
    contents.contract?.window = 41
    let error = #expect(throws: ConversionError.self) {
      try Converter.convert(SampleModel.graph(), contents: contents)
    }
    #expect(error?.kind == .invalidCompanion)
    #expect(error?.what.contains("246 values") == true)
    #expect(error?.what.contains("the shape [1, 40, 1, 6]") == true)
  }

  private static func goldenVectors(
    of bytes: [UInt8], inputCount: Int
  ) throws -> [(input: [UInt8], output: [UInt8])] {
    try HostMemory.withEngine(for: bytes) { engine in
      var vectors: [(input: [UInt8], output: [UInt8])] = []
      let model = engine.model
      for index in 0..<model.goldenVectorCount {
        let (input, output) = (model.goldenInput(index), model.goldenOutput(index))
        vectors.append(
          (input.withUnsafeBytes { [UInt8]($0) }, output.withUnsafeBytes { [UInt8]($0) }))
      }
      return vectors
    }
  }

  private func string(_ bytes: RawSpan) -> String {
    bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}
