import Foundation
import Testing

/// What the boards do without swiftletd, so that a failure elsewhere is not the emulator's.
@Suite(
  "The emulated boards themselves", .serialized,
  .enabled(if: BoardFiles.areAvailable, BoardFiles.howToGetThem))
struct EmulatedHardwareTests {
  @Test("The Pi's thermometer answers on its I2C bus with the temperature the test sets")
  func raspberryPiThermometer() throws {
    let pi = try Emulator(.raspberryPi3)
    // Nine bits after a reset, most significant byte first; SMBus words have it last.
    try pi.setTemperature(milliCelsius: 25_500)
    #expect(try pi.shell("i2cget -y 1 0x48 0x00 w") == "0x8019\n")
    try pi.setTemperature(milliCelsius: -1_000)
    #expect(try pi.shell("i2cget -y 1 0x48 0x00 w") == "0x00ff\n")
    #expect(try pi.file("/sys/kernel/debug/gpio").contains("pinctrl-bcm2835"))
  }

  @Test("The AST2600's sensors answer, vanish and come back, and its inputs follow the test")
  func evaluationBoard() throws {
    let board = try Emulator(.ast2600)
    #expect(try !board.file("/proc/cpuinfo").contains("neon"))
    #expect(try board.attempt("i2cget -y 3 0x49 0x00 w").1 != 0)
    try board.plugThermometer(in: true)
    try board.setTemperature(milliCelsius: 21_500)
    #expect(try board.shell("i2cget -y 3 0x49 0x00 w") == "0x8015\n")
    try board.plugThermometer(in: false)
    #expect(try board.attempt("i2cget -y 3 0x49 0x00 w").1 != 0)

    // The three identification registers of the magnetometer, then 1 G = 1100 counts.
    let identification = "for r in 0x0a 0x0b 0x0c; do i2cget -y 3 0x1e $r b; done"
    #expect(try board.shell(identification) == "0x48\n0x34\n0x33\n")
    try board.setMagneticField(x: 100_000)
    #expect(try board.shell("i2cset -y 3 0x1e 0x02 0; i2cget -y 3 0x1e 0x04 b") == "0x4c\n")

    // Line 0 of the chip labelled 1e780000.gpio, by the number that this kernel gave it.
    let chip = try board.shell("dirname $(grep -lx 1e780000.gpio /sys/class/gpio/*/label)")
    let line = try board.shell("cat \(chip.dropLast())/base").dropLast()
    try board.shell("echo \(line) > /sys/class/gpio/export")
    for level in [true, false, true] {
      try board.driveInput(level)
      #expect(try board.shell("cat /sys/class/gpio/gpio\(line)/value") == (level ? "1\n" : "0\n"))
    }
  }
}
