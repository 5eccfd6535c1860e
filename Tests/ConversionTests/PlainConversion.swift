import Inference
import ModelFormat

@testable import Conversion

/// The conversion that tests compare with: no pass runs, every copy is executed, and no two tensors
/// share memory.
enum PlainConversion {
  static func write(_ source: SourceGraph) throws -> [UInt8] {
    let graph = try Lowering.withCopies(source)
    return try ModelWriter.write(graph, plan: plan(graph), contents: ModelContents())
  }

  /// States first, then everything else side by side.
  private static func plan(_ graph: DeviceGraph) -> ArenaPlan {
    var plan = ArenaPlan(
      offsets: Array(repeating: 0, count: graph.tensors.count),
      steps: LiveRanges(of: graph).steps, byteCount: 0, stateByteCount: 0, lowerBound: 0)
    for index in graph.tensors.indices where graph.isState(index) {
      plan.offsets[index] = plan.byteCount
      plan.byteCount += aligned(graph.tensors[index].byteCount)
    }
    plan.stateByteCount = plan.byteCount
    for index in graph.tensors.indices where graph.isActivation(index) && plan.steps[index] != nil {
      plan.offsets[index] = plan.byteCount
      plan.byteCount += aligned(graph.tensors[index].byteCount)
    }
    return plan
  }
}

/// All outputs of successive invocations, one entry an invocation and output; the state starts at
/// its initial value.
func outputs(
  of bytes: [UInt8], for invocations: [[[UInt8]]], kernels: KernelSelection = .detected()
) throws -> [[UInt8]] {
  try HostMemory.withEngine(for: bytes, kernels: kernels) { outputs(of: &$0, for: invocations) }
}

/// The outputs of an engine for successive invocations.
func outputs(of engine: inout Engine, for invocations: [[[UInt8]]]) -> [[UInt8]] {
  var results: [[UInt8]] = []
  for inputs in invocations {
    for (position, input) in inputs.enumerated() {
      engine.withInput(position) { memory in
        for index in input.indices {
          memory.storeBytes(of: input[index], toByteOffset: index, as: UInt8.self)
        }
      }
    }
    engine.invoke()
    for position in 0..<engine.model.outputCount {
      let output = engine.output(position)
      results.append(output.withUnsafeBytes { [UInt8]($0) })
    }
  }
  return results
}

/// Random inputs for a number of successive invocations of a graph.
func randomInvocations(
  _ count: Int, of source: SourceGraph, using random: inout some RandomNumberGenerator
) -> [[[UInt8]]] {
  (0..<count).map { _ in
    source.inputs.map { index in
      let tensor = source.tensors[index]
      if tensor.type == .float32 {
        return (0..<tensor.elementCount).flatMap { _ in
          littleEndian(Float.random(in: -100...100, using: &random).bitPattern)
        }
      }
      return (0..<tensor.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
    }
  }
}

/// What kinds of operators a converted model executes, in order.
func kinds(of bytes: [UInt8]) throws -> [OperatorKind] {
  try HostMemory.withEngine(for: bytes) { engine in
    var kinds: [OperatorKind] = []
    for index in 0..<engine.model.operatorCount { kinds.append(engine.model.operator(index).kind) }
    return kinds
  }
}
