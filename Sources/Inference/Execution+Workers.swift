import CKernels
import ModelFormat

/// A thread of those that run something together.
struct Worker {
  /// 0 is the one that runs the engine.
  let number: Int
  let team: Workers

  /// Whether its share is behind those of all others.
  var isLast: Bool { number == team.count - 1 }

  /// Its part of `units`.
  func share(of units: Range<Int>) -> Range<Int> { units.share(number, of: team.count) }

  /// Returns when all have called it.
  func meet() { team.meet() }
}

extension Range<Int> {
  /// Part `number` of `count` parts: as long as the others, or one shorter.
  func share(_ number: Int, of count: Int) -> Range<Int> {
    let length = Int64(self.count)
    let (first, end) = (
      length * Int64(number) / Int64(count), length * Int64(number + 1) / Int64(count)
    )
    return (lowerBound + Int(first))..<(lowerBound + Int(end))
  }
}

/// How an operator, or a group with its last operator, is divided among threads.
struct Division {
  let unit: OperatorPart.Unit
  /// Units of the whole output; 1 where one thread runs all of it.
  let count: Int32

  /// An operator that is not divided.
  static let none = Division(unit: .row, count: 1)
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

  /// How a group is divided: by the rows of each operator in each band, where they are worth it.
  func division(of group: BandGroup, leastWork: Int) -> Division {
    guard let chain = model.bandChain(of: group) else { return .none }
    var work: Int64 = 0
    for index in group.operators { work += self.work(of: index) }
    // Threads meet after every operator of every band.
    let parts = Int64(chain.bandCount * chain.stageCount)
    guard work / parts >= Int64(leastWork) else { return .none }
    return Division(unit: .row, count: Int32(chain.height))
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

  /// Whether more threads than one run operator `index`, or the group that it ends.
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
      let (division, group) = unsafe (call.pointee.division, call.pointee.group)
      // The last operator runs the group.
      if unsafe group >= 0 && !call.pointee.endsGroup { continue }
      if division.count > 1 {
        if hasRun { workers.meet() }
        let member = Worker(number: worker, team: workers)
        if group >= 0 {
          unsafe whole.runGroup(Int(group), prepared: prepared, as: member)
        } else {
          unsafe run(index, division, as: member, call, model)
        }
      } else {
        if wasDivided { workers.meet() }
        if worker == 0 { unsafe whole.run(index, prepared: prepared) }
      }
      (hasRun, wasDivided) = (true, division.count > 1)
    }
  }

  private func run(
    _ index: Int, _ division: Division, as worker: Worker,
    _ call: UnsafeMutablePointer<PreparedCall>, _ model: Model
  ) {
    let share = worker.share(of: 0..<Int(division.count))
    guard !share.isEmpty else { return }
    let part = OperatorPart(division.unit, share, of: Int(division.count))
    let execution = unsafe Execution(model, arena: arena, part: part)
    unsafe execution.runPart(of: index, call.pointee.kind, prepared: &call.pointee.call)
  }
}
