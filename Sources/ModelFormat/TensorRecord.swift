/// Where the elements of a tensor are.
public enum TensorStorage: UInt8, Sendable {
  /// In the arena, while the tensor lives.
  case arena = 0
  /// In the model file.
  case constant = 1
  /// In the arena, from one invocation to the next.
  case state = 2
  /// In the memory of another tensor, the base, with another shape.
  case view = 3
  /// In the arena, as many rows as a band needs, while its group runs.
  case band = 4
}

/// How the elements of a constant are ordered.
public enum TensorPacking: UInt8, Sendable {
  /// Row-major, as every tensor in the arena.
  case rowMajor = 0
  /// See ``ConvolutionWeightLayout``.
  case convolutionWeights = 1
  /// See ``DepthwiseWeightLayout``.
  case depthwiseWeights = 2
  /// See ``ChannelTableLayout``.
  case channelTable = 3
}

/// A piece of the text section.
public struct TextReference: Sendable, Equatable {
  /// First byte, from the start of the text section.
  public let offset: Int
  /// Length in bytes of UTF-8.
  public let byteCount: Int

  /// The piece of `byteCount` bytes at `offset`.
  public init(offset: Int, byteCount: Int) {
    self.offset = offset
    self.byteCount = byteCount
  }
}

/// A tensor of a model, as read from its record.
public struct TensorRecord: Sendable {
  /// The tensor's name in the source model.
  public var name: TextReference
  /// The type of the elements.
  public var elementType: ElementType
  /// Where the elements are.
  public var storage: TensorStorage
  /// How a constant is ordered.
  public var packing: TensorPacking
  /// The logical dimensions.
  public var shape: Shape
  /// The real value of one quantization step; 0 where the elements are not quantized.
  public var scale: Float
  /// The quantized value of real zero; 0 where the elements are not quantized.
  public var zeroPoint: Int32
  /// The first byte: in the arena, or for a constant in the data section.
  public var offset: Int
  /// The size in bytes, packing included.
  public var byteCount: Int
  /// The step that writes it. In step 0 the caller writes the graph inputs, in step `k + 1`
  /// operator `k` runs, and in step `operatorCount + 1` the caller reads the graph outputs.
  public var firstStep: Int
  /// The last step that reads it.
  public var lastStep: Int
  /// View: the base tensor. State: the constant it starts with. Otherwise nil.
  public var reference: Int?
}

/// An operator of a model, as read from its record.
public struct OperatorRecord: Sendable {
  /// What it computes.
  public var kind: OperatorKind
  /// The number of inputs.
  public var inputCount: Int
  /// The place of its first input in the operand section.
  public var firstOperand: Int
  /// The tensor it writes.
  public var output: Int
  /// The index of the operator in the source model it comes from.
  public var sourceIndex: Int
  /// The name of the source model's layer.
  public var name: TextReference
  /// Parameters, named by one structure for each kind (``WindowParameters`` and so on).
  public var words: OperatorWords
}
