import Conversion
import ModelFormat
import TestSupport
import Testing

@Suite("Timing")
struct Timing {
  @Test("time") func time() throws {
    let bytes = ModelFixtures.smallest.bytes
    print("small", bytes.count, "every", ModelFixtures.everySection.bytes.count)
    let run = GuardedRun()
    let clock = ContinuousClock()
    try run.run(ModelFixtures.everySection.bytes)
    print("run", try clock.measure { for _ in 0..<1000 { try run.run(bytes) } } / 1000)
    print("load", try clock.measure { for _ in 0..<1000 { try run.load(bytes) } } / 1000)
    print("repair", clock.measure { for _ in 0..<1000 { _ = ModelAssembler.withChecks(bytes) } } / 1000)
    var x = bytes; x[100] ^= 1
    print("header", clock.measure { for _ in 0..<1000 { try? run.load(x) } } / 1000)
  }
}
