import Conversion
import Foundation
import Inference
import ModelFormat
import TestSupport
import Testing

@Suite("The engine")
struct EngineTests {
  @Test("computes the outputs of its operators")
  func computes() throws {
    let rectified = try HostMemory.withEngine(for: ModelFixtures.smallest.bytes) {
      invoke(&$0, [signed(-3, 5, 0, 127)])
    }
    #expect(rectified == [signed(0, 5, 0, 127)])
    let dense = try HostMemory.withEngine(for: ModelFixtures.dense.bytes) {
      invoke(&$0, [signed(2, 3)])
    }
    #expect(dense == [signed(13, -1, -2)])
  }

  @Test("keeps its state from one invocation to the next, until it is reset")
  func state() throws {
    let (first, second): ([UInt8], [UInt8]) = (
      [9, 0, 7, 4, 4, 4, 4, 100], [1, 2, 3, 4, 5, 6, 7, 8]
    )
    let before = try HostMemory.withEngine(for: ModelFixtures.everySection.bytes) { engine in
      var before = [first, second, first].map { invoke(&engine, [$0])[0] }
      engine.reset()
      before.append(invoke(&engine, [second])[0])
      return before
    }
    // The state starts as 1 … 8, then holds what came in last.
    #expect(before == [[1, 2, 3, 4, 5, 6, 7, 8], first, second, [1, 2, 3, 4, 5, 6, 7, 8]])
  }

  @Test("starts a state without an initial value at its zero point")
  func stateWithoutInitialValue() throws {
    var sketch = ModelFixtures.everySection
    sketch.tensors[1].reference = nil
    sketch.tensors[1].zeroPoint = -5
    let before = try HostMemory.withEngine(for: sketch.bytes) { invoke(&$0, [[0, 0, 0, 0]])[0] }
    #expect(before == Array(repeating: 0xFB, count: 8))
  }

  @Test(
    "reproduces the golden vectors in the file", arguments: [KernelSelection.portable, .detected()])
  func goldenVectors(_ kernels: KernelSelection) throws {
    for bytes in [ModelFixtures.everySection.bytes, try SampleActivityModel.bytes.get()] {
      let (file, arena) = (GuardedBuffer(bytes, alignment: 16), try GuardedBuffer(arenaFor: bytes))
      try withEngine(file, arena.memory, kernels: kernels) { engine in
        let model = engine.model
        #expect(model.goldenVectorCount >= 2)
        for vector in 0..<model.goldenVectorCount {
          let input = array(model.goldenInput(vector))
          let outputs = invoke(&engine, slices(input, of: model))
          #expect(outputs.flatMap { $0 } == array(model.goldenOutput(vector)))
        }
      }
    }
  }

  @Test("shows an intermediate tensor after the operator that wrote it")
  func intermediateTensors() throws {
    try HostMemory.withEngine(for: ModelFixtures.everySection.bytes) { engine in
      write([[3, 3, 3, 3, 3, 3, 3, 3]], to: &engine)
      #expect(array(engine.tensor(1)) == [1, 2, 3, 4, 5, 6, 7, 8])
      #expect(array(engine.tensor(3)) == [1, 2, 3, 4, 5, 6, 7, 8])
      engine.execute(0)
      engine.execute(1)
      #expect(array(engine.tensor(4)) == [3, 3, 3, 4, 5, 6, 7, 8])
      engine.execute(2)
      #expect(array(engine.tensor(7)) == [2, 2, 2, 5, 4, 7, 6, 9])
      engine.execute(3)
      #expect(array(engine.tensor(1)) == Array(repeating: 3, count: 8))
      // A constant is shown as it is in the file.
      #expect(array(engine.tensor(6)).prefix(4) == [1, 0, 3, 2])
    }
  }

