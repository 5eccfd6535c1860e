import ModelFormat
import TestSupport
import Testing

@testable import Inference

@Suite("Parts of an operator")
struct OperatorPartTests {
  @Test(
    "together write what the whole operator writes, with all kernels, wherever rows lie",
    arguments: [
      .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D, .pad, .add, .subtract,
      .multiply, .maximum, .minimum, .lookup, .quantize, .dequantize, .fullyConnected,
    ] as [OperatorKind])
  func parts(_ kind: OperatorKind) throws {
    var random = SeededGenerator(for: "parts of \(kind)")
    var seen: Set<String> = []
    for round in 0..<60 {
      let sketch = OperatorSketch.divisible(kind, using: &random)
      let problem = try PartProblem(sketch.model.bytes, using: &random)
      for unit in [OperatorPart.Unit.row, .pixel, .block] {
        guard let count = problem.unitCount(unit) else { continue }
        seen.insert("\(unit)")
        for variant in KernelVariant.allCases {
          guard let kernels = KernelSelection.detected().limited(to: variant) else { continue }
          let expected = problem.whole(kernels)
          let cuts = Self.cuts(of: count, using: &random)
          #expect(
            problem.parts(cuts, unit, count, kernels) == expected,
            "round \(round), \(unit), \(variant), \(cuts)")
          guard unit != .block else { continue }
          #expect(
            problem.displacedParts(cuts, unit, count, kernels) == expected,
            "round \(round), displaced \(unit), \(variant), \(cuts)")
        }
      }
    }
    #expect(seen == Self.units(of: kind))
  }

  @Test("are refused where an output cannot be divided")
  func indivisible() throws {
    var random = SeededGenerator(for: "indivisible")
    for kind in OperatorKind.allCases {
      let problem = try PartProblem(OperatorSketch.valid(kind).model.bytes, using: &random)
      switch kind {
      case .mean, .copy, .transpose, .concatenation, .slice, .softmax, .argMax:
        for unit in [OperatorPart.Unit.row, .pixel, .block] {
          #expect(problem.unitCount(unit) == nil, "\(kind)")
        }
      // The sketch has three rows.
      case .fullyConnected: #expect(problem.unitCount(.block) == nil)
      default: break
      }
    }
    // Two images; and a window that starts below the input.
    var sketch = OperatorSketch.valid(.maxPool2D)
    (sketch.inputs[0].shape[0], sketch.output.shape[0]) = (2, 2)
    #expect(try PartProblem(sketch.model.bytes, using: &random).unitCount(.row) == nil)
    sketch = OperatorSketch.valid(.maxPool2D)
    sketch.output.shape[1] = 3
    #expect(try PartProblem(sketch.model.bytes, using: &random).unitCount(.row) == nil)
  }

  private static func units(of kind: OperatorKind) -> Set<String> {
    switch kind {
    case .fullyConnected: ["block"]
    case .depthwiseConvolution2D, .averagePool2D, .maxPool2D, .pad: ["row"]
    default: ["row", "pixel"]
    }
  }

  /// Ranges that cover `0..<count`, in any order.
  private static func cuts(
    of count: Int, using random: inout SeededGenerator
  ) -> [Range<Int>] {
    let inner = (1..<max(2, count)).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
    let ends = [0] + inner.filter { $0 < count } + [count]
    return zip(ends, ends.dropFirst()).map { $0..<$1 }.shuffled(using: &random)
  }
}

/// A model of one operator with random inputs, run whole and in parts.
private final class PartProblem {
  private let file: GuardedBuffer
  private let arena: GuardedBuffer

  private let record: OperatorRecord
  private let inputs: [TensorRecord]
  private let output: TensorRecord

