@testable import Conversion

/// Builds source graphs for tests, one operator after another.
struct GraphSketch {
  private(set) var graph = SourceGraph(
    name: "sketch", tensors: [], operators: [], inputs: [], outputs: [], variables: [])

  /// The outputs, in their order.
  var outputs: [Int] {
    get { graph.outputs }
    set { graph.outputs = newValue }
  }

  /// The elements of a tensor made before.
  func elementCount(_ index: Int) -> Int { graph.tensors[index].elementCount }

  /// The shape of a tensor made before.
  func shape(_ index: Int) -> [Int] { graph.tensors[index].shape }

  mutating func tensor(
    _ shape: [Int], type: SourceElementType = .int8, scale: Float? = 0.5, zeroPoint: Int32 = 3,
    constant: [UInt8]? = nil
  ) -> Int {
    graph.tensors.append(
      SourceTensor(
        fileIndex: graph.tensors.count, name: "t\(graph.tensors.count)", type: type, shape: shape,
        quantization: scale.map { SourceQuantization(scales: [$0], zeroPoints: [zeroPoint]) },
        constant: constant))
    return graph.tensors.count - 1
  }

  /// A graph input of int8.
  mutating func input(_ shape: [Int], scale: Float = 0.5, zeroPoint: Int32 = 3) -> Int {
    let index = tensor(shape, scale: scale, zeroPoint: zeroPoint)
    graph.inputs.append(index)
    return index
  }

  /// A constant of int8 with the given stored values.
  mutating func constant(
    _ shape: [Int], _ values: [Int8], scale: Float = 0.5, zeroPoint: Int32 = 3
  ) -> Int {
    tensor(
      shape, scale: scale, zeroPoint: zeroPoint, constant: values.map { UInt8(bitPattern: $0) })
  }

  /// A constant of int32 without a scale, such as a bias.
  mutating func bias(_ values: [Int32]) -> Int {
    tensor(
      [values.count], type: .int32, scale: nil,
      constant: values.flatMap { littleEndian(UInt32(bitPattern: $0)) })
  }

  /// Streaming state; gives its index among the variables.
  mutating func variable(_ shape: [Int], initial: [UInt8]? = nil, zeroPoint: Int32 = 3) -> Int {
    let fill = UInt8(truncatingIfNeeded: zeroPoint)
    graph.variables.append(
      SourceVariable(
        name: "v\(graph.variables.count)", type: .int8, shape: shape,
        quantization: SourceQuantization(scales: [0.5], zeroPoints: [zeroPoint]),
        initialValue: initial ?? Array(repeating: fill, count: shape.reduce(1, *))))
    return graph.variables.count - 1
  }

  /// Adds an operator with an existing output tensor, or with none.
  mutating func emit(_ operation: Operation, _ inputs: [Int?], outputs: [Int]) {
    graph.operators.append(
      SourceOperator(
        operation: operation, inputs: inputs, outputs: outputs,
        name: "layer \(graph.operators.count)", index: graph.operators.count,
        builtinName: "SKETCH"))
  }

  /// Adds an operator and an int8 output tensor of the given shape.
  mutating func emit(
    _ operation: Operation, _ inputs: [Int?], to shape: [Int], scale: Float = 0.5,
    zeroPoint: Int32 = 3
  ) -> Int {
    let output = tensor(shape, scale: scale, zeroPoint: zeroPoint)
    emit(operation, inputs, outputs: [output])
    return output
  }

  /// The value of a variable.
  mutating func read(_ variable: Int) -> Int {
    let zeroPoint = graph.variables[variable].quantization?.zeroPoint ?? 0
    return emit(
      .readVariable(variable), [], to: graph.variables[variable].shape, zeroPoint: zeroPoint)
  }

  mutating func assign(_ variable: Int, _ tensor: Int) {
    emit(.assignVariable(variable), [tensor], outputs: [])
  }

  /// A function of each element that changes most of them.
  mutating func halved(_ tensor: Int) -> Int {
    emit(.leakyRelu(alpha: 0.5), [tensor], to: shape(tensor), zeroPoint: 7)
  }

  /// The same values with the quantization the others have.
  mutating func requantized(_ tensor: Int) -> Int {
    emit(.quantize, [tensor], to: shape(tensor))
  }

  mutating func reshape(_ tensor: Int, to shape: [Int]) -> Int {
    let quantization = graph.tensors[tensor].quantization
    return emit(
      .reshape, [tensor], to: shape, scale: quantization?.scale ?? 0.5,
      zeroPoint: quantization?.zeroPoint ?? 3)
  }

  mutating func slice(
    _ tensor: Int, from begin: [Int], size: [Int], by stride: [Int]? = nil
  ) -> Int {
    let step = stride ?? Array(repeating: 1, count: begin.count)
    return emit(
      .slice(Slice(begin: begin, stride: step, size: size)), [tensor], to: size,
      zeroPoint: graph.tensors[tensor].quantization?.zeroPoint ?? 3)
  }

  mutating func joined(_ tensors: [Int], axis: Int) -> Int {
    var result = shape(tensors[0])
    result[axis] = tensors.reduce(0) { $0 + shape($1)[axis] }
    return emit(.concatenation(axis: axis), tensors, to: result)
  }
}