  @Test("does not care what was in the arena before", arguments: [0, 0xFF, 0xA5] as [UInt8])
  func arenaContents(_ fill: UInt8) throws {
    let bytes = try SampleActivityModel.bytes.get()
    let (file, arena) = (GuardedBuffer(bytes, alignment: 16), try GuardedBuffer(arenaFor: bytes))
    arena.memory.initializeMemory(as: UInt8.self, repeating: fill)
    try withEngine(file, arena.memory) { engine in
      let input = array(engine.model.goldenInput(0))
      #expect(
        invoke(&engine, slices(input, of: engine.model))[0] == array(engine.model.goldenOutput(0)))
    }
  }

  @Test("writes the same bytes with all kernels, with and without room for prepared calls")
  func kernels() throws {
    let bytes = try SampleActivityModel.bytes.get()
    let file = GuardedBuffer(bytes, alignment: 16)
    var random = SeededGenerator(for: "inputs of the sample model")
    let inputs = (0..<20).map { _ in
      (0..<240).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
    func outputs(_ kernels: KernelSelection, hasRoom: Bool) throws -> [[UInt8]] {
      let arena = try GuardedBuffer(arenaFor: bytes, hasRoom: hasRoom)
      var outputs: [[UInt8]] = []
      try withEngine(file, arena.memory, kernels: kernels) { engine in
        #expect(engine.model.inputByteCount == 240)
        for input in inputs { outputs += invoke(&engine, [input]) }
      }
      return outputs
    }
    let reference = try outputs(.portable, hasRoom: false)
    for variant in KernelVariant.allCases {
      guard let kernels = KernelSelection.detected().limited(to: variant) else { continue }
      #expect(try outputs(kernels, hasRoom: false) == reference)
      #expect(try outputs(kernels, hasRoom: true) == reference)
    }
  }

  @Test("refuses an arena that is a byte too small and takes a larger one")
  func arenaSize() throws {
    let bytes = ModelFixtures.everySection.bytes
    let file = GuardedBuffer(bytes, alignment: 16)
    let small = GuardedBuffer(byteCount: 63, alignment: 16)
    let error = #expect(throws: ModelError.self) { try withEngine(file, small.memory) { _ in } }
    #expect(
      error == ModelError(.arenaTooSmall, offset: 0, found: 63, expected: 64))
    let large = GuardedBuffer(byteCount: 1 << 16, alignment: 16)
    try withEngine(file, large.memory) { _ = invoke(&$0, [[1]]) }
  }

  @Test("refuses arenas and files at addresses that are not multiples of 16")
  func addresses() throws {
    let bytes = ModelFixtures.everySection.bytes
    let (file, arena) = (
      GuardedBuffer(bytes, alignment: 16), GuardedBuffer(byteCount: 128, alignment: 16)
    )
    for shift in [1, 4, 8] {
      let shifted = UnsafeMutableRawBufferPointer(rebasing: arena.memory[shift...])
      let error = #expect(throws: ModelError.self) { try withEngine(file, shifted) { _ in } }
      #expect(error == ModelError(.arenaAddressMisaligned, offset: 0, found: shift))

      let unaligned = GuardedBuffer(Array(repeating: 0, count: shift) + bytes, alignment: 16)
      let model = UnsafeMutableRawBufferPointer(rebasing: unaligned.memory[shift...])
      let other = #expect(throws: ModelError.self) {
        try withEngine(model, arena.memory) { _ in }
      }
      #expect(other == ModelError(.modelAddressMisaligned, offset: 0, found: shift))
    }
  }

  @Test("runs a model without operators and without an arena")
  func nothingToDo() throws {
    let sketch = ModelSketch(
      tensors: [.constant("answer", [1], [42])], operators: [], inputs: [], outputs: [0])
    let outputs = try HostMemory.withEngine(for: sketch.bytes) { engine in
      #expect(engine.model.arenaByteCount == 0)
      return invoke(&engine, [])
    }
    #expect(outputs == [[42]])
    let nothing = ModelSketch(tensors: [], operators: [], inputs: [], outputs: [])
    #expect(nothing.bytes.count == 320)
    let none = try HostMemory.withEngine(for: nothing.bytes) { invoke(&$0, []) }
    #expect(none.isEmpty)
  }

  @Test("stays inside file and arena, which end at an unmapped page")
  func guardedMemory() throws {
    let run = GuardedRun()
    for bytes in [
      ModelFixtures.smallest.bytes, ModelFixtures.dense.bytes, ModelFixtures.everySection.bytes,
      try SampleActivityModel.bytes.get(),
    ] { try run.run(bytes) }
  }
}

/// The sample model of the repository, converted.
enum SampleActivityModel {
  static let bytes = Result { () throws -> [UInt8] in
    let file = SharedMaterial.packageFolder.appendingPathComponent(
      "models/imu-activity/imu-activity.tflite")
    let graph = try importTFLite([UInt8](try Data(contentsOf: file)), fileName: file.path)
    return try Converter.convert(graph)
  }
}

extension GuardedBuffer {
  /// An arena for the model in `bytes`, with or without room for what the engine can prepare.
  convenience init(arenaFor bytes: [UInt8], hasRoom: Bool = false) throws {
    let file = GuardedBuffer(bytes)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    self.init(
      byteCount: hasRoom ? Engine.memoryByteCount(for: model) : model.arenaByteCount, alignment: 16)
  }
}

private func withEngine(
  _ file: GuardedBuffer, _ arena: UnsafeMutableRawBufferPointer,
  kernels: KernelSelection = .detected(), _ body: (inout Engine) -> Void
) throws(ModelError) {
  try withEngine(file.memory, arena, kernels: kernels, body)
}

private func withEngine(
  _ file: UnsafeMutableRawBufferPointer, _ arena: UnsafeMutableRawBufferPointer,
  kernels: KernelSelection = .detected(), _ body: (inout Engine) -> Void
) throws(ModelError) {
  let model = try Model(UnsafeRawBufferPointer(file).bytes)
  var engine = try Engine(model, arena: arena.mutableBytes, kernels: kernels)
  body(&engine)
}

/// Writes `inputs`, cut off or padded with zeros to the size of each graph input.
private func write(_ inputs: [[UInt8]], to engine: inout Engine) {
  for (index, input) in inputs.enumerated() {
    engine.withInput(index) { bytes in
      for offset in 0..<bytes.byteCount {
        bytes.storeBytes(
          of: offset < input.count ? input[offset] : 0, toByteOffset: offset, as: UInt8.self)
      }
    }
  }
}

/// The outputs for `inputs`.
private func invoke(_ engine: inout Engine, _ inputs: [[UInt8]]) -> [[UInt8]] {
  write(inputs, to: &engine)
  engine.invoke()
  var outputs: [[UInt8]] = []
  for index in 0..<engine.model.outputCount { outputs.append(array(engine.output(index))) }
  return outputs
}

/// `bytes` cut into the graph inputs of `model`.
private func slices(_ bytes: [UInt8], of model: borrowing Model) -> [[UInt8]] {
  var (slices, offset): ([[UInt8]], Int) = ([], 0)
  for index in 0..<model.inputCount {
    let end = offset + model.tensor(model.input(index)).byteCount
    slices.append(Array(bytes[offset..<end]))
    offset = end
  }
  return slices
}

private func array(_ bytes: RawSpan) -> [UInt8] { bytes.withUnsafeBytes { Array($0) } }

private func signed(_ values: Int8...) -> [UInt8] { values.map { UInt8(bitPattern: $0) } }
