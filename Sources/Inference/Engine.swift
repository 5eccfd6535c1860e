import ModelFormat

/// Runs a model in a piece of memory the caller gives.
///
/// Making an engine verifies the arena plan and every operator, once. After that nothing is
/// allocated, nothing recurses, nothing locks and nothing can fail: write the inputs, `invoke()`,
/// read the outputs.
///
///     let model = try Model(file.bytes)
///     var engine = try Engine(model, arena: memory.mutableBytes)
///     engine.withInput(0) { bytes in … }
///     engine.invoke()
///     let result = engine.output(0)
///
/// Inputs may be overwritten by an invocation: write all of them before each.
public struct Engine: ~Copyable, ~Escapable {
  /// The model this engine runs.
  public let model: Model
  /// The kernels it may use.
  public let kernels: KernelSelection
  private var arena: MutableRawSpan
  /// Where prepared calls start in the arena; nil where it has no room for them.
  private let preparedOffset: Int?
  /// The threads that share the work; nil where one does all of it.
  private var workers: Workers?

  /// The bytes an engine of `model` makes full use of: the arena, and behind it what is worked out
  /// once about every operator and every group of operators.
  ///
  /// With `model.arenaByteCount` alone an engine gives the same bytes, but prepares every call anew
  /// in each run, which reads the operator's channel table and on ARM its weights.
  public static func memoryByteCount(for model: Model) -> Int {
    preparedOffset(in: model) + model.operatorCount * Execution.callStride
      + model.bandGroupCount * PreparedGroup.stride
  }

  private static func preparedOffset(in model: Model) -> Int {
    (model.arenaByteCount + Layout.alignment - 1) / Layout.alignment * Layout.alignment
  }

  /// Verifies `model` and resets its streaming state; throws what is wrong with the model, or
  /// that `arena` has fewer bytes than `model.arenaByteCount` or starts at an address that is not
  /// a multiple of 16.
  ///
  /// The contents of the arena do not matter. All kernels write the same bytes, on any number of
  /// threads.
  ///
  /// - Parameter workers: Threads to share the work with, which live as long as the engine. They do
  ///   where the model is large enough and `arena` has ``memoryByteCount(for:)`` bytes.
  @_lifetime(copy model, copy arena)
  public init(
    _ model: Model, arena: consuming MutableRawSpan, kernels: KernelSelection = .detected(),
    workers: Workers? = nil
  ) throws(ModelError) {
    try ArenaVerifier(model).verify()
    for index in 0..<model.operatorCount {
      try OperatorVerifier(model, operator: index).verify()
    }
    guard arena.byteCount >= model.arenaByteCount else {
      throw ModelError(
        .arenaTooSmall, offset: 0, found: arena.byteCount, expected: model.arenaByteCount)
    }
    try Self.checkAlignment(of: model, &arena)
    let hasRoom = arena.byteCount >= Self.memoryByteCount(for: model)
    preparedOffset = hasRoom ? Self.preparedOffset(in: model) : nil
    self.model = model
    self.kernels = kernels
    self.arena = arena
    self.workers = workers
    prepare()
    reset()
  }

  /// Runs all operators on the inputs written before.
  public mutating func invoke() { execute(0..<model.operatorCount) }

  /// Runs operator `index` alone; the operators before it must have run.
  ///
  /// With ``tensor(_:)`` in between this shows every intermediate tensor that is stored. A group of
  /// operators that run in bands runs as a whole at its last operator; at the others nothing
  /// happens.
  public mutating func execute(_ index: Int) {
    precondition(index >= 0 && index < model.operatorCount, "the model has no such operator")
    execute(index..<index + 1)
  }

  private mutating func execute(_ range: Range<Int>) {
    let (model, kernels, preparedOffset) = (model, kernels, preparedOffset)
    let workers = workers
    unsafe arena.withUnsafeMutableBytes { memory in
      // A model without activations has an arena of no bytes, which nothing touches.
      guard let start = memory.baseAddress else { return }
      let execution = unsafe Execution(model, arena: start)
      guard let preparedOffset else {
        for index in range {
          if let group = model.bandGroup(containing: index) {
            if group.lastOperator == index { execution.run(group, kernels: kernels) }
          } else {
            execution.run(index, kernels: kernels)
          }
        }
        return
      }
      let prepared = unsafe start + preparedOffset
      let isDivided = unsafe range.count != 1 || execution.isDivided(range.lowerBound, prepared)
      if let workers, isDivided {
        unsafe execution.run(range, prepared: prepared, workers: workers)
      } else {
        for index in range { unsafe execution.run(index, prepared: prepared) }
      }
    }
  }

