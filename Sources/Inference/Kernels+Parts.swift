import CKernels
import ModelFormat

// Prepared calls restricted to a part of their operator: other addresses, fewer rows, another padding
// above. What preparing found out holds for the parts as well, because the weights are the same.

extension Execution {
  /// Runs the part of operator `index` with a copy of the call prepared for the whole.
  ///
  /// The copy is on the stack, so that several threads may run parts of one operator at once.
  @inline(__always)
  func runPart(of index: Int, _ kind: OperatorKind, prepared whole: UnsafePointer<swl_any_call>) {
    guard let part, unsafe whole.pointee.header.run != nil else { return run(index) }
    unsafe part.run(kind, prepared: whole)
  }

  /// Prepares operator `index` and runs the part of it.
  func runPart(of index: Int, kernels: KernelSelection) {
    var call = unsafe swl_any_call()
    unsafe prepare(index, kernels: kernels, into: &call)
    unsafe runPart(of: index, model.operator(index).kind, prepared: &call)
  }
}

extension OperatorPart {
  /// Runs the part of an operator of kind `kind` with a copy of the call prepared for the whole, which
  /// has a function.
  @inline(__always)
  func run(_ kind: OperatorKind, prepared whole: UnsafePointer<swl_any_call>) {
    var call = unsafe whole.pointee
    unsafe withUnsafeMutableBytes(of: &call) { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe restrict(start, kind)
      unsafe swl_run(start.assumingMemoryBound(to: swl_call.self))
    }
  }

  /// Restricts the call at `call`, prepared for an operator of kind `kind`.
  fileprivate func restrict(_ call: UnsafeMutableRawPointer, _ kind: OperatorKind) {
    switch kind {
    case .convolution2D, .depthwiseConvolution2D:
      unsafe restrict(&call.assumingMemoryBound(to: swl_convolution.self).pointee)
    case .averagePool2D, .maxPool2D:
      unsafe restrict(&call.assumingMemoryBound(to: swl_pool.self).pointee)
    case .fullyConnected:
      unsafe restrict(&call.assumingMemoryBound(to: swl_fully_connected.self).pointee)
    case .add, .subtract, .multiply:
      unsafe restrict(&call.assumingMemoryBound(to: swl_elementwise.self).pointee)
    case .lookup:
      unsafe restrict(&call.assumingMemoryBound(to: swl_lookup.self).pointee)
    default:
      preconditionFailure("no other operator has both kernels and parts")
    }
  }

  private func restrict(_ call: inout swl_convolution) {
    let rows = unsafe restrict(&call.window)
    let units = unsafe (
      input: rowByteCount(ofInput: call.window), output: rowByteCount(call.window)
    )
    unsafe call.input = moved(call.input, rows.lowerBound, units.input, first)
    unsafe call.output = moved(call.output, units.output)
  }

  private func restrict(_ call: inout swl_pool) {
    let rows = unsafe restrict(&call.window)
    let units = unsafe (
      input: rowByteCount(ofInput: call.window), output: rowByteCount(call.window)
    )
    unsafe call.input = moved(call.input, rows.lowerBound, units.input, first)
    unsafe call.output = moved(call.output, units.output)
  }

  /// Restricts a window; returns the rows of the input that it needs.
  private func restrict(_ window: inout swl_window) -> Range<Int> {
    if unit == .pixel {
      // A column of pixels, each a row.
      (window.batches, window.input_width, window.output_width) = (1, 1, 1)
      (window.input_height, window.output_height) = (Int32(range.count), Int32(range.count))
      return range
    }
    let extent = (Int(window.kernel_height) - 1) * Int(window.dilation_height) + 1
    let rows = WindowRows(
      range, extent: extent, stride: Int(window.stride_height), padding: Int(window.padding_top),
      inputHeight: Int(window.input_height))
    window.input_height = Int32(rows.input.count)
    window.output_height = Int32(range.count)
    window.padding_top = Int32(rows.paddingTop)
    return rows.input
  }

  private func rowByteCount(ofInput window: swl_window) -> Int {
    Int(window.input_width) * Int(window.input_depth)
  }

  private func rowByteCount(_ window: swl_window) -> Int {
    Int(window.output_width) * Int(window.output_depth)
  }

  private func restrict(_ call: inout swl_fully_connected) {
    // Blocks of sixteen channels lie one behind the other in weights, table and output.
    let block = range.lowerBound
    let groups =
      unsafe (Int(call.depth) + PackedLayout.inputsPerGroup - 1) / PackedLayout.inputsPerGroup
    unsafe call.weights += block * groups * 64
    unsafe call.channels += block * 64
    unsafe call.output = moved(call.output, PackedLayout.channelsPerBlock)
    let end = unsafe min(Int(call.output_depth), range.upperBound * PackedLayout.channelsPerBlock)
    unsafe call.output_depth = Int32(end - block * PackedLayout.channelsPerBlock)
    // Bit b of each word is about block b, and blocks past the last bit count as heavy.
    let (light0, light1, light2) = unsafe call.derived.light_blocks
    unsafe call.derived.light_blocks = (light0 >> block, light1 >> block, light2 >> block)
  }

  private func restrict(_ call: inout swl_elementwise) {
    let length = unsafe Int(call.pairing.count) / count
    unsafe call.pairing.count = Int32(range.count * length)
    if unsafe !call.pairing.first_is_single {
      unsafe call.first = moved(call.first, range.lowerBound, length, first)
    }
    if unsafe !call.pairing.second_is_single {
      unsafe call.second = moved(call.second, range.lowerBound, length, second)
    }
    unsafe call.output = moved(call.output, length)
  }

  private func restrict(_ call: inout swl_lookup) {
    let length = unsafe Int(call.count) / count
    unsafe call.count = Int32(range.count * length)
    unsafe call.input = moved(call.input, range.lowerBound, length, first)
    unsafe call.output = moved(call.output, length)
  }

  @inline(__always)
  private func moved<Element>(
    _ planned: UnsafePointer<Element>, _ unit: Int, _ unitByteCount: Int, _ place: Place?
  ) -> UnsafePointer<Element> {
    let address = unsafe Self.address(
      of: unit, unitByteCount: unitByteCount, planned: planned, place)
    return unsafe UnsafePointer(address.assumingMemoryBound(to: Element.self))
  }

  @inline(__always)
  private func moved<Element>(
    _ planned: UnsafeMutablePointer<Element>, _ unitByteCount: Int
  ) -> UnsafeMutablePointer<Element> {
    let address = unsafe Self.address(
      of: range.lowerBound, unitByteCount: unitByteCount, planned: planned, output)
    return unsafe address.assumingMemoryBound(to: Element.self)
  }
}
