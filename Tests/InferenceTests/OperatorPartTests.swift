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
