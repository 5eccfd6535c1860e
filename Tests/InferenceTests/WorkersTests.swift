import Conversion
import Foundation
import LinuxPlatform
import ModelFormat
import TestSupport
import Testing

@testable import Inference

@Suite("Several threads")
struct WorkersTests {
  @Test("write what one thread writes, in chains of random operators, with all kernels")
  func chains() throws {
    var random = SeededGenerator(for: "chains of operators")
    for round in 0..<12 {
      let bytes = OperatorChain(length: 24, using: &random).sketch.bytes
      for variant in KernelVariant.allCases {
        guard let kernels = KernelSelection.detected().limited(to: variant) else { continue }
        let expected = try arenaContents(bytes, kernels, threads: 1)
        for count in 2...8 {
          let found = try arenaContents(bytes, kernels, threads: count)
          #expect(found == expected, "round \(round), \(variant), \(count) threads")
        }
      }
    }
  }

  @Test(
    "write what one thread writes, in real models",
    arguments: [
      "models/imu-activity/imu-activity.tflite", "models/room-airing/room-airing.tflite",
    ])
  func sampleModels(_ path: String) throws {
    let file = SharedMaterial.packageFolder.appendingPathComponent(path)
    try compare([UInt8](Data(contentsOf: file)), KernelVariant.allCases)
  }

  @Test(
    "write what one thread writes, in the models of MLPerf Tiny",
    .enabled(if: SharedMaterial.isAvailable),
    arguments: [
      "kws_ref_model", "vww_96_int8", "ad01_int8", "pretrainedResnet_quant", "str_ww_ref_model",
    ])
  func benchmarkModels(_ name: String) throws {
    // The reference kernels take seconds for each run of these, without optimization.
    let variants = KernelVariant.allCases.filter { $0 != .portable }
    try compare(try SharedMaterial.bytes("models/mlperf-tiny/\(name).tflite"), variants)
  }

  @Test("are used where a model is large enough and there is room for prepared calls")
  func threshold() throws {
    var random = SeededGenerator(for: "threads that are worth it")
    let file = GuardedBuffer(
      OperatorChain(length: 3, using: &random).sketch.bytes, alignment: 16)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    let team = try ThreadTeam(count: 2)
    func threadCount(_ workers: Workers, hasRoom: Bool = true) throws -> Int {
      let arena = GuardedBuffer(
        byteCount: hasRoom ? Engine.memoryByteCount(for: model) : model.arenaByteCount,
        alignment: 16)
      return try Engine(model, arena: arena.memory.mutableBytes, workers: workers).threadCount
    }
    var workers = Workers(team)
    #expect(try threadCount(workers) == 1)
    (workers.leastOperatorWork, workers.leastModelWork) = (0, 0)
    #expect(try threadCount(workers) == 2)
    #expect(try threadCount(workers, hasRoom: false) == 1)
    workers.leastOperatorWork = .max
    workers.leastModelWork = 1
    #expect(try threadCount(workers) == 1)
  }

  @Test("get shares that differ by one unit at most, and cover all")
  func shares() {
    for count in [1, 2, 7, 49, 112, 12_544, Int(Int32.max) - 3] {
      for size in 1...8 {
        var end = 3
        for number in 0..<size {
          let share = (3..<(3 + count)).share(number, of: size)
          #expect(share.lowerBound == end)
          #expect(share.count == count / size || share.count == count / size + 1)
          end = share.upperBound
        }
        #expect(end == 3 + count)
      }
    }
  }

  private func compare(_ source: [UInt8], _ variants: [KernelVariant]) throws {
    let bytes = try Converter.convert(try importTFLite(source, fileName: "it.tflite"))
    for variant in variants {
      guard let kernels = KernelSelection.detected().limited(to: variant) else { continue }
      let expected = try arenaContents(bytes, kernels, threads: 1)
      for count in 2...8 {
        let found = try arenaContents(bytes, kernels, threads: count)
        #expect(found == expected, "\(variant), \(count) threads")
      }
    }
  }

