import Conversion
import ModelFormat

/// A model file written down record by record, right or wrong: what the converter would never
/// write can be sketched as well.
public struct ModelSketch {
  /// A tensor record and, for a constant, its bytes.
  public struct Tensor {
    public var name: String
    public var elementType: ElementType
    public var storage: TensorStorage
    public var packing: TensorPacking = .rowMajor
    public var shape: [Int]
    public var scale: Float = 0.5
    public var zeroPoint: Int32 = 0
    /// Arena offset; the offset of a constant follows from the order of the constants.
    public var offset = 0
    /// Nil: what the shape needs, or the bytes of the constant.
    public var byteCount: Int?
    public var steps: ClosedRange<Int>
    public var reference: Int?
    public var constant: [UInt8] = []

    /// A tensor in the arena.
    public static func arena(
      _ name: String, _ shape: [Int], type: ElementType = .int8, at offset: Int = 0,
      steps: ClosedRange<Int>
    ) -> Tensor {
      Tensor(
        name: name, elementType: type, storage: .arena, shape: shape,
        scale: type.byteCount == 1 ? 0.5 : 0, offset: offset, steps: steps)
    }

    /// A tensor in the file.
    public static func constant(
      _ name: String, _ shape: [Int], _ bytes: [UInt8], type: ElementType = .int8,
      packing: TensorPacking = .rowMajor
    ) -> Tensor {
      Tensor(
        name: name, elementType: type, storage: .constant, packing: packing, shape: shape,
        scale: type.byteCount == 1 ? 0.5 : 0, steps: 0...0, constant: bytes)
    }

    /// A tensor that survives invocations.
    public static func state(
      _ name: String, _ shape: [Int], at offset: Int = 0, initial: Int? = nil
    ) -> Tensor {
      Tensor(
        name: name, elementType: .int8, storage: .state, shape: shape, offset: offset,
        steps: 0...0, reference: initial)
    }

    /// The memory of tensor `base` under another shape.
    public static func view(
      _ name: String, _ shape: [Int], of base: Int, type: ElementType = .int8, at offset: Int = 0,
      steps: ClosedRange<Int>
    ) -> Tensor {
      Tensor(
        name: name, elementType: type, storage: .view, shape: shape,
        scale: type.byteCount == 1 ? 0.5 : 0, offset: offset, steps: steps, reference: base)
    }
  }

  /// An operator record.
  public struct Operator {
    public var name: String
    public var kind: OperatorKind
    public var inputs: [Int]
    public var output: Int
    public var words = OperatorWords()

    /// An operator.
    public init(
      _ name: String, _ kind: OperatorKind, _ inputs: [Int], output: Int,
      words: OperatorWords = OperatorWords()
    ) {
      (self.name, self.kind, self.inputs, self.output) = (name, kind, inputs, output)
      self.words = words
    }
  }

  public var tensors: [Tensor]
  public var operators: [Operator]
  public var inputs: [Int]
  public var outputs: [Int]
  /// Nil: what the tensors need.
  public var arenaByteCount: Int?
  /// Sections to follow the mandatory ones.
  public var extras: [(kind: SectionKind, bytes: [UInt8])] = []

  /// A model with these records.
  public init(tensors: [Tensor], operators: [Operator], inputs: [Int], outputs: [Int]) {
    (self.tensors, self.operators) = (tensors, operators)
    (self.inputs, self.outputs) = (inputs, outputs)
  }

  /// The bytes of the file.
  public var bytes: [UInt8] { ModelAssembler.assemble(sections) }

  /// The sections in the order in which the converter writes them.
  public var sections: [(kind: SectionKind, bytes: [UInt8])] {
    var text: [UInt8] = []
    var data: [UInt8] = []
    let tensors = tensors.flatMap { record(of: $0, &text, &data) }
    var operands: [Int] = []
    let operators = operators.flatMap { record(of: $0, &text, &operands) }
    let needed = self.tensors.map {
      $0.storage == .constant ? 0 : $0.offset + byteCount(of: $0)
    }
    var graph = Fields(byteCount: Layout.Graph.lists)
    graph.set(arenaByteCount ?? needed.max() ?? 0, at: Layout.Graph.arenaByteCount)
    graph.set(inputs.count, at: Layout.Graph.inputCount)
    graph.set(outputs.count, at: Layout.Graph.outputCount)
    return [
      (.graph, graph.bytes + (inputs + outputs).flatMap(fourBytes)), (.tensors, tensors),
      (.operators, operators), (.operands, operands.flatMap(fourBytes)), (.text, text),
      (.data, data),
    ] + extras
  }

