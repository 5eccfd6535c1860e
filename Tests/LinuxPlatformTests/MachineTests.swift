import Foundation
import LinuxPlatform
import Testing

@Suite struct MachineTests {
  @Test func theBootIdentifierIsTheKernels() throws {
    let text = try String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    #expect(BootIdentifier.current() == UInt32(text.prefix(8), radix: 16))
  }

  /// `struct timex` is not in the Glibc module; on 64-bit Linux `status` is at byte 40 of it.
  @Test func theClockFollowsATimeServerWhenTheKernelSaysSo() throws {
    typealias Adjtimex = @convention(c) (UnsafeMutableRawPointer) -> Int32
    let symbol = try #require(dlsym(nil, "adjtimex"))
    var state = [Int32](repeating: 0, count: 128)
    let result = unsafeBitCast(symbol, to: Adjtimex.self)(&state)
    let (timeError, unsynchronized) = (Int32(5), Int32(0x40))
    let expected = result != timeError && state[10] & unsynchronized == 0
    #expect(WallClock.isSynchronized == expected)
  }

  @Test func memoryAndTimeOfTheProcessAreCounted() throws {
    let before = Process.cpuNanoseconds
    var region = try MemoryRegion(byteCount: 32 << 20)
    let residentBefore = Process.residentByteCount
    var bytes = region.mutableBytes
    for offset in stride(from: 0, to: bytes.byteCount, by: Process.pageByteCount) {
      bytes.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
    }
    // Other tests of the process allocate and free meanwhile.
    #expect(Process.residentByteCount > residentBefore + (16 << 20))
    #expect(Process.residentByteCount <= Process.peakResidentByteCount + (64 << 20))
    #expect(Process.cpuNanoseconds > before)
    #expect(Process.pageByteCount == sysconf(Int32(_SC_PAGESIZE)))
  }

  @Test func theStackCanBeTakenInAdvance() { Process.prefaultStack() }

  @Test func prioritiesThatDoNotExistAreToldClearly() {
    let error = #expect(throws: PlatformError.self) { try Process.setRealTimePriority(1000) }
    #expect(error?.description.hasPrefix("cannot set the priority: Invalid argument") == true)
  }
}
