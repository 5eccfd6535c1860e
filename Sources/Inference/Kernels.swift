import CKernels
import ModelFormat

// The one place that turns the operators of a model into calls of the C kernels.

/// What is worked out once about an operator.
@safe
struct PreparedCall {
  /// The call of its kernel; without a function where the reference kernel must run.
  var call: swl_any_call
  let kind: OperatorKind
  let division: Division
  /// The group that the operator runs in; below zero where it runs alone.
  let group: Int32
  /// Whether the operator is the last of its group.
  let endsGroup: Bool
}

extension Execution {
  /// The bytes a prepared call takes, rounded up so that the next one is aligned as well.
  static var callStride: Int { (MemoryLayout<PreparedCall>.size + 63) / 64 * 64 }

  /// The call prepared for operator `index`.
  @inline(__always)
  static func preparedCall(
    _ index: Int, _ calls: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<PreparedCall> {
    unsafe (calls + index * callStride).assumingMemoryBound(to: PreparedCall.self)
  }

  /// Prepares the calls of all operators in the memory at `calls`; returns the work of those that
  /// can be divided among `workers`.
  func prepareAll(
    kernels: KernelSelection, workers: Workers?, at calls: UnsafeMutableRawPointer
  ) -> Int64 {
    var divisibleWork: Int64 = 0
    for index in 0..<model.operatorCount {
      var division = Division.none
      let position = model.indexOfBandGroup(containing: index)
      let group = position.map { model.bandGroup($0) }
      let endsGroup = group?.lastOperator == index
      if let workers, group == nil || endsGroup {
        let leastWork = workers.leastOperatorWork
        division =
          group.map { self.division(of: $0, leastWork: leastWork) }
          ?? self.division(of: index, leastWork: leastWork)
      }
      if division.count > 1 {
        for member in group?.operators ?? index..<index + 1 { divisibleWork += work(of: member) }
      }
      let kind = model.operator(index).kind
      let prepared = unsafe (calls + index * Self.callStride).initializeMemory(
        as: PreparedCall.self,
        to: PreparedCall(
          call: swl_any_call(), kind: kind, division: division, group: Int32(position ?? -1),
          endsGroup: endsGroup))
      unsafe prepare(index, kernels: kernels, into: &prepared.pointee.call)
      if unsafe prepared.pointee.call.header.run != nil {
        // The call comes first in what is prepared.
        unsafe swl_refine(UnsafeMutableRawPointer(prepared).assumingMemoryBound(to: swl_call.self))
      }
    }
    for index in 0..<model.bandGroupCount {
      let place = unsafe preparedGroup(index, behind: calls)
      unsafe place.initialize(to: PreparedGroup(model.bandGroup(index), of: self))
    }
    return divisibleWork
  }

  /// Runs operator `index` with the call prepared for it.
  @inline(__always)
  func run(_ index: Int, prepared calls: UnsafeMutableRawPointer) {
    // The calls hold addresses inside the arena, which stays where it is as long as the engine.
    let prepared = unsafe Self.preparedCall(index, calls)
    if unsafe prepared.pointee.group >= 0 {
      if unsafe prepared.pointee.endsGroup {
        unsafe runGroup(Int(prepared.pointee.group), prepared: calls)
      }
      return
    }
    let call = unsafe UnsafeRawPointer(prepared).assumingMemoryBound(to: swl_call.self)
    guard unsafe call.pointee.run != nil else { return run(index) }
    unsafe swl_run(call)
  }

  /// Prepares operator `index` and runs it.
  func run(_ index: Int, kernels: KernelSelection) {
    var call = unsafe swl_any_call()
    unsafe prepare(index, kernels: kernels, into: &call)
    guard unsafe call.header.run != nil else { return run(index) }
    // Not `&call.header`: a member of a C union is copied when its address is taken, and a kernel
    // reads the whole call.
    unsafe withUnsafeMutableBytes(of: &call) { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe swl_run(start.assumingMemoryBound(to: swl_call.self))
    }
  }

  /// The kernel that ``run(_:kernels:)`` takes.
  func kernel(of index: Int, kernels: KernelSelection) -> KernelVariant {
    var call = unsafe swl_any_call()
    unsafe prepare(index, kernels: kernels, into: &call)
    return unsafe KernelVariant(swl_variant_of(&call.header))
  }

  /// Prepares the call of operator `index` and picks its kernel. The call's function is nil where
  /// the reference kernel must run.
  func prepare(
    _ index: Int, kernels: KernelSelection, into call: UnsafeMutablePointer<swl_any_call>
  ) {
    unsafe call.pointee.header.run = nil
    guard kernels != .portable else { return }
    let record = model.operator(index)
    let isa = kernels.instructionSets
    switch record.kind {
    case .convolution2D:
      unsafe call.pointee.convolution = convolutionCall(record)
      _ = unsafe swl_prepare_convolution(&call.pointee.convolution, isa)
    case .depthwiseConvolution2D:
      unsafe call.pointee.convolution = convolutionCall(record)
      _ = unsafe swl_prepare_depthwise(&call.pointee.convolution, isa)
    case .fullyConnected:
      unsafe call.pointee.fully_connected = fullyConnectedCall(record)
      _ = unsafe swl_prepare_fully_connected(&call.pointee.fully_connected, isa)
    case .add, .subtract:
      guard let sum = unsafe elementwiseCall(record) else { return }
      unsafe call.pointee.elementwise = sum
      _ = unsafe swl_prepare_sum(&call.pointee.elementwise, isa)
    case .multiply:
      guard let product = unsafe elementwiseCall(record) else { return }
      unsafe call.pointee.elementwise = product
      _ = unsafe swl_prepare_product(&call.pointee.elementwise, isa)
    case .lookup:
      unsafe call.pointee.lookup = lookupCall(record)
      _ = unsafe swl_prepare_lookup(&call.pointee.lookup, isa)
    case .averagePool2D:
      unsafe call.pointee.pool = poolCall(record)
      _ = unsafe swl_prepare_average_pool(&call.pointee.pool, isa)
    case .maxPool2D:
      unsafe call.pointee.pool = poolCall(record)
      _ = unsafe swl_prepare_max_pool(&call.pointee.pool, isa)
    case .mean:
      guard let mean = unsafe meanCall(record) else { return }
      unsafe call.pointee.mean = mean
      _ = unsafe swl_prepare_mean(&call.pointee.mean, isa)
    case .maximum, .minimum, .copy, .transpose, .pad, .concatenation, .slice, .softmax, .quantize,
      .dequantize, .argMax:
      return
    }
  }

  private func convolutionCall(_ record: OperatorRecord) -> swl_convolution {
    let (input, output) = (tensor(record, 0), model.tensor(record.output))
    let window = WindowParameters(words: record.words)
    return unsafe swl_convolution(
      header: swl_call(), window: swl_window(window, input.shape, output.shape),
      activation: swl_activation(input, output, window.activation),
      input: pointer(input), weights: pointer(tensor(record, 1)),
      channels: pointer(tensor(record, 2)), output: mutablePointer(output), derived: swl_derived())
  }

  private func poolCall(_ record: OperatorRecord) -> swl_pool {
    let (input, output) = (tensor(record, 0), model.tensor(record.output))
    let window = WindowParameters(words: record.words)
    return unsafe swl_pool(
      header: swl_call(), window: swl_window(window, input.shape, output.shape),
      activation: swl_activation(input, output, window.activation),
      input: pointer(input), output: mutablePointer(output))
  }

  private func fullyConnectedCall(_ record: OperatorRecord) -> swl_fully_connected {
    let (input, output) = (tensor(record, 0), model.tensor(record.output))
    let channels = output.shape[output.shape.rank - 1]
    let rows = output.shape.elementCount / channels
    let parameters = FullyConnectedParameters(words: record.words)
    return unsafe swl_fully_connected(
      header: swl_call(), rows: Int32(rows), depth: Int32(input.shape.elementCount / rows),
      output_depth: Int32(channels),
      activation: swl_activation(input, output, parameters.activation),
      input: pointer(input), weights: pointer(tensor(record, 1)),
      channels: pointer(tensor(record, 2)), output: mutablePointer(output), derived: swl_derived())
  }

  /// Nil where an operand is broadcast in another way than from a single element.
  private func elementwiseCall(_ record: OperatorRecord) -> swl_elementwise? {
    let output = model.tensor(record.output)
    let (first, second) = (tensor(record, 0), tensor(record, 1))
    let parameters = ElementwiseParameters(words: record.words)
    let count = output.shape.elementCount
    let (firstCount, secondCount) = (first.shape.elementCount, second.shape.elementCount)
    guard firstCount == count || firstCount == 1, secondCount == count || secondCount == 1
    else { return nil }
    let pairing = swl_pairing(
      count: Int32(count), first_is_single: firstCount != count,
      second_is_single: secondCount != count, is_difference: record.kind == .subtract,
      first_zero_point: first.zeroPoint, second_zero_point: second.zeroPoint,
      output_zero_point: output.zeroPoint, left_shift: Int32(parameters.leftShift),
      first: swl_multiplier(parameters.first), second: swl_multiplier(parameters.second),
      result: swl_multiplier(parameters.output),
      minimum: parameters.activation.minimum, maximum: parameters.activation.maximum,
      linear: swl_linear())
    return unsafe swl_elementwise(
      header: swl_call(), pairing: pairing, first: pointer(first), second: pointer(second),
      output: mutablePointer(output))
  }

  private func lookupCall(_ record: OperatorRecord) -> swl_lookup {
    let output = model.tensor(record.output)
    return unsafe swl_lookup(
      header: swl_call(), count: Int32(output.shape.elementCount),
      input: pointer(tensor(record, 0)), table: pointer(tensor(record, 1)),
      output: mutablePointer(output))
  }

  /// Nil where the axes averaged over are not neighbours.
  private func meanCall(_ record: OperatorRecord) -> swl_mean? {
    let (input, output) = (tensor(record, 0), model.tensor(record.output))
    let parameters = MeanParameters(words: record.words)
    var (outer, count, inner) = (1, 1, 1)
    for axis in 0..<input.shape.rank {
      let size = input.shape[axis]
      if parameters.axes >> UInt32(axis) & 1 == 1 {
        guard inner == 1 else { return nil }
        count *= size
      } else if parameters.axes & ((1 << UInt32(axis)) - 1) == 0 {
        outer *= size
      } else {
        inner *= size
      }
    }
    return unsafe swl_mean(
      header: swl_call(), outer: Int32(outer), count: Int32(count), inner: Int32(inner),
      input_zero_point: input.zeroPoint, output_zero_point: output.zeroPoint,
      multiplier: swl_multiplier(parameters.multiplier),
      input: pointer(input), output: mutablePointer(output))
  }

  private func tensor(_ record: OperatorRecord, _ position: Int) -> TensorRecord {
    model.tensor(model.input(position, of: record))
  }

  private func pointer<Element: BitwiseCopyable>(_ tensor: TensorRecord) -> UnsafePointer<Element> {
    unsafe address(of: tensor).assumingMemoryBound(to: Element.self)
  }

  private func mutablePointer<Element: BitwiseCopyable>(
    _ tensor: TensorRecord
  ) -> UnsafeMutablePointer<Element> {
    unsafe (arena + tensor.offset).assumingMemoryBound(to: Element.self)
  }
}

extension swl_window {
  fileprivate init(_ window: WindowParameters, _ input: Shape, _ output: Shape) {
    self.init(
      batches: Int32(input[0]),
      input_height: Int32(input[1]), input_width: Int32(input[2]), input_depth: Int32(input[3]),
      output_height: Int32(output[1]), output_width: Int32(output[2]),
      output_depth: Int32(output[3]),
      kernel_height: Int32(window.kernelHeight), kernel_width: Int32(window.kernelWidth),
      stride_height: Int32(window.strideHeight), stride_width: Int32(window.strideWidth),
      dilation_height: Int32(window.dilationHeight), dilation_width: Int32(window.dilationWidth),
      padding_top: Int32(window.paddingTop), padding_left: Int32(window.paddingLeft),
      group_depth: Int32(window.groupDepth), depth_multiplier: Int32(window.depthMultiplier))
  }
}

extension swl_activation {
  fileprivate init(_ input: TensorRecord, _ output: TensorRecord, _ range: ActivationRange) {
    self.init(
      input_zero_point: input.zeroPoint, output_zero_point: output.zeroPoint,
      minimum: range.minimum, maximum: range.maximum)
  }
}

extension swl_multiplier {
  fileprivate init(_ words: MultiplierWords) {
    self.init(significand: words.significand, shift: words.shift)
  }
}
