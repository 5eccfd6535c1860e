extension TFLiteModel {
  /// Reads a file; slots are the field numbers of the TensorFlow Lite schema, version 3.
  init(reading bytes: [UInt8]) throws(TFLiteError) {
    var buffer = FlatBuffer(bytes)
    let root = try buffer.root(identifier: "TFL3")
    version = try buffer.integer(root, 0, "version", default: 0)
    guard version == 3 else {
      throw TFLiteError(
        position: root.position, path: "version", what: "schema version \(version) is not 3")
    }
    operatorCodes = []
    for table in try buffer.tables(root, 1, "operator_codes") {
      let old = try buffer.integer(table, 0, "deprecated_builtin_code", default: Int8(0))
      let new = try buffer.integer(table, 3, "builtin_code", default: Int32(0))
      operatorCodes.append(
        TFLiteOperatorCode(
          builtin: max(Int32(old), new), customCode: try buffer.string(table, 1, "custom_code")))
    }
    subgraphs = []
    for table in try buffer.tables(root, 2, "subgraphs") {
      subgraphs.append(try TFLiteSubgraph(reading: table, from: &buffer))
    }
    description = try buffer.string(root, 3, "description") ?? ""
    buffers = []
    for table in try buffer.tables(root, 4, "buffers") {
      buffers.append(try Self.contents(of: table, from: &buffer))
    }
    metadataNames = []
    for table in try buffer.tables(root, 6, "metadata") {
      metadataNames.append(try buffer.string(table, 0, "name") ?? "")
    }
  }

  /// Where a buffer's bytes are: in a vector, or behind the FlatBuffer in files above 2 GB.
  private static func contents(
    of table: FlatBuffer.Table, from buffer: inout FlatBuffer
  ) throws(TFLiteError) -> Range<Int> {
    let offset = try buffer.integer(table, 1, "offset", default: UInt64(0))
    let size = try buffer.integer(table, 2, "size", default: UInt64(0))
    // By the schema an offset of 1 is written first and patched later; both 0 and 1 mean "none".
    guard offset > 1 else {
      guard let data = try buffer.vector(table, 0, "data", elementByteCount: 1) else {
        return 0..<0
      }
      return data.position..<data.position + data.count
    }
    let byteCount = UInt64(buffer.bytes.count)
    guard offset <= byteCount, size <= byteCount - offset else {
      throw TFLiteError(
        position: table.position, path: table.path(of: "offset"),
        what: "\(size) bytes from \(offset) run past the end of the file")
    }
    return Int(offset)..<Int(offset + size)
  }
}

extension TFLiteSubgraph {
  fileprivate init(
    reading table: FlatBuffer.Table, from buffer: inout FlatBuffer
  ) throws(TFLiteError) {
    tensors = []
    for tensor in try buffer.tables(table, 0, "tensors") {
      tensors.append(try TFLiteTensor(reading: tensor, from: &buffer))
    }
    inputs = try buffer.integers(table, 1, "inputs", as: Int32.self)
    outputs = try buffer.integers(table, 2, "outputs", as: Int32.self)
    operators = []
    for op in try buffer.tables(table, 3, "operators") {
      operators.append(
        TFLiteOperator(
          code: try buffer.integer(op, 0, "opcode_index", default: 0),
          inputs: try buffer.integers(op, 1, "inputs", as: Int32.self),
          outputs: try buffer.integers(op, 2, "outputs", as: Int32.self),
          options: try buffer.options(of: op)))
    }
    name = try buffer.string(table, 4, "name") ?? ""
  }
}

extension TFLiteTensor {
  fileprivate init(
    reading table: FlatBuffer.Table, from buffer: inout FlatBuffer
  ) throws(TFLiteError) {
    shape = try buffer.integers(table, 0, "shape", as: Int32.self)
    type = TFLiteType(rawValue: try buffer.integer(table, 1, "type", default: 0))
    self.buffer = try buffer.integer(table, 2, "buffer", default: 0)
    name = try buffer.string(table, 3, "name") ?? ""
    quantization = nil
    if let parameters = try buffer.table(table, 4, "quantization") {
      let scales = try buffer.integers(parameters, 2, "scale", as: UInt32.self)
      quantization = TFLiteQuantization(
        scales: scales.map(Float.init(bitPattern:)),
        zeroPoints: try buffer.integers(parameters, 3, "zero_point", as: Int64.self),
        axis: try buffer.integer(parameters, 6, "quantized_dimension", default: 0),
        isCustom: try buffer.integer(parameters, 4, "details_type", default: UInt8(0)) != 0)
    }
    isVariable = try buffer.bool(table, 5, "is_variable")
    isSparse = try buffer.table(table, 6, "sparsity") != nil
    shapeSignature = try buffer.integers(table, 7, "shape_signature", as: Int32.self)
    externalBuffer = try buffer.integer(table, 10, "external_buffer", default: 0)
  }
}
