import CKernels
import ModelFormat

/// How an operator is divided among threads.
struct Division {
  let unit: OperatorPart.Unit
  /// Units of the whole output; 1 where one thread runs all of it.
  let count: Int32

  /// An operator that is not divided.
  static let none = Division(unit: .row, count: 1)

  /// The units of thread `worker` of `workers`: as many as the others', or one fewer.
  func share(of worker: Int, among workers: Int) -> Range<Int> {
    let count = Int64(count)
    let ends = (
      count * Int64(worker) / Int64(workers), count * Int64(worker + 1) / Int64(workers)
    )
    return Int(ends.0)..<Int(ends.1)
  }
}

extension Execution {
  /// The finest division of operator `index` that is worth it.
  func division(of index: Int, leastWork: Int) -> Division {
    guard work(of: index) >= Int64(leastWork) else { return .none }
    if let count = unitCount(of: index, .block) {
      return Division(unit: .block, count: Int32(count))
    }
    if let count = unitCount(of: index, .pixel) {
      return Division(unit: .pixel, count: Int32(count))
    }
    if let count = unitCount(of: index, .row) { return Division(unit: .row, count: Int32(count)) }
    return .none
  }

  /// How long an operator takes, in multiplications of a convolution.
  func work(of index: Int) -> Int64 {
    let record = model.operator(index)
    let output = Int64(model.tensor(record.output).shape.elementCount)
    let products = model.multiplyAccumulateCount(ofOperator: index)
    switch record.kind {
    case .convolution2D, .fullyConnected: return products
    // Both as the kernels have been measured: a product of a depthwise convolution takes four times
    // as long, an element of the others as long as eight products.
    case .depthwiseConvolution2D: return 4 * products
    case .averagePool2D, .maxPool2D:
      let window = WindowParameters(words: record.words)
      return 4 * output * Int64(window.kernelHeight) * Int64(window.kernelWidth)
    default: return 8 * output
    }
  }

  /// Whether more threads than one run operator `index`.
  func isDivided(_ index: Int, _ prepared: UnsafeMutableRawPointer) -> Bool {
    unsafe Self.preparedCall(index, prepared).pointee.division.count > 1
  }

  /// Runs operators `range` in all threads of `workers`.
  func run(_ range: Range<Int>, prepared: UnsafeMutableRawPointer, workers: Workers) {
    unsafe model.bytes.withUnsafeBytes { bytes in
      guard let file = bytes.baseAddress else { return }
      var run = unsafe TeamRun(
        range: range, file: file, fileByteCount: bytes.count, findings: model.findings,
        arena: arena, prepared: prepared, workers: workers)
      unsafe withUnsafeMutablePointer(to: &run) { run in
        unsafe workers.run(
          { argument, worker in
            unsafe argument.assumingMemoryBound(to: TeamRun.self).pointee.run(as: Int(worker))
          }, UnsafeMutableRawPointer(run))
      }
    }
  }
}

/// One run of some operators, as all threads see it: nothing of it changes.
@safe
private struct TeamRun {
  let range: Range<Int>
  let file: UnsafeRawPointer
  let fileByteCount: Int
  let findings: Model.Findings
  let arena: UnsafeMutableRawPointer
  let prepared: UnsafeMutableRawPointer
  let workers: Workers

  /// The share of thread `worker`; thread 0 runs what is not divided as well.
  func run(as worker: Int) {
    // The bytes whose model was checked.
    let bytes = unsafe RawSpan(_unsafeStart: file, byteCount: fileByteCount)
    let model = unsafe Model(bytes, findings: findings)
    let whole = unsafe Execution(model, arena: arena)
    // Whether something has run since the threads were last together, and whether all of them ran it.
    var (hasRun, wasDivided) = (false, false)
    for index in range {
      let call = unsafe Execution.preparedCall(index, prepared)
      let division = unsafe call.pointee.division
      if division.count > 1 {
        if hasRun { workers.meet() }
        unsafe run(index, division, as: worker, call, model)
      } else {
        if wasDivided { workers.meet() }
        if worker == 0 { unsafe whole.run(index, prepared: prepared) }
      }
      (hasRun, wasDivided) = (true, division.count > 1)
    }
  }

  private func run(
    _ index: Int, _ division: Division, as worker: Int, _ call: UnsafeMutablePointer<PreparedCall>,
    _ model: Model
  ) {
    let share = division.share(of: worker, among: workers.count)
    guard !share.isEmpty else { return }
    let part = OperatorPart(division.unit, share, of: Int(division.count))
    let execution = unsafe Execution(model, arena: arena, part: part)
    unsafe execution.runPart(of: index, call.pointee.kind, prepared: &call.pointee.call)
  }
}
