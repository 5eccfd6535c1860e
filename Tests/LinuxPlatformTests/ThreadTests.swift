import Foundation
import LinuxPlatform
import Synchronization
import Testing

@Suite struct ThreadTests {
  @Test func twoThreadsWakeEachOther() throws {
    let shared = UnsafeMutablePointer<Shared>.allocate(capacity: 1)
    unsafe shared.initialize(to: try Shared())
    defer {
      unsafe shared.deinitialize(count: 1)
      unsafe shared.deallocate()
    }
    let worker = try unsafe WorkerThread(context: shared) { context in
      let shared = unsafe context.assumingMemoryBound(to: Shared.self)
      while (try? unsafe shared.pointee.question.wait()) == true {
        let count = unsafe shared.pointee.asked.add(1, ordering: .relaxed).newValue
        unsafe shared.pointee.answer.notify()
        if count == 1000 { break }
      }
      unsafe shared.pointee.ended.store(true, ordering: .releasing)
    }
    for _ in 0..<1000 {
      unsafe shared.pointee.question.notify()
      let limit = MonotonicClock.now() + 120_000_000_000
      #expect(try unsafe shared.pointee.answer.wait(until: limit))
    }
    worker.join()
    #expect(unsafe shared.pointee.ended.load(ordering: .acquiring))
    #expect(unsafe shared.pointee.asked.load(ordering: .relaxed) == 1000)
  }

  @Test func twoRingsAreOne() throws {
    let bell = try Wakeup()
    bell.notify()
    bell.notify()
    #expect(try bell.wait(until: 1))
    #expect(try !bell.wait(until: 1))
  }

  @Test func waitingForABellEndsAtTheDeadline() throws {
    let bell = try Wakeup()
    let deadline = MonotonicClock.now() + 10_000_000
    #expect(try !bell.wait(until: deadline))
    #expect(MonotonicClock.now() >= deadline)
  }
}

/// What both threads see.
private struct Shared: ~Copyable {
  let question: Wakeup
  let answer: Wakeup
  let asked = Atomic<Int>(0)
  let ended = Atomic<Bool>(false)

  init() throws(PlatformError) {
    let question = try Wakeup()
    answer = try Wakeup()
    self.question = question
  }
}