  /// The bytes of all outputs, and of the whole arena, after three runs: all operators together,
  /// then again on what they left, then one by one.
  private func arenaContents(
    _ bytes: [UInt8], _ kernels: KernelSelection, threads: Int
  ) throws -> [UInt8] {
    let file = GuardedBuffer(bytes, alignment: 16)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    let memory = GuardedBuffer(byteCount: Engine.memoryByteCount(for: model), alignment: 16)
    memory.memory.initializeMemory(as: UInt8.self, repeating: 0xA5)
    let team = try ThreadTeam(count: threads)
    var workers = Workers(team)
    (workers.leastOperatorWork, workers.leastModelWork) = (0, 0)
    var engine = try Engine(
      model, arena: memory.memory.mutableBytes, kernels: kernels, workers: workers)
    #expect(engine.threadCount == threads)
    var contents: [UInt8] = []
    for round in 0..<3 {
      var random = SeededGenerator(seed: UInt64(round))
      for index in 0..<model.inputCount {
        engine.withInput(index) { input in
          for offset in 0..<input.byteCount {
            input.storeBytes(
              of: UInt8.random(in: 0...255, using: &random), toByteOffset: offset, as: UInt8.self)
          }
        }
      }
      if round < 2 {
        engine.invoke()
      } else {
        for index in 0..<model.operatorCount { engine.execute(index) }
      }
      for index in 0..<model.outputCount {
        contents += engine.output(index).withUnsafeBytes { Array($0) }
      }
      contents += memory.memory.prefix(model.arenaByteCount)
    }
    return contents
  }
}

extension Workers {
  /// The threads of `team`, which must live as long as the engine.
  fileprivate init(_ team: borrowing ThreadTeam) {
    self.init(
      count: team.count, handle: team.handle,
      run: { ThreadTeam.run($0, $1, $2) }, meet: { ThreadTeam.meet($0) })
  }
}

/// A chain of random operators: most can be divided, some cannot, some work in place.
private struct OperatorChain {
  private(set) var sketch: ModelSketch

  init(length: Int, using random: inout SeededGenerator) {
    let kinds: [OperatorKind] = [
      .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D, .pad, .add, .subtract,
      .multiply, .maximum, .minimum, .lookup, .softmax, .copy,
    ]
    var shape = [1, 16, 12, 8]
    sketch = ModelSketch(
      tensors: [.arena("input", shape, steps: 0...1)], operators: [], inputs: [0], outputs: [])
    var current = 0
    for step in 1...length {
      let kind = kinds.randomElement(using: &random) ?? .copy
      // Small images grow again by their borders, and long runs of windows do not end in nothing.
      let isSmall = shape[1] < 4 || shape[2] < 4
      var piece = OperatorSketch.divisible(isSmall ? .pad : kind, of: shape, using: &random)
      if piece.output.shape[3] > 40 { piece = .divisible(.lookup, of: shape, using: &random) }
      current = append(piece, to: current, step: step)
      shape = piece.output.shape
    }
    sketch.tensors[current].steps = length...length + 1
    sketch.outputs = [current]
    place()
  }

  /// Adds an operator on tensor `current`; returns its output. An operand of the same shape is the
  /// tensor itself, another one a constant.
  private mutating func append(_ piece: OperatorSketch, to current: Int, step: Int) -> Int {
    var operands: [Int] = []
    sketch.tensors[current].steps = sketch.tensors[current].steps.lowerBound...step
    let shape = sketch.tensors[current].shape
    for var input in piece.inputs {
      if input.storage == .arena && input.shape == shape {
        operands.append(current)
        continue
      }
      if input.storage == .arena {
        input.storage = .constant
        input.constant = (0..<input.shape.reduce(1, *)).map { UInt8(truncatingIfNeeded: $0 * 7) }
        input.steps = 0...0
      }
      sketch.tensors.append(input)
      operands.append(sketch.tensors.count - 1)
    }
    var output = piece.output
    output.steps = step...step
    output.zeroPoint = 0
    sketch.tensors.append(output)
    sketch.operators.append(
      .init(
        "\(step)", piece.kind, operands, output: sketch.tensors.count - 1, words: piece.words))
    return sketch.tensors.count - 1
  }

  /// Gives the tensors of the chain their places: in turn in two halves of the arena, or over the
  /// input where the operator works in place.
  private mutating func place() {
    let half =
      (sketch.tensors.map { $0.storage == .arena ? $0.shape.reduce(1, *) : 0 }.max() ?? 0) / 16 * 16
      + 16
    var isSecond = false
    for (index, step) in sketch.operators.enumerated() {
      let input = step.inputs.first { sketch.tensors[$0].storage == .arena } ?? 0
      let isInPlace =
        step.kind.worksInPlace && index % 2 == 0
        && sketch.tensors[input].shape == sketch.tensors[step.output].shape
      if !isInPlace { isSecond.toggle() }
      sketch.tensors[step.output].offset = isSecond ? half : 0
    }
    sketch.arenaByteCount = 2 * half
  }
}
