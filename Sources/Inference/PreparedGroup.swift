import CKernels
import ModelFormat

/// What is worked out once about a group of operators that run in bands.
@safe
struct PreparedGroup {
  /// The chain of its operators.
  let chain: BandChain
  /// The first operator.
  let firstOperator: Int
  /// Its operators, and its bands.
  let stageCount: Int
  let bandCount: Int
  private var members = InlineArray<8, Member>(repeating: Member())

  /// An operator of the group.
  @safe
  private struct Member {
    /// Where its band is stored; nil for the last operator, whose output is stored whole.
    var band: UnsafeMutableRawPointer?
    /// Bytes of an output row.
    var rowByteCount = 0
    /// Output rows.
    var height = 0
    /// Whether inputs 0 and 1 are the band of the operator before.
    var readsBand = (first: false, second: false)
  }

  /// The bytes a group takes, rounded up so that the next one is aligned as well.
  static var stride: Int { (MemoryLayout<PreparedGroup>.size + 63) / 64 * 64 }

  /// The group in the arena of `execution`.
  init(_ group: BandGroup, of execution: borrowing Execution) {
    let model = execution.model
    guard let chain = model.bandChain(of: group) else {
      preconditionFailure("checked when the engine was made")
    }
    self.chain = chain
    firstOperator = group.firstOperator
    (stageCount, bandCount) = (chain.stageCount, chain.bandCount)
    for index in 0..<chain.stageCount {
      let record = model.operator(firstOperator + index)
      let output = model.tensor(record.output)
      var member = Member()
      if output.storage == .band { unsafe member.band = execution.arena + output.offset }
      member.height = chain[index].outputHeight
      member.rowByteCount = output.byteCount / member.height
      for position in 0..<min(2, record.inputCount) {
        guard model.tensor(model.input(position, of: record)).storage == .band else { continue }
        if position == 0 { member.readsBand.first = true } else { member.readsBand.second = true }
      }
      members[index] = member
    }
  }

  /// What operator `index` computes in a band, where the rows in `needed` are stored.
  @inline(__always)
  func part(
    _ rows: Range<Int>, of index: Int, needed: borrowing InlineArray<8, Range<Int>>
  ) -> OperatorPart {
    var part = OperatorPart(.row, rows, of: members[index].height)
    if let band = unsafe members[index].band {
      unsafe part.output = OperatorPart.Place(address: band, first: needed[index].lowerBound)
    }
    if index > 0, let band = unsafe members[index - 1].band {
      let place = unsafe OperatorPart.Place(address: band, first: needed[index - 1].lowerBound)
      if members[index].readsBand.first { part.first = place }
      if members[index].readsBand.second { part.second = place }
    }
    return part
  }

  /// Moves the rows of the band of operator `index` that are needed again, those from `first` on, to
  /// its front, where the rows `stored` are.
  func keepRows(from first: Int, of index: Int, stored: Range<Int>) {
    guard let band = unsafe members[index].band else { return }
    let rowByteCount = members[index].rowByteCount
    unsafe band.copyMemory(
      from: band + (first - stored.lowerBound) * rowByteCount,
      byteCount: (stored.upperBound - first) * rowByteCount)
  }
}

extension Execution {
  /// Runs group `index` with what was prepared for it and its operators: all of it, or what thread
  /// `worker` does of it.
  func runGroup(_ index: Int, prepared calls: UnsafeMutableRawPointer, as worker: Worker? = nil) {
    let group = unsafe preparedGroup(index, behind: calls)
    let first = unsafe group.pointee.firstOperator
    unsafe run(group, prepared: calls + first * Self.callStride, as: worker)
  }

  /// Where what is prepared of group `index` lies.
  func preparedGroup(
    _ index: Int, behind calls: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<PreparedGroup> {
    let groups = unsafe calls + model.operatorCount * Self.callStride
    return unsafe (groups + index * PreparedGroup.stride)
      .assumingMemoryBound(to: PreparedGroup.self)
  }

  /// Runs a group band by band; `calls` are those of its operators, prepared for the whole.
  ///
  /// Several threads share the rows of each operator in each band. They meet between two operators,
  /// so that with three or more the first may begin a band while others end the one before: nobody
  /// reads any more what it writes, and no band of the output lies over rows that are still read.
  private func run(
    _ group: UnsafePointer<PreparedGroup>, prepared calls: UnsafeMutableRawPointer,
    as worker: Worker?
  ) {
    let (bandCount, stageCount) = unsafe (group.pointee.bandCount, group.pointee.stageCount)
    // The rows of the band before, and of this one.
    var before = InlineArray<8, Range<Int>>(repeating: 0..<0)
    var needed = before
    for band in 0..<bandCount {
      unsafe group.pointee.chain.setRows(inBand: band, &needed)
      for index in 0..<stageCount {
        if index > 0 || band > 0 && stageCount < 3 { worker?.meet() }
        let (rows, stored) = (needed[index], before[index])
        before[index] = rows
        let new = max(rows.lowerBound, stored.upperBound)..<rows.upperBound
        if rows.lowerBound > stored.lowerBound && rows.lowerBound < stored.upperBound {
          unsafe keepRows(rows, of: index, in: group, stored: stored, new: new, as: worker)
        }
        let share = worker?.share(of: new) ?? new
        guard !share.isEmpty else { continue }
        let part = unsafe group.pointee.part(share, of: index, needed: needed)
        let prepared = unsafe Self.preparedCall(index, calls)
        if unsafe prepared.pointee.call.header.run != nil {
          unsafe part.run(prepared.pointee.kind, prepared: &prepared.pointee.call)
        } else {
          let position = unsafe group.pointee.firstOperator + index
          unsafe Execution(model, arena: arena, part: part).run(position)
        }
      }
    }
  }

  /// Keeps what `rows` have in common with the rows `stored` of a band to which `new` will be added.
  private func keepRows(
    _ rows: Range<Int>, of index: Int, in group: UnsafePointer<PreparedGroup>, stored: Range<Int>,
    new: Range<Int>, as worker: Worker?
  ) {
    guard let worker else {
      unsafe group.pointee.keepRows(from: rows.lowerBound, of: index, stored: stored)
      return
    }
    // The last thread has computed these rows, and has them in its caches. It need not wait where the
    // others write their new rows in front of them.
    if worker.isLast {
      unsafe group.pointee.keepRows(from: rows.lowerBound, of: index, stored: stored)
    }
    let end = new.share(worker.team.count - 1, of: worker.team.count).lowerBound
    if end - rows.lowerBound > rows.lowerBound - stored.lowerBound { worker.meet() }
  }

  /// Prepares the operators of a group in memory of its own and runs it.
  func run(_ group: BandGroup, kernels: KernelSelection) {
    var storage = InlineArray<384, UInt64>(repeating: 0)
    precondition(group.operatorCount * Self.callStride <= 8 * storage.count)
    unsafe withUnsafeMutableBytes(of: &storage) { memory in
      guard let calls = memory.baseAddress else { return }
      for index in group.operators {
        let place = unsafe calls + (index - group.firstOperator) * Self.callStride
        let prepared = unsafe place.initializeMemory(
          as: PreparedCall.self,
          to: PreparedCall(
            call: swl_any_call(), kind: model.operator(index).kind, division: .none, group: -1,
            endsGroup: false))
        unsafe prepare(index, kernels: kernels, into: &prepared.pointee.call)
      }
      var prepared = PreparedGroup(group, of: self)
      unsafe run(&prepared, prepared: calls, as: nil)
    }
  }
}