  init(_ bytes: [UInt8], using random: inout SeededGenerator) throws {
    file = GuardedBuffer(bytes, alignment: 16)
    arena = try GuardedBuffer(arenaFor: bytes)
    let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
    try OperatorVerifier(model, operator: 0).verify()
    let record = model.operator(0)
    self.record = record
    inputs = (0..<record.inputCount).map { model.tensor(model.input($0, of: record)) }
    output = model.tensor(record.output)
    for index in arena.memory.indices {
      arena.memory[index] = UInt8.random(in: 0...255, using: &random)
    }
    for tensor in inputs where tensor.elementType == .float32 {
      let elements = arena.memory[tensor.offset..<tensor.offset + tensor.byteCount]
      UnsafeMutableRawBufferPointer(rebasing: elements).withMemoryRebound(to: Float.self) {
        for index in $0.indices { $0[index] = Float.random(in: -80...80, using: &random) }
      }
    }
  }

  func unitCount(_ unit: OperatorPart.Unit) -> Int? { execute { $0.unitCount(of: 0, unit) } }

  /// The output of the whole operator.
  func whole(_ kernels: KernelSelection) -> [UInt8] {
    spoilOutput()
    execute { $0.run(0, kernels: kernels) }
    return outputBytes()
  }

  /// The output of parts, with the tensors where they are planned.
  func parts(
    _ ranges: [Range<Int>], _ unit: OperatorPart.Unit, _ count: Int, _ kernels: KernelSelection
  ) -> [UInt8] {
    spoilOutput()
    for range in ranges {
      execute(OperatorPart(unit, range, of: count)) { $0.runPart(of: 0, kernels: kernels) }
    }
    return outputBytes()
  }

  /// The output of parts, each with nothing but the units it needs, between unmapped pages.
  func displacedParts(
    _ ranges: [Range<Int>], _ unit: OperatorPart.Unit, _ count: Int, _ kernels: KernelSelection
  ) -> [UInt8] {
    var result = [UInt8](repeating: 0xA5, count: output.byteCount)
    for range in ranges {
      var part = OperatorPart(unit, range, of: count)
      let unitByteCount = output.byteCount / count
      let target = GuardedBuffer(byteCount: range.count * unitByteCount, alignment: 1)
      part.output = target.memory.baseAddress.map { .init(address: $0, first: range.lowerBound) }
      var pieces: [GuardedBuffer] = []
      for (position, tensor) in inputs.prefix(2).enumerated() {
        let units = execute { $0.units(of: position, record, for: part) }
        guard let units, !units.isEmpty
        else { continue }
        let tensorCount = unit == .row ? tensor.shape.rowCount : tensor.shape.pixelCount
        let size = tensor.byteCount / tensorCount
        let start = tensor.offset + units.lowerBound * size
        let piece = GuardedBuffer(
          Array(arena.memory[start..<start + units.count * size]),
          alignment: tensor.elementType.byteCount)
        pieces.append(piece)
        let place = piece.memory.baseAddress.map {
          OperatorPart.Place(address: $0, first: units.lowerBound)
        }
        if position == 0 { part.first = place } else { part.second = place }
      }
      execute(part) { $0.runPart(of: 0, kernels: kernels) }
      withExtendedLifetime(pieces) {
        let place = range.lowerBound * unitByteCount
        result.replaceSubrange(place..<place + target.memory.count, with: target.memory)
      }
    }
    return result
  }

  private func execute<Result>(
    _ part: OperatorPart? = nil, _ body: (borrowing Execution) -> Result
  ) -> Result {
    guard let start = arena.memory.baseAddress else { fatalError("an arena has bytes") }
    do throws(ModelError) {
      let model = try Model(UnsafeRawBufferPointer(file.memory).bytes)
      return body(Execution(model, arena: start, part: part))
    } catch {
      fatalError("the model was read before")
    }
  }

  private func spoilOutput() {
    for offset in output.offset..<output.offset + output.byteCount { arena.memory[offset] = 0xA5 }
  }

  private func outputBytes() -> [UInt8] {
    Array(arena.memory[output.offset..<output.offset + output.byteCount])
  }
}

