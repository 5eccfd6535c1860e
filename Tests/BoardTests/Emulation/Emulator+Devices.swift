/// The devices on the boards, by what a person would do to them.
extension Emulator {
  /// Connects the AST2600's thermometer to its bus, or takes it off.
  func plugThermometer(in isPlugged: Bool) throws {
    try shell("i2cset -y 3 0x70 \(isPlugged ? "0x01" : "0x00")")
  }

  /// Warms or cools the thermometer, in thousandths of a degree.
  func setTemperature(milliCelsius: Int) throws {
    try monitor.set("/machine/peripheral/thermometer", "temperature", to: milliCelsius)
  }

  /// Drives the AST2600's input A0 from outside.
  func driveInput(_ level: Bool) throws {
    try monitor.set("/machine/soc/gpio", "gpioA0", to: level)
  }

  /// Sets the field the magnetometer measures, in nanotesla.
  func setMagneticField(x: Int = 0, y: Int = 0, z: Int = 0) throws {
    for (axis, value) in [("mag-x", x), ("mag-y", y), ("mag-z", z)] {
      try monitor.set("/machine/peripheral/magnetometer", axis, to: value)
    }
  }
}
