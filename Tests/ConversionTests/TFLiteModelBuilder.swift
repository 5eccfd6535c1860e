/// Writes FlatBuffers for tests: parents before children, so that every offset is positive.
struct FlatBufferWriter {
  indirect enum Node: Sendable {
    case table([Int: Field])
    case tables([Node])
    case bytes([UInt8])
    case int32s([Int32])
    case int64s([Int64])
    case floats([Float])
    case text(String)
  }

  enum Field: Sendable {
    case int8(Int8)
    case int32(Int32)
    case uint64(UInt64)
    case float(Float)
    case node(Node)
  }

  private(set) var bytes: [UInt8]

  /// A file whose root is `root`, with a four-letter identifier.
  init(root: Node, identifier: String) {
    bytes = [0, 0, 0, 0] + Array(identifier.utf8)
    let position = write(root)
    patch(0, to: position)
  }

  private mutating func write(_ node: Node) -> Int {
    switch node {
    case .table(let fields): return writeTable(fields)
    case .tables(let nodes):
      let position = writeVector(count: nodes.count, Array(repeating: 0, count: 4 * nodes.count))
      for (index, node) in nodes.enumerated() {
        let target = write(node)
        patch(position + 4 + 4 * index, to: target)
      }
      return position
    case .bytes(let values): return writeVector(count: values.count, values)
    case .int32s(let values): return writeVector(count: values.count, values.flatMap(Self.bytes))
    case .int64s(let values): return writeVector(count: values.count, values.flatMap(Self.bytes))
    case .floats(let values):
      return writeVector(count: values.count, values.map(\.bitPattern).flatMap(Self.bytes))
    case .text(let text): return writeVector(count: text.utf8.count, Array(text.utf8) + [0])
    }
  }

  private mutating func writeTable(_ fields: [Int: Field]) -> Int {
    align()
    let slots = (fields.keys.max() ?? -1) + 1
    let vtable = bytes.count
    var offsets = Array(repeating: UInt16(0), count: slots)
    var inline: [UInt8] = []
    var references: [(offset: Int, node: Node)] = []
    for (slot, field) in fields.sorted(by: { $0.key < $1.key }) {
      while !inline.count.isMultiple(of: 4) { inline.append(0) }
      offsets[slot] = UInt16(4 + inline.count)
      switch field {
      case .int8(let value): inline += Self.bytes(value)
      case .int32(let value): inline += Self.bytes(value)
      case .uint64(let value): inline += Self.bytes(value)
      case .float(let value): inline += Self.bytes(value.bitPattern)
      case .node(let node):
        references.append((4 + inline.count, node))
        inline += [0, 0, 0, 0]
      }
    }
    bytes += Self.bytes(UInt16(4 + 2 * slots)) + Self.bytes(UInt16(4 + inline.count))
    bytes += offsets.flatMap(Self.bytes)
    align()
    let position = bytes.count
    bytes += Self.bytes(Int32(position - vtable)) + inline
    for reference in references {
      let target = write(reference.node)
      patch(position + reference.offset, to: target)
    }
    return position
  }

  private mutating func writeVector(count: Int, _ contents: [UInt8]) -> Int {
    align()
    let position = bytes.count
    bytes += Self.bytes(UInt32(count)) + contents
    return position
  }

  private mutating func align() {
    while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
  }

  private mutating func patch(_ position: Int, to target: Int) {
    bytes.replaceSubrange(position..<position + 4, with: Self.bytes(UInt32(target - position)))
  }

  static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

/// Builds small TensorFlow Lite files, field by field, right ones and wrong ones.
struct TFLiteModelBuilder {
  typealias Field = FlatBufferWriter.Field
  typealias Node = FlatBufferWriter.Node

  /// Element type codes of the schema.
  enum Code {
    static let float32: Int8 = 0
    static let float16: Int8 = 1
    static let int32: Int8 = 2
    static let uint8: Int8 = 3
    static let int64: Int8 = 4
    static let int16: Int8 = 7
    static let int8: Int8 = 9
    static let resource: Int8 = 13
    static let int4: Int8 = 17
  }

  struct Subgraph {
    var tensors: [Node] = []
    var operators: [Node] = []
    var inputs: [Int32] = []
    var outputs: [Int32] = []
  }

  var version: Int32 = 3
  var identifier = "TFL3"
  var main = Subgraph()
  var others: [Subgraph] = []
  var metadata: [String] = []
  private var buffers: [Node] = [.table([:])]
  private var codes: [(builtin: Int32, custom: String?)] = []

