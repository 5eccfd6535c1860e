import ModelFormat

/// A graph of engine operators before memory is planned: what lowering makes, what the passes
/// improve and what the writer stores.
struct DeviceGraph {
  var tensors: [DeviceTensor] = []
  /// In execution order.
  var operators: [DeviceOperator] = []
  /// Tensor indices of the graph's inputs.
  var inputs: [Int] = []
  /// Tensor indices of the graph's outputs.
  var outputs: [Int] = []

  /// Adds a tensor and returns its index.
  mutating func add(_ tensor: DeviceTensor) -> Int {
    tensors.append(tensor)
    return tensors.count - 1
  }

  /// The tensor whose memory `index` uses: itself, or the base of a view.
  func root(_ index: Int) -> Int {
    if case .view(let base, _) = tensors[index].storage { return base }
    return index
  }

  /// Whether `index` lives in the arena from one invocation to the next.
  func isState(_ index: Int) -> Bool {
    if case .state = tensors[index].storage { return true }
    return false
  }

  /// Whether `index` has memory of its own in the arena for a part of an invocation.
  func isActivation(_ index: Int) -> Bool {
    if case .activation = tensors[index].storage { return true }
    return false
  }
}

/// A tensor of a ``DeviceGraph``.
struct DeviceTensor {
  var name: String
  var elementType: ElementType
  var shape: [Int]
  var scale: Float = 0
  var zeroPoint: Int32 = 0
  var storage: Storage = .activation

  /// Where the elements will be.
  enum Storage {
    /// In the arena while the tensor lives.
    case activation
    /// In the file, ordered as the packing says.
    case constant(bytes: [UInt8], packing: TensorPacking)
    /// In the arena for good, first filled with the constant tensor `initial`, or with the zero
    /// point.
    case state(initial: Int?)
    /// `byteOffset` bytes into the memory of `base`, which is an activation or a state.
    case view(base: Int, byteOffset: Int)
  }

  var elementCount: Int { shape.reduce(1, *) }

  /// The size in the arena or, for a constant, in the file.
  var byteCount: Int {
    if case .constant(let bytes, _) = storage { return bytes.count }
    return elementCount * elementType.byteCount
  }
}

/// An operator of a ``DeviceGraph``.
struct DeviceOperator {
  var kind: OperatorKind
  var inputs: [Int]
  var output: Int
  var words = OperatorWords()
  /// The layer's name in the source model.
  var name: String
  /// The operator's index in the source model.
  var sourceIndex: Int
}
