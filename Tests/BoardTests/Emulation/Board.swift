import Foundation

/// The processors swiftletd is built for.
enum Processor: Sendable {
  case arm64, armv7

  /// The name of Debian's architecture, which is that of the folder of the kernel.
  var debianName: String { self == .arm64 ? "arm64" : "armhf" }
  var crossBuildName: String { self == .arm64 ? "aarch64" : "armv7" }
}

/// A board that QEMU emulates, with the devices soldered to it for a test.
struct Board: Sendable {
  let name: String
  let processor: Processor
  /// QEMU's options for the machine and its devices.
  let machine: [String]
  /// Device tree inside the folder of the boards; nil where QEMU makes one.
  let deviceTree: String?
  /// The serial port that is the console, and how many come before it in QEMU's order.
  let console: String
  var portsBeforeConsole = 0
  /// Whether the guest's clock counts instructions, two nanoseconds each, and runs with the real one
  /// while it is idle. A host that is busy then slows the board down and does not make it late.
  var countsInstructions = true
  /// The disk, where one is given.
  var disk = "/dev/vda"
  /// The kernel modules to load, in order, each after those it depends on.
  let wantsModule: @Sendable (String) -> Bool

  /// Raspberry Pi 3 Model B: a TMP105 and an LSM303DLHC magnetometer on I2C bus 1.
  /// Its GPIO lines can be driven and read back; nothing outside can drive them.
  static let raspberryPi3 = Board(
    name: "Raspberry Pi 3", processor: .arm64,
    machine: [
      "-M", "raspi3b", "-m", "1G",
      "-device", "tmp105,bus=i2c-bus.1,address=0x48,id=thermometer",
      "-device", "lsm303dlhc_mag,bus=i2c-bus.1,address=0x1e,id=magnetometer",
    ],
    // The mini UART: interrupts of the emulated PL011 (ttyAMA0) do not arrive, so it hears nothing.
    deviceTree: "arm64/raspberry-pi-3.dtb", console: "ttyS1,115200", portsBeforeConsole: 1,
    wantsModule: { $0.hasPrefix("i2c") })

  /// ASPEED's AST2600 evaluation board: ARMv7-A without NEON, a TMP105, an LSM303DLHC magnetometer
  /// and a DPS310 barometer on I2C bus 3, GPIO inputs that the test drives.
  ///
  /// The thermometer sits behind a bus switch (PCA9546 at 0x70). No kernel driver knows of it, so
  /// switching its channel off takes the sensor from the bus as pulling its plug does.
  static let ast2600 = Board(
    name: "AST2600 evaluation board", processor: .armv7,
    machine: [
      "-M", "ast2600-evb", "-m", "1G",
      "-device", "pca9546,bus=aspeed.i2c.bus.3,address=0x70",
      "-device", "tmp105,bus=i2c.0,address=0x49,id=thermometer",
      "-device", "lsm303dlhc_mag,bus=aspeed.i2c.bus.3,address=0x1e,id=magnetometer",
      "-device", "dps310,bus=aspeed.i2c.bus.3,address=0x77,id=barometer",
    ],
    // Linux waits for much of its hardware in loops, which takes minutes when they are counted.
    deviceTree: "armhf/ast2600.dtb", console: "ttyS4,115200", countsInstructions: false,
    wantsModule: { _ in true })

  /// The same without its sensors, with a card in its slot: for cutting the power.
  static let raspberryPi3WithCard = Board(
    name: "Raspberry Pi 3 with a card", processor: .arm64, machine: ["-M", "raspi3b", "-m", "1G"],
    deviceTree: "arm64/raspberry-pi-3.dtb", console: "ttyS1,115200", portsBeforeConsole: 1,
    disk: "/dev/mmcblk0", wantsModule: { !$0.hasPrefix("i2c") && !$0.hasPrefix("virtio") })

  /// No real board: the smallest 64-bit machine that has a disk. For cutting the power.
  static let diskMachine = Board(
    name: "64-bit machine with a disk", processor: .arm64,
    machine: ["-M", "virt", "-cpu", "cortex-a53", "-m", "512M"],
    deviceTree: nil, console: "ttyAMA0",
    wantsModule: { !$0.hasPrefix("i2c") && !$0.hasPrefix("bcm2835") })
}