extension OperatorSketch {
  /// A random operator of kind `kind` whose output can be divided.
  fileprivate static func divisible(
    _ kind: OperatorKind, using random: inout SeededGenerator
  ) -> OperatorSketch {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let input = [1, number(1...9), number(1...9), number(1...20)]
    var sketch = valid(kind)
    switch kind {
    case .convolution2D, .depthwiseConvolution2D, .averagePool2D, .maxPool2D:
      sketch = windowed(kind, input, using: &random)
    case .pad:
      var pad = PadParameters()
      let output = (0..<4).map { axis in
        let before = axis == 0 ? 0 : number(0...3)
        pad[before: axis] = before
        return input[axis] + before + (axis == 0 ? 0 : number(0...3))
      }
      pad.value = Int32(number(-128...127))
      sketch.words = pad.words
      (sketch.inputs[0].shape, sketch.output.shape) = (input, output)
    case .add, .subtract, .multiply, .maximum, .minimum:
      let repeated = [input, [1], [1, 1, 1, input[3]], [input[3]], [1, input[1], 1, 1]]
      let shapes = [input, repeated[number(0...4)]].shuffled(using: &random)
      (sketch.inputs[0].shape, sketch.inputs[1].shape) = (shapes[0], shapes[1])
      sketch.output.shape = input
    case .fullyConnected:
      let channels = number(1...150)
      let depth = number(1...40)
      sketch.inputs =
        [activation([1, depth])] + packed(ConvolutionWeightLayout(channels: channels, depth: depth))
      sketch.output.shape = [1, channels]
    default: (sketch.inputs[0].shape, sketch.output.shape) = (input, input)
    }
    sketch.inputs[0].zeroPoint = Int32(number(-20...20))
    sketch.output.zeroPoint = Int32(number(-20...20))
    if sketch.output.elementType == .uint8 { sketch.output.zeroPoint = 3 }
    if sketch.output.elementType == .float32 { sketch.output.zeroPoint = 0 }
    if sketch.inputs[0].elementType == .float32 { sketch.inputs[0].zeroPoint = 0 }
    return sketch
  }

  private static func windowed(
    _ kind: OperatorKind, _ input: [Int], using random: inout SeededGenerator
  ) -> OperatorSketch {
    func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    // A third of the convolutions has a window of one element.
    let isPoint = kind == .convolution2D && number(0...2) == 0
    var window = window(kernel: 1, stride: 1, padding: 0)
    if !isPoint {
      (window.kernelHeight, window.kernelWidth) = (number(1...5), number(1...4))
      (window.strideHeight, window.strideWidth) = (number(1...3), number(1...3))
      (window.paddingTop, window.paddingLeft) = (number(0...5), number(0...3))
      if kind == .convolution2D || kind == .depthwiseConvolution2D {
        (window.dilationHeight, window.dilationWidth) = (number(1...2), number(1...2))
      }
    }
    // The last window starts inside the input, or the one before the last ends there.
    let height = isPoint ? input[1] : (input[1] - 1 + window.paddingTop) / window.strideHeight + 1
    let width = isPoint ? input[2] : (input[2] - 1 + window.paddingLeft) / window.strideWidth + 1
    var channels = input[3]
    var inputs = [activation(input)]
    if kind == .convolution2D {
      channels = number(1...40)
      window.groupDepth = input[3]
      inputs += packed(
        ConvolutionWeightLayout(channels: channels, window: window, inputDepth: input[3]))
    } else if kind == .depthwiseConvolution2D {
      window.depthMultiplier = number(1...3)
      channels *= window.depthMultiplier
      let taps = window.kernelHeight * window.kernelWidth
      inputs += packed(DepthwiseWeightLayout(channels: channels, tapCount: taps))
    }
    return OperatorSketch(
      kind: kind, inputs: inputs,
      output: activation([1, number(1...height), isPoint ? width : number(1...width), channels]),
      words: window.words)
  }
}