  private func byteCount(of tensor: Tensor) -> Int {
    if let byteCount = tensor.byteCount { return byteCount }
    if tensor.storage == .constant { return tensor.constant.count }
    return tensor.shape.reduce(1, *) * tensor.elementType.byteCount
  }

  private func record(
    of tensor: Tensor, _ text: inout [UInt8], _ data: inout [UInt8]
  ) -> [UInt8] {
    var record = Fields(byteCount: Layout.Tensor.stride)
    record.set(text.count, at: Layout.Tensor.nameOffset)
    record.set(tensor.name.utf8.count, at: Layout.Tensor.nameByteCount, byteCount: 2)
    text += tensor.name.utf8
    record.bytes[Layout.Tensor.elementType] = tensor.elementType.rawValue
    record.bytes[Layout.Tensor.storage] = tensor.storage.rawValue
    record.bytes[Layout.Tensor.packing] = tensor.packing.rawValue
    record.bytes[Layout.Tensor.rank] = UInt8(tensor.shape.count)
    for (axis, dimension) in tensor.shape.enumerated() {
      record.set(dimension, at: Layout.Tensor.dimensions + 4 * axis)
    }
    record.set(Int(tensor.scale.bitPattern), at: Layout.Tensor.scale)
    record.set(Int(tensor.zeroPoint), at: Layout.Tensor.zeroPoint)
    var offset = tensor.offset
    if tensor.storage == .constant {
      data += Array(repeating: 0, count: -data.count & (Layout.alignment - 1))
      offset = data.count
      data += tensor.constant
    }
    record.set(offset, at: Layout.Tensor.offset)
    record.set(byteCount(of: tensor), at: Layout.Tensor.byteCount)
    record.set(tensor.steps.lowerBound, at: Layout.Tensor.firstStep)
    record.set(tensor.steps.upperBound, at: Layout.Tensor.lastStep)
    record.set(
      tensor.reference ?? Int(Layout.noReference), at: Layout.Tensor.reference)
    return record.bytes
  }

  private func record(
    of candidate: Operator, _ text: inout [UInt8], _ operands: inout [Int]
  ) -> [UInt8] {
    var record = Fields(byteCount: Layout.Operator.stride)
    record.set(Int(candidate.kind.rawValue), at: Layout.Operator.kind, byteCount: 2)
    record.set(candidate.inputs.count, at: Layout.Operator.inputCount, byteCount: 2)
    record.set(operands.count, at: Layout.Operator.firstOperand)
    operands += candidate.inputs
    record.set(candidate.output, at: Layout.Operator.output)
    record.set(text.count, at: Layout.Operator.nameOffset)
    record.set(candidate.name.utf8.count, at: Layout.Operator.nameByteCount, byteCount: 2)
    text += candidate.name.utf8
    for word in 0..<OperatorWords.count {
      record.set(Int(candidate.words[word]), at: Layout.Operator.words + 4 * word)
    }
    return record.bytes
  }
}

/// Bytes with little-endian numbers at given offsets; numbers are cut to the field.
public struct Fields {
  public var bytes: [UInt8]

  /// `byteCount` zero bytes.
  public init(byteCount: Int) { bytes = Array(repeating: 0, count: byteCount) }

  /// The given bytes.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Stores `value` in `byteCount` bytes from `offset`.
  public mutating func set(_ value: Int, at offset: Int, byteCount: Int = 4) {
    for index in 0..<byteCount {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
    }
  }

  /// The number in `byteCount` bytes from `offset`.
  public func value(at offset: Int, byteCount: Int = 4) -> Int {
    (0..<byteCount).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
  }
}

/// `value` in four bytes, the lowest first.
public func fourBytes(_ value: Int) -> [UInt8] {
  (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
