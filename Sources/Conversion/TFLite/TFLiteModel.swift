/// The parts of a TensorFlow Lite file (schema version 3) that conversion looks at, as stored.
///
/// Indices are not checked against each other and numbers are not interpreted: that is the
/// importer's work. What is here has been read within bounds.
struct TFLiteModel {
  var version: UInt32
  var description: String
  var operatorCodes: [TFLiteOperatorCode]
  var subgraphs: [TFLiteSubgraph]
  /// Where each buffer's bytes are in the file; empty for tensors without contents.
  var buffers: [Range<Int>]
  var metadataNames: [String]
}

/// Which operator an index into the model's operator codes stands for.
struct TFLiteOperatorCode {
  /// The newer field, or the older 8-bit one where that is larger: files of every age have one.
  var builtin: Int32
  var customCode: String?
}

/// One graph of operators; the first is the model's main graph.
struct TFLiteSubgraph {
  var name: String
  var tensors: [TFLiteTensor]
  var operators: [TFLiteOperator]
  var inputs: [Int32]
  var outputs: [Int32]
}

/// A tensor as the file describes it.
struct TFLiteTensor {
  var name: String
  var type: TFLiteType
  var shape: [Int32]
  /// Like `shape`, with −1 for an extent that is only known at run time; empty where all are known.
  var shapeSignature: [Int32]
  var buffer: UInt32
  var quantization: TFLiteQuantization?
  var isVariable: Bool
  var isSparse: Bool
  var externalBuffer: UInt32
}

/// A tensor's quantization parameters as stored.
struct TFLiteQuantization {
  var scales: [Float]
  var zeroPoints: [Int64]
  var axis: Int32
  /// True where the parameters are of a kind other than scale and zero point.
  var isCustom: Bool
}

/// One operator and its operands; −1 stands for an optional operand that is absent.
struct TFLiteOperator {
  var code: UInt32
  var inputs: [Int32]
  var outputs: [Int32]
  var options: TFLiteOptions
}

/// An element type by its number in the schema.
struct TFLiteType: Equatable {
  var rawValue: Int8

  static let float16 = TFLiteType(rawValue: 1)
  static let resource = TFLiteType(rawValue: 13)

  /// The type as conversion knows it, or nil for one it has no use for.
  var elementType: SourceElementType? {
    switch rawValue {
    case 0: .float32
    case 2: .int32
    case 3: .uint8
    case 4: .int64
    case 6: .bool
    case 7: .int16
    case 9: .int8
    default: nil
    }
  }

  /// Narrower than a byte: int4, int2 or uint4.
  var isSubByte: Bool { (17...17).contains(rawValue) || (19...20).contains(rawValue) }

  /// The type's name for a message.
  var name: String {
    let names = [
      "float32", "float16", "int32", "uint8", "int64", "string", "bool", "int16", "complex64",
      "int8", "float64", "complex128", "uint64", "resource", "variant", "uint32", "uint16", "int4",
      "bfloat16", "int2", "uint4", "float8_e4m3fn", "float8_e5m2",
    ]
    let index = Int(rawValue)
    return names.indices.contains(index) ? names[index] : "type \(rawValue)"
  }
}
