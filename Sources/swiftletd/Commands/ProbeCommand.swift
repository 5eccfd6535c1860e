import Hardware
import LinuxPlatform
import ModelCommands
import Text

/// `swiftletd probe`: what there is to sense with on this machine.
enum ProbeCommand {
  static let name: StaticString = "swiftletd probe"

  static func run(_ words: inout CommandLineWords) throws(CommandFailure) {
    var folder = TextBuffer<4096>()
    folder.append("/sys")
    while true {
      switch try words.next() {
      case .end:
        try probe(folder)
        return
      case .operand(let word):
        throw CommandLineWords.superfluous(word, name)
      case .option(let word):
        if words.isOption(word, "--sysfs") {
          folder = TextBuffer(try words.value(of: word, name).bytes)
        } else if !words.hasUnusedValue,
          words.isOption(word, "--help") || words.isOption(word, "-h")
        {
          try StandardOutput.print(Help.probe)
          return
        } else {
          throw CommandLineWords.unknown(word, name)
        }
      }
    }
  }

  private static func probe(_ folder: TextBuffer<4096>) throws(CommandFailure) {
    try probeBuses()
    try probeChips()
    try KernelSensorList.print(folder)
  }

  // MARK: I2C

  private static func probeBuses() throws(CommandFailure) {
    var next = I2CAdapter.nextBus(from: 0)
    if next == nil {
      try StandardOutput.print(
        """
        I2C: no bus; enable it (dtparam=i2c_arm=on on a Raspberry Pi) and load i2c-dev

        """)
    }
    while let number = next {
      try probe(bus: number)
      next = I2CAdapter.nextBus(from: number + 1)
    }
  }

  private static func probe(bus number: Int) throws(CommandFailure) {
    var line = TextBuffer<512>()
    line.append("I2C /dev/i2c-")
    line.append(number)
    do throws(BusError) {
      var bus = try I2CAdapter(number: number)
      line.append("  ")
      bus.appendName(to: &line)
      line.append("\n")
      try? FileDescriptor.standardOutput.write(line.bytes)
      try probe(&bus)
    } catch {
      line.append(": ")
      error.describe(into: &line)
      line.append("\n")
      try StandardOutput.write(line.bytes)
    }
  }

  private static func probe(_ bus: inout I2CAdapter) throws(BusError) {
    var count = 0
    for value in 0x08...0x77 {
      guard let address = I2CAddress(value) else { continue }
      let answer = try bus.probe(address)
      guard answer != .silent else { continue }
      count += 1
      var line = TextBuffer<256>()
      line.append("  ")
      address.append(to: &line)
      line.append("  ")
      if answer == .usedByKernel {
        line.append("a driver of the kernel has it; read the sensor through its file, see below")
      } else {
        LikelyDevice.append(at: address, on: &bus, to: &line)
      }
      line.append("\n")
      try? FileDescriptor.standardOutput.write(line.bytes)
    }
    if count == 0 { try? FileDescriptor.standardOutput.write("  no address answers\n") }
  }

  // MARK: GPIO

  private static func probeChips() throws(CommandFailure) {
    var next = GPIOChip.next(from: 0)
    if next == nil { try StandardOutput.print("GPIO: no chip\n") }
    while let number = next {
      do throws(GPIOError) {
        printLines(of: try GPIOChip(number: number))
      } catch {
        var line = TextBuffer<512>()
        line.append("GPIO chip ")
        line.append(number)
        line.append(": ")
        error.describe(into: &line)
        line.append("\n")
        try StandardOutput.write(line.bytes)
      }
      next = GPIOChip.next(from: number + 1)
    }
  }

  private static func printLines(of chip: borrowing GPIOChip) {
    var title = TextBuffer<256>()
    title.append("GPIO ")
    let label = chip.label
    title.append(visible: label.bytes)
    title.append("  ")
    title.append(chip.lineCount)
    title.append(" lines\n")
    try? FileDescriptor.standardOutput.write(title.bytes)
    for offset in 0..<chip.lineCount {
      guard let info = try? chip.line(offset) else { continue }
      // Lines nobody named and nobody has say nothing.
      guard !info.name.isEmpty || info.isUsed else { continue }
      var line = TextBuffer<256>()
      line.append("  ")
      line.append(offset)
      line.append("  ")
      line.append(visible: info.name.bytes)
      line.append(info.isOutput ? "  output" : "  input")
      if info.isUsed {
        line.append(", in use by ")
        line.append(visible: info.consumer.bytes)
      }
      line.append("\n")
      try? FileDescriptor.standardOutput.write(line.bytes)
    }
  }
}

extension FileDescriptor {
  /// Writes a literal.
  func write(_ text: StaticString) throws(PlatformError) {
    var buffer = TextBuffer<128>()
    buffer.append(text)
    try write(buffer.bytes)
  }
}