  /// Adds a tensor to the main subgraph and gives its index.
  mutating func tensor(
    _ name: String, _ shape: [Int32], type: Int8 = Code.int8, scales: [Float]? = [0.5],
    zeroPoints: [Int64]? = nil, axis: Int32 = 0, data: [UInt8]? = nil, signature: [Int32]? = nil,
    extra: [Int: Field] = [:], isPlain: Bool = false
  ) -> Int32 {
    let node = node(
      name, shape, type: type, scales: scales, zeroPoints: zeroPoints, axis: axis, data: data,
      signature: signature, extra: extra, isPlain: isPlain)
    main.tensors.append(node)
    return Int32(main.tensors.count - 1)
  }

  /// A tensor for any subgraph.
  mutating func node(
    _ name: String, _ shape: [Int32], type: Int8 = Code.int8, scales: [Float]? = [0.5],
    zeroPoints: [Int64]? = nil, axis: Int32 = 0, data: [UInt8]? = nil, signature: [Int32]? = nil,
    extra: [Int: Field] = [:], isPlain: Bool = false
  ) -> Node {
    var fields: [Int: Field] = [
      0: .node(.int32s(shape)), 1: .int8(type), 3: .node(.text(name)),
    ]
    if let data {
      buffers.append(.table([0: .node(.bytes(data))]))
      fields[2] = .int32(Int32(buffers.count - 1))
    }
    if let scales, !isPlain {
      fields[4] = .node(
        .table([
          2: .node(.floats(scales)),
          3: .node(.int64s(zeroPoints ?? scales.map { _ in 0 })), 6: .int32(axis),
        ]))
    }
    if let signature { fields[7] = .node(.int32s(signature)) }
    for (slot, field) in extra { fields[slot] = field }
    return .table(fields)
  }

  /// Adds a constant of int32, such as a shape or a list of axes.
  mutating func integers(_ name: String, _ values: [Int32], shape: [Int32]? = nil) -> Int32 {
    tensor(
      name, shape ?? [Int32(values.count)], type: Code.int32,
      data: values.flatMap(FlatBufferWriter.bytes), isPlain: true)
  }

  /// Adds a constant of int8 weights, all of one value.
  mutating func weights(
    _ name: String, _ shape: [Int32], scales: [Float] = [0.25], axis: Int32 = 0
  ) -> Int32 {
    let count = shape.reduce(1, *)
    return tensor(
      name, shape, scales: scales, axis: axis, data: Array(repeating: 3, count: Int(count)))
  }

  /// Adds a constant int32 bias.
  mutating func bias(_ name: String, _ count: Int32) -> Int32 {
    integers(name, Array(repeating: 7, count: Int(count)))
  }

  /// Adds an operator to the main subgraph.
  mutating func op(
    _ builtin: Int32, _ inputs: [Int32], _ outputs: [Int32], options: (UInt8, [Int: Field])? = nil,
    custom: String? = nil
  ) {
    let node = operatorNode(builtin, inputs, outputs, options: options, custom: custom)
    main.operators.append(node)
  }

  /// An operator for any subgraph.
  mutating func operatorNode(
    _ builtin: Int32, _ inputs: [Int32], _ outputs: [Int32], options: (UInt8, [Int: Field])? = nil,
    custom: String? = nil
  ) -> Node {
    codes.append((builtin, custom))
    var fields: [Int: Field] = [
      0: .int32(Int32(codes.count - 1)), 1: .node(.int32s(inputs)), 2: .node(.int32s(outputs)),
    ]
    if let (type, table) = options {
      fields[3] = .int8(Int8(bitPattern: type))
      fields[4] = .node(.table(table))
    }
    return .table(fields)
  }

  /// The file's bytes.
  func bytes() -> [UInt8] {
    let subgraphs = ([main] + others).map { subgraph in
      Node.table([
        0: .node(.tables(subgraph.tensors)), 1: .node(.int32s(subgraph.inputs)),
        2: .node(.int32s(subgraph.outputs)), 3: .node(.tables(subgraph.operators)),
      ])
    }
    let operatorCodes = codes.map { code in
      var fields: [Int: Field] = [
        0: .int8(Int8(min(code.builtin, 127))), 2: .int32(1), 3: .int32(code.builtin),
      ]
      if let custom = code.custom { fields[1] = .node(.text(custom)) }
      return Node.table(fields)
    }
    let root = Node.table([
      0: .int32(version), 1: .node(.tables(operatorCodes)), 2: .node(.tables(subgraphs)),
      3: .node(.text("made by a test")), 4: .node(.tables(buffers)),
      6: .node(.tables(metadata.map { .table([0: .node(.text($0))]) })),
    ])
    return FlatBufferWriter(root: root, identifier: identifier).bytes
  }
}
