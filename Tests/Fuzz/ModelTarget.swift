import Conversion
import Inference
import ModelFormat

/// Larger arenas are not given: the engine then refuses for want of memory.
private let largestArena = 1 << 20

/// Multiplications and moves a model may ask for; beyond, its invocation is left out. The format
/// does not bound work: a pool over a large image is a valid model of few bytes.
private let largestWork = 4e6

/// Every byte string is a `ModelError`, or a model that runs inside its file and arena: both are
/// exactly as large as they should be, so that AddressSanitizer sees the first byte too far.
func fuzzModel(_ input: UnsafeRawBufferPointer, repairingChecks: Bool) {
  let bytes = repairingChecks ? ModelAssembler.withChecks(Array(input)) : Array(input)
  let file = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
  defer { file.deallocate() }
  file.copyBytes(from: bytes)
  do throws(ModelError) {
    try runModel(UnsafeRawBufferPointer(file))
  } catch {
    // A place inside the file, or just behind a file that is cut off.
    if error.offset < 0 || error.offset > bytes.count { report("place outside the file: \(error)") }
  }
}

private func runModel(_ file: UnsafeRawBufferPointer) throws(ModelError) {
  let model = try Model(file.bytes)
  readEverything(model)
  useFeaturesAndDrift(of: model)
  let size = model.arenaByteCount <= largestArena ? model.arenaByteCount : 0
  let withRoom = size == 0 ? 0 : Engine.memoryByteCount(for: model)
  let reference = try contentsAfterRuns(of: model, arenaByteCount: size, kernels: .portable)
  // Fast kernels, called with and without what the engine can prepare.
  for byteCount in [size, withRoom] {
    let contents = try contentsAfterRuns(
      of: model, arenaByteCount: byteCount, kernels: .detected())
    if contents != reference { report("kernels give different bytes") }
  }
}

/// Runs `model` a few times in memory of its own; returns what the arena and all outputs held.
private func contentsAfterRuns(
  of model: Model, arenaByteCount: Int, kernels: KernelSelection
) throws(ModelError) -> [UInt8] {
  let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: arenaByteCount, alignment: 16)
  defer { arena.deallocate() }
  arena.initializeMemory(as: UInt8.self, repeating: 0xA5)
  var engine = try Engine(model, arena: arena.mutableBytes, kernels: kernels)
  guard work(of: model) <= largestWork else { return [] }
  var contents: [UInt8] = []
  for round: UInt8 in 0..<2 {
    for index in 0..<model.inputCount {
      engine.withInput(index) { bytes in
        for offset in 0..<bytes.byteCount {
          let value = UInt8(truncatingIfNeeded: offset) &* 37 &+ round &* 101
          bytes.storeBytes(of: value, toByteOffset: offset, as: UInt8.self)
        }
      }
    }
    engine.invoke()
    for index in 0..<model.outputCount {
      engine.output(index).withUnsafeBytes { contents.append(contentsOf: $0) }
    }
  }
  for index in 0..<model.tensorCount {
    engine.tensor(index).withUnsafeBytes { contents.append(contentsOf: $0) }
  }
  engine.reset()
  return contents
}

/// Calls every accessor of a model with every valid index.
private func readEverything(_ model: borrowing Model) {
  for kind in SectionKind.allCases { consume(model.section(kind)) }
  for index in 0..<model.tensorCount {
    let tensor = model.tensor(index)
    consume(model.text(tensor.name))
    if tensor.storage == .constant { consume(model.constant(tensor)) }
  }
  for index in 0..<model.operatorCount {
    let record = model.operator(index)
    consume(model.text(record.name))
    for position in 0..<record.inputCount {
      if model.input(position, of: record) >= model.tensorCount { report("no such tensor") }
    }
  }
  for index in 0..<model.labelCount { consume(model.text(model.label(index))) }
  for index in 0..<model.goldenVectorCount {
    consume(model.goldenInput(index))
    consume(model.goldenOutput(index))
  }
  if let contract = model.contract {
    for index in 0..<contract.channelCount {
      consume(model.text(model.channel(index).name))
      consume(model.text(model.channel(index).unit))
    }
  }
}

/// Reads first and last byte, which AddressSanitizer checks.
private func consume(_ bytes: RawSpan) {
  bytes.withUnsafeBytes { bytes in
    guard let first = bytes.first, let last = bytes.last else { return }
    if Int(first) + Int(last) > 510 { report("unreachable, keeps the reads") }
  }
}

/// About how many elementary steps one invocation takes.
private func work(of model: borrowing Model) -> Double {
  var total = 0.0
  for index in 0..<model.operatorCount {
    let record = model.operator(index)
    let output = model.tensor(record.output)
    var elements = Double(output.shape.elementCount)
    for position in 0..<record.inputCount {
      let input = model.tensor(model.input(position, of: record))
      elements += input.storage == .constant ? 0 : Double(input.shape.elementCount)
    }
    let window = WindowParameters(words: record.words)
    switch record.kind {
    case .convolution2D, .depthwiseConvolution2D, .fullyConnected:
      let channels = output.shape[output.shape.rank - 1]
      let weights = model.tensor(model.input(1, of: record)).byteCount
      total += Double(output.shape.elementCount / channels) * Double(weights)
    case .averagePool2D, .maxPool2D:
      let input = model.tensor(model.input(0, of: record)).shape
      total +=
        Double(output.shape.elementCount) * Double(min(window.kernelHeight, input[1]))
        * Double(min(window.kernelWidth, input[2]))
    default: break
    }
    total += elements
  }
  return total
}
