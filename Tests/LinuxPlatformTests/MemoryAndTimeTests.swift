import Foundation
import LinuxPlatform
import Testing
import Text

@Suite struct MemoryAndTimeTests {
  @Test(arguments: [0, 1, 64, 4096, 1_000_003])
  func aRegionIsZeroedAndAligned(byteCount: Int) throws {
    var region = try MemoryRegion(byteCount: byteCount)
    let size = region.byteCount
    #expect(size == byteCount)
    let (isZero, isAligned) = unsafe region.bytes.withUnsafeBytes { bytes in
      let address = UInt(bitPattern: bytes.baseAddress)
      return (bytes.allSatisfy { $0 == 0 }, address % 4096 == 0)
    }
    #expect(isZero)
    #expect(isAligned)
    guard byteCount > 0 else { return }
    var memory = region.mutableBytes
    unsafe memory.withUnsafeMutableBytes { unsafe $0[byteCount - 1] = 42 }
    let last = unsafe region.bytes.withUnsafeBytes { unsafe $0[byteCount - 1] }
    #expect(last == 42)
  }

  @Test func memoryThatIsNotThereIsAnError() {
    let error = #expect(throws: PlatformError.self) { _ = try MemoryRegion(byteCount: .max / 2) }
    #expect(error?.description.contains("cannot get memory") == true)
  }

  @Test func sleepingReachesTheDeadline() {
    let deadline = MonotonicClock.now() + 20_000_000
    #expect(MonotonicClock.sleep(until: deadline))
    #expect(MonotonicClock.now() >= deadline)
    // A deadline that has passed costs nothing.
    let start = MonotonicClock.now()
    #expect(MonotonicClock.sleep(until: deadline))
    #expect(MonotonicClock.now() - start < 10_000_000_000)
  }

  @Test func theWallClockAgreesWithFoundation() {
    let seconds = Double(WallClock.now()) / 1e9
    #expect(abs(seconds - Date().timeIntervalSince1970) < 5)
  }

  @Test func theCommandLineIsThere() {
    #expect(CommandLineArguments.count == CommandLine.arguments.count)
    for (index, expected) in CommandLine.arguments.enumerated() {
      let argument = String { $0.append(CommandLineArguments.bytes(index)) }
      #expect(argument == expected)
    }
    let beyond = CommandLineArguments.bytes(CommandLineArguments.count).count
    #expect(beyond == 0)
  }

  @Test func residentMemoryIsCounted() {
    #expect(Process.peakResidentByteCount > 100_000)
  }
}