  /// The number of threads that run the model: 1 where it is not worth more.
  public var threadCount: Int { workers?.count ?? 1 }

  /// The kernel that runs operator `index`.
  public mutating func kernel(of index: Int) -> KernelVariant {
    let (model, kernels) = (model, kernels)
    return unsafe arena.withUnsafeMutableBytes { memory in
      guard let start = memory.baseAddress else { return .portable }
      return unsafe Execution(model, arena: start).kernel(of: index, kernels: kernels)
    }
  }

  /// Prepares the calls of all operators, where the arena has room for them, and decides whether
  /// threads share the work.
  private mutating func prepare() {
    guard let preparedOffset else {
      workers = nil
      return
    }
    let (model, kernels, offered) = (model, kernels, workers)
    let work = unsafe arena.withUnsafeMutableBytes { memory in
      guard let start = memory.baseAddress else { return 0 as Int64 }
      let execution = unsafe Execution(model, arena: start)
      return unsafe execution.prepareAll(
        kernels: kernels, workers: offered, at: start + preparedOffset)
    }
    if let offered, offered.count == 1 || work < Int64(offered.leastModelWork) { workers = nil }
  }

  /// Puts every streaming state back to its initial value.
  public mutating func reset() {
    let model = model
    for index in 0..<model.tensorCount {
      let state = model.tensor(index)
      guard state.storage == .state else { continue }
      let fill = UInt8(truncatingIfNeeded: state.zeroPoint)
      for offset in 0..<state.byteCount {
        var byte = fill
        if let reference = state.reference {
          let initial = model.constant(model.tensor(reference))
          byte = unsafe initial.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
        }
        arena.storeBytes(of: byte, toByteOffset: state.offset + offset, as: UInt8.self)
      }
    }
  }

  /// Gives `body` the bytes of graph input `index` to write.
  public mutating func withInput<Result>(
    _ index: Int, _ body: (inout MutableRawSpan) -> Result
  ) -> Result {
    var memory = arena._mutatingExtracting(model.place(ofTensor: model.input(index)))
    return body(&memory)
  }

  /// The bytes of graph output `index`, valid until the next invocation.
  @_lifetime(borrow self)
  public func output(_ index: Int) -> RawSpan {
    let position = model.output(index)
    return unsafe _overrideLifetime(tensor(position), borrowing: self)
  }

  /// The bytes of tensor `index`: of an activation, what was last written to its memory, which
  /// other tensors use before and after its live range. None of a tensor inside a group
  /// (`TensorStorage.band`): it is never stored whole.
  @_lifetime(borrow self)
  public func tensor(_ index: Int) -> RawSpan {
    let tensor = model.tensor(index)
    guard tensor.storage != .constant else {
      // The file outlives the engine.
      return unsafe _overrideLifetime(model.constant(tensor), borrowing: self)
    }
    let bytes = arena.bytes
    let count = tensor.storage == .band ? 0 : tensor.byteCount
    return unsafe _overrideLifetime(
      bytes.extracting(tensor.offset..<(tensor.offset + count)), borrowing: self)
  }

  /// Elements of four and eight bytes are read in place, from the file and from the arena.
  private static func checkAlignment(
    of model: Model, _ arena: inout MutableRawSpan
  ) throws(ModelError) {
    let alignment = UInt(Layout.arenaAlignment)
    let arenaAddress = unsafe arena.withUnsafeMutableBytes { UInt(bitPattern: $0.baseAddress) }
    guard arenaAddress % alignment == 0 else {
      throw ModelError(.arenaAddressMisaligned, offset: 0, found: Int(arenaAddress % alignment))
    }
    let modelAddress = unsafe model.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    guard modelAddress % alignment == 0 else {
      throw ModelError(.modelAddressMisaligned, offset: 0, found: Int(modelAddress % alignment))
    }
  }
}
