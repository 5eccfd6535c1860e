import TestSupport
import Testing
import Text

@testable import Journal

/// Every operation of a storage fails, is cut short or is the last before a power cut.
@Suite struct JournalFaultTests {
  /// Operations of the workload when nothing fails.
  private static let operationCount: Int = {
    let disk = FaultyDisk()
    let run = JournalRun(disk)
    run.open()
    run.workload(60)
    run.close()
    return disk.operationCount
  }()

  @Test(arguments: [
    JournalFailureReason.noSpace, .readOnly, .notPermitted, .missing, .inputOutput,
  ])
  func anyOperationMayFailOnce(reason: JournalFailureReason) throws {
    for failing in 1...Self.operationCount {
      let disk = FaultyDisk()
      disk.fault = { $0 == failing ? .fail(reason) : nil }
      try runToTheEnd(disk, "operation \(failing) fails with \(reason)")
    }
  }

  @Test(arguments: [2, 5, 23])
  func anyNumberOfOperationsMayFail(count: Int) throws {
    for first in 1...Self.operationCount {
      for reason in [JournalFailureReason.noSpace, .inputOutput] {
        let disk = FaultyDisk()
        disk.fault = { (first..<first + count).contains($0) ? .fail(reason) : nil }
        try runToTheEnd(disk, "operations from \(first) on fail, \(count) of them, \(reason)")
      }
    }
  }

  /// The pages of a failed synchronization are gone, and so may be the record that tells of an earlier
  /// one.
  @Test func whatTellsOfALossMayBeLostItself() throws {
    var random = SeededGenerator(seed: 1)
    for first in 1...30 {
      for second in first + 1...first + 8 {
        let disk = FaultyDisk()
        disk.fault = { $0 == first || $0 == second ? .fail(.inputOutput) : nil }
        let run = JournalRun(disk)
        run.open()
        run.workload(30)
        disk.restorePower(keeping: .everything, using: &random)
        let next = JournalRun(disk, run: 1)
        next.open()
        next.workload(3)
        next.close()
        let contents = try JournalContents(of: disk)
        contents.check(
          against: [run, next], mayBeDamaged: contents.damagedSegmentCount > 0,
          "operations \(first) and \(second) fail")
      }
    }
  }

  @Test func anyWriteMayBeShort() throws {
    for failing in 1...Self.operationCount {
      let disk = FaultyDisk()
      disk.fault = { $0 >= failing && $0 % 3 == 0 ? .shortWrite : nil }
      let run = try runToTheEnd(disk, "short writes from \(failing) on")
      #expect(run.statistics.droppedCount == 0)
    }
  }

  /// Runs the workload and some more after the fault, and looks at what there is; then again with
  /// only what is durable.
  @discardableResult
  private func runToTheEnd(_ disk: FaultyDisk, _ comment: Comment) throws -> JournalRun {
    let run = JournalRun(disk)
    run.open()
    run.workload(60)
    // The storage works again: a pause, and everything is told.
    disk.fault = { _ in nil }
    run.advance(61_000_000_000)
    run.workload(6)
    run.close()
    #expect(run.condition == .writing, comment)
    let contents = try JournalContents(of: disk)
    // A file that could not be mended is put aside with its torn end.
    contents.check(against: [run], mayBeDamaged: contents.damagedSegmentCount > 0, comment)
    #expect(run.payloads.keys.max().map { contents.records[$0] != nil } == true, comment)

    var random = SeededGenerator(seed: 1)
    disk.restorePower(keeping: .nothing, using: &random)
    let next = JournalRun(disk, run: 1)
    next.open()
    next.workload(3)
    next.close()
    try JournalContents(of: disk).check(
      against: [run, next], mayBeDamaged: true, "after a power cut, \(comment)")
    return run
  }

  @Test(arguments: [
    FaultyDisk.Survival.nothing, .everything, .torn, .reordered,
  ])
  func thePowerMayGoAtAnyOperation(survival: FaultyDisk.Survival) throws {
    var random = SeededGenerator(for: "power cuts, \(survival)")
    for last in 1...Self.operationCount {
      let disk = FaultyDisk()
      disk.fault = { $0 == last ? .powerCut : nil }
      let first = JournalRun(disk)
      first.open()
      first.workload(60)
      first.close()
      #expect(disk.isOff)
      disk.restorePower(keeping: survival, using: &random)

      let second = JournalRun(disk, run: 1)
      second.open()
      #expect(second.condition == .writing)
      second.workload(8)
      second.close()
      let mayBeDamaged = survival == .reordered
      let contents = try JournalContents(of: disk)
      contents.check(
        against: [first, second], mayBeDamaged: mayBeDamaged, "power cut at operation \(last)")
      #expect(contents.records[second.payloads.keys.max() ?? 0] != nil)
    }
  }

  @Test func anythingMayFailInAnyOrder() throws {
    var random = SeededGenerator(for: "random faults and power cuts")
    for round in 0..<300 {
      let disk = FaultyDisk()
      var runs: [JournalRun] = []
      var sawReordering = false
      for life in 0..<4 {
        let share = Int.random(in: 4...60, using: &random)
        var faults = SeededGenerator(seed: random.next())
        let cut = disk.operationCount + Int.random(in: 1...250, using: &random)
        disk.fault = { operation in
          guard operation < cut else { return .powerCut }
          guard Int.random(in: 0..<share, using: &faults) == 0 else { return nil }
          switch Int.random(in: 0..<6, using: &faults) {
          case 0: return .fail(.noSpace)
          case 1: return .fail(.readOnly)
          case 2: return .fail(.notPermitted)
          case 3: return .shortWrite
          default: return .fail(.inputOutput)
          }
        }
        let run = JournalRun(disk, run: life)
        run.open()
        run.workload(Int.random(in: 1...90, using: &random))
        runs.append(run)
        let survival = [FaultyDisk.Survival.nothing, .everything, .torn, .reordered][
          Int.random(in: 0..<4, using: &random)]
        if survival == .reordered { sawReordering = true }
        disk.restorePower(keeping: survival, using: &random)
      }
      let last = JournalRun(disk, run: 4)
      last.open()
      #expect(last.condition == .writing)
      last.workload(5)
      last.close()
      runs.append(last)
      let contents = try JournalContents(of: disk)
      contents.check(
        against: runs,
        mayBeDamaged: sawReordering || contents.damagedSegmentCount > 0,
        "round \(round), losses \(contents.losses), files \(disk.fileNames)")
      #expect(contents.records[last.payloads.keys.max() ?? 0] != nil, "round \(round)")
    }
  }
}
