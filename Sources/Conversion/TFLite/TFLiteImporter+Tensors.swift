/// Tensors of the main subgraph, translated when an operator or the graph first refers to them.
extension TFLiteImporter {
  mutating func graphInput(
    _ index: Int32, in subgraph: TFLiteSubgraph
  ) throws(ConversionError) -> Int {
    let place = "graph inputs"
    let result = try graphTensor(Int(index), in: subgraph, place: place)
    guard defined.insert(Int(index)).inserted else {
      throw ConversionError(
        .malformed, place: place,
        what: "tensor '\(graph.tensors[result].name)' is a constant or is listed twice")
    }
    return result
  }

  func fileTensor(
    _ index: Int, in subgraph: TFLiteSubgraph, place: String
  ) throws(ConversionError) -> TFLiteTensor {
    guard subgraph.tensors.indices.contains(index) else {
      throw ConversionError(
        .malformed, place: place, what: "refers to tensor \(index) of \(subgraph.tensors.count)")
    }
    return subgraph.tensors[index]
  }

  /// Translates a main-subgraph tensor at its first use; later uses find it again.
  mutating func graphTensor(
    _ index: Int, in subgraph: TFLiteSubgraph, place: String
  ) throws(ConversionError) -> Int {
    if let known = tensorIndices[index] { return known }
    let stored = try fileTensor(index, in: subgraph, place: place)
    let tensor = try translate(stored, fileIndex: index, place: place)
    graph.tensors.append(tensor)
    tensorIndices[index] = graph.tensors.count - 1
    if tensor.constant != nil { defined.insert(index) }
    return graph.tensors.count - 1
  }

  /// A tensor in the graph's terms, with its contents where the file holds them.
  mutating func translate(
    _ stored: TFLiteTensor, fileIndex: Int, place: String
  ) throws(ConversionError) -> SourceTensor {
    let here = "\(place), tensor \(fileIndex) '\(stored.name)'"
    func refuse(_ what: String, _ hint: String) -> ConversionError {
      ConversionError(.unsupportedOption, place: here, what: what, hint: hint)
    }
    guard let type = stored.type.elementType else {
      if stored.type == .float16 {
        throw ConversionError(
          .notInt8, place: here, what: "is float16", hint: NotInt8Hint.float16)
      }
      throw refuse(
        "is \(stored.type.name), which is not supported",
        stored.type.isSubByte
          ? NotInt8Hint.int4
          : "supported: "
            + SourceElementType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard !stored.isSparse else {
      throw refuse("is stored sparse", "convert the model with dense weights")
    }
    guard !stored.isVariable else {
      throw refuse(
        "is a variable tensor of the old kind",
        "supported: state in resource variables (VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE)")
    }
    guard stored.externalBuffer == 0 else {
      throw refuse("has its contents in another file", "export the model as one file")
    }
    guard stored.quantization?.isCustom != true else {
      throw refuse("has a quantization other than scale and zero point", "use int8 quantization")
    }
    // The batch may be open; TensorFlow Lite then runs the 1 that `shape` states.
    guard stored.shapeSignature.dropFirst().allSatisfy({ $0 >= 0 }) else {
      throw refuse(
        "has a shape that is only known at run time, \(stored.shapeSignature)",
        "export the model with a fixed input shape")
    }
    let tensor = SourceTensor(
      fileIndex: fileIndex, name: stored.name, type: type, shape: stored.shape.map(Int.init),
      quantization: type.isQuantizable ? try quantization(stored, place: here) : nil,
      constant: try constant(stored, place: here))
    try graph.checkTensor(tensor)
    return tensor
  }

  private func quantization(
    _ stored: TFLiteTensor, place: String
  ) throws(ConversionError) -> SourceQuantization? {
    // Converters write empty parameters for tensors that are not quantized.
    guard let parameters = stored.quantization, !parameters.scales.isEmpty else { return nil }
    var zeroPoints: [Int32] = []
    for value in parameters.zeroPoints {
      guard let zeroPoint = Int32(exactly: value) else {
        throw ConversionError(.malformed, place: place, what: "has zero point \(value)")
      }
      zeroPoints.append(zeroPoint)
    }
    return SourceQuantization(
      scales: parameters.scales, zeroPoints: zeroPoints, axis: Int(parameters.axis))
  }

  func contents(
    of tensor: TFLiteTensor, place: String
  ) throws(ConversionError) -> Range<Int> {
    // Buffer 0 is the schema's empty one; some writers use any buffer without bytes.
    guard tensor.buffer != 0 else { return 0..<0 }
    guard tensor.buffer < model.buffers.count else {
      throw ConversionError(
        .malformed, place: place,
        what: "tensor '\(tensor.name)' refers to buffer \(tensor.buffer) of \(model.buffers.count)")
    }
    return model.buffers[Int(tensor.buffer)]
  }

  private mutating func constant(
    _ tensor: TFLiteTensor, place: String
  ) throws(ConversionError) -> [UInt8]? {
    let range = try contents(of: tensor, place: place)
    guard !range.isEmpty else { return nil }
    if let known = constants[range] { return known }
    // Buffers of an honest file do not overlap; copies of ones that do must not fill the memory.
    constantByteCount += range.count
    guard constantByteCount <= 2 * bytes.count else {
      throw ConversionError(
        .malformed, place: place, what: "the model's constants overlap each other in the file")
    }
    let contents = Array(bytes[range])
    constants[range] = contents
    return contents
  }
}
