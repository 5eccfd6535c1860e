import Foundation
import Glibc
import LinuxPlatform
import Synchronization
import Testing

@Suite struct ThreadTeamTests {
  @Test(arguments: [1, 2, 3, 8, 64])
  func everyThreadRunsOnceWithANumberOfItsOwn(_ count: Int) throws {
    let team = try ThreadTeam(count: count)
    #expect(team.count == count)
    let record = Record(count)
    for _ in 0..<20 { record.run(team) { $0.calls.wrappingAdd(1 << $1, ordering: .relaxed) } }
    // Each of `count` bits was added twenty times.
    let all = count == 64 ? UInt64.max : (1 << UInt64(count)) - 1
    #expect(record.calls.load(ordering: .relaxed) == all &* 20)
  }

  @Test(arguments: [1, 2, 5, 8])
  func nobodyLeavesAMeetingBeforeAllCame(_ count: Int) throws {
    let team = try ThreadTeam(count: count)
    let record = Record(count)
    record.run(team) { record, _ in
      for meeting in 1...500 as ClosedRange<UInt64> {
        record.calls.add(1, ordering: .relaxed)
        record.meet()
        // Some may be at the next meeting already, none at the one after.
        let calls = record.calls.load(ordering: .relaxed)
        let (least, most) = (meeting * record.count, meeting * record.count + record.count - 1)
        if calls < least || calls > most { record.faults.add(1, ordering: .relaxed) }
      }
    }
    #expect(record.faults.load(ordering: .relaxed) == 0)
    #expect(record.calls.load(ordering: .relaxed) == 500 * UInt64(count))
  }

  @Test func threadsSleepBetweenRuns() throws {
    let team = try ThreadTeam(count: 4)
    let record = Record(4)
    record.run(team) { record, thread in
      record.identifiers[thread].value.store(Self.threadIdentifier(), ordering: .relaxed)
    }
    for thread in 1..<4 {
      let path = "/proc/self/task/\(record.identifiers[thread].value.load(ordering: .relaxed))/stat"
      // They spin for some microseconds, or as long as nobody lets them run.
      let isAsleep = (0..<3_000).contains { _ in
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        if text.contains(") S ") { return true }
        usleep(10_000)
        return false
      }
      #expect(isAsleep)
    }
  }

  @Test func threadsAdoptTheSchedulingOfTheirOwner() throws {
    let team = try ThreadTeam(count: 3)
    let record = Record(3)
    func policies() -> [UInt64] {
      record.run(team) { record, thread in
        record.identifiers[thread].value.store(UInt64(sched_getscheduler(0)), ordering: .relaxed)
      }
      return (0..<3).map { record.identifiers[$0].value.load(ordering: .relaxed) }
    }
    let ordinary = UInt64(sched_getscheduler(0))
    #expect(policies() == [ordinary, ordinary, ordinary])
    // Open to every user, and back. The number is SCHED_BATCH, which Glibc's module lacks.
    let batch: Int32 = 3
    var parameters = sched_param(sched_priority: 0)
    #expect(sched_setscheduler(0, batch, &parameters) == 0)
    defer { _ = sched_setscheduler(0, Int32(ordinary), &parameters) }
    try team.adoptPriority()
    #expect(policies() == Array(repeating: UInt64(batch), count: 3))
  }

  @Test func processorsAreCountedAsTheThreadMayUseThem() throws {
    let status = try String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") })
    // Hexadecimal words of a mask with a bit for each processor.
    let digits = line.split(separator: "\t")[1].compactMap(\.hexDigitValue)
    let count = digits.reduce(0) { $0 + $1.nonzeroBitCount }
    #expect(LinuxPlatform.Process.usableProcessorCount == count)
  }

  /// The kernel's number of the calling thread, as /proc/thread-self links to PROCESS/task/THREAD.
  private static func threadIdentifier() -> UInt64 {
    let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
    return link.flatMap { $0.split(separator: "/").last }.flatMap { UInt64($0) } ?? 0
  }
}

/// What the threads of a test share.
private final class Record {
  let count: UInt64
  let calls = Atomic<UInt64>(0)
  let faults = Atomic<UInt64>(0)
  let identifiers: [Cell]
  private var team: UnsafeMutableRawPointer?
  private var body: (Record, Int) -> Void = { _, _ in }

  /// A number that one thread writes and another reads.
  final class Cell: Sendable {
    let value = Atomic<UInt64>(0)
  }

  init(_ count: Int) {
    self.count = UInt64(count)
    identifiers = (0..<count).map { _ in Cell() }
  }

  /// Waits for all threads, inside of what they run.
  func meet() {
    if let team { ThreadTeam.meet(team) }
  }

  /// Runs `body` in all threads of `team`.
  func run(_ team: borrowing ThreadTeam, _ body: @escaping (Record, Int) -> Void) {
    self.team = team.handle
    self.body = body
    ThreadTeam.run(
      team.handle,
      { argument, thread in
        let record = Unmanaged<Record>.fromOpaque(argument).takeUnretainedValue()
        record.body(record, Int(thread))
      }, Unmanaged.passUnretained(self).toOpaque())
  }
}
