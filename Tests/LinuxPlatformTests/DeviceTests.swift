import Foundation
import Hardware
import LinuxPlatform
import Testing
import Text

/// What there is to say where a machine has no buses and lines, or not these.
@Suite struct DeviceTests {
  private func busError(_ path: String) -> BusError? {
    #expect(throws: BusError.self) { _ = try I2CAdapter(FilePath(path)) }
  }

  @Test func aMissingBusIsToldClearly() {
    let error = busError("/dev/i2c-4711")
    #expect(error?.kind == .missingBus)
    #expect(
      error?.description
        == "there is no such bus (errno 2); enable the bus (dtparam=i2c_arm=on on a Raspberry Pi) "
        + "and load i2c-dev")
  }

  @Test func aFileThatIsNoBusIsToldClearly() {
    #expect(busError("/dev/null")?.kind == .unsupported)
    #expect(busError("/")?.kind == .other)
  }

  @Test(.enabled(if: getuid() != 0, "root may open everything"))
  func aBusThatMayNotBeUsedIsToldClearly() throws {
    let folder = try TemporaryFolder()
    try folder.write([], to: "bus")
    chmod(folder.url.appendingPathComponent("bus").path, 0)
    #expect(busError(folder.url.appendingPathComponent("bus").path)?.kind == .notPermitted)
  }

  @Test func busesAndChipsAreCountedOff() {
    // Both in ascending order, and none twice.
    var last = -1
    while let bus = I2CAdapter.nextBus(from: last + 1) {
      #expect(bus > last && FileManager.default.fileExists(atPath: "/dev/i2c-\(bus)"))
      last = bus
    }
    #expect(I2CAdapter.nextBus(from: .max) == nil)
    last = -1
    while let chip = GPIOChip.next(from: last + 1) {
      #expect(chip > last && FileManager.default.fileExists(atPath: "/dev/gpiochip\(chip)"))
      last = chip
    }
  }

  @Test func theLibraryKnowsItsGeneration() { #expect([1, 2].contains(GPIOLibrary.generation)) }

  @Test func aMissingChipIsToldClearly() {
    let error = #expect(throws: GPIOError.self) { _ = try GPIOChip(number: 4711) }
    #expect(error?.kind == .missingChip)
    #expect(
      error?.description
        == "there is no such GPIO chip (ENOENT); "
        + "check the label (`swiftletd probe` lists chips and lines)")
  }

  @Test func aLabelNoChipHasIsToldClearly() throws {
    let choice = try GPIOLineChoice(
      chip: Array("no-such-label".utf8).span, line: Array("17".utf8).span)
    let error = #expect(throws: GPIOError.self) { _ = try GPIOLine.find(choice) }
    #expect([.missingChip, .notPermitted].contains(error?.kind))
  }

  @Test(arguments: [
    ("", ""), ("chip", ""), ("", String(repeating: "n", count: 33)),
    (String(repeating: "n", count: 33), "1"),
  ])
  func whatNamesNoLineIsRefused(chip: String, line: String) {
    let error = #expect(throws: GPIOError.self) {
      try GPIOLineChoice(chip: Array(chip.utf8).span, line: Array(line.utf8).span)
    }
    #expect(error?.kind == .badChoice)
  }
}
