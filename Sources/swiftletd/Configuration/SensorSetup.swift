import Acquisition
import Hardware
import LinuxPlatform
import ModelCommands
import ModelFormat
import Sensors
import Text

/// What kind of thing a sensor is.
enum SensorKind: UInt8 {
  case i2c
  case file
  case level
  case counter
  case frequency
  case echo

  /// The types of `[sensor NAME]` besides the drivers for I2C devices.
  static let otherNames: StaticString = """
    gpio-level, gpio-counter, gpio-frequency, gpio-echo, file, replay
    """

  /// Whether it is a driver on a GPIO line.
  var isDigital: Bool {
    switch self {
    case .i2c, .file: false
    case .level, .counter, .frequency, .echo: true
    }
  }

  /// The keys that are not settings of the driver.
  var keys: StaticString {
    switch self {
    case .i2c: "type, bus, address, rate"
    case .file: "type, rate, path, scale, scale-path, offset, offset-path, quantity, unit"
    case .level, .counter, .frequency: "type, rate, chip, line, active, bias"
    case .echo: "type, rate, chip, line, active, bias, trigger-chip, trigger-line"
    }
  }
}

/// One `[sensor NAME]`, with its driver.
struct SensorSetup {
  /// The number of its section.
  let section: Int
  let kind: SensorKind
  /// Readings in 1,000 seconds.
  let rateMillihertz: Int
  /// The driver of an I2C device; of others, nothing.
  var i2c: I2CSensor?
  /// The number of its bus among the buses of the configuration.
  var bus = 0
  var kernelFile: KernelFileSensor?
  var level = LevelSensor()
  var counter = PulseCounter()
  var frequency = FrequencyMeter()
  var echo = EchoRanger()

  init(
    _ file: borrowing ConfigurationFile, section: Int, contractRate: Int
  ) throws(CommandFailure) {
    self.section = section
    let type = try file.required("type", inSection: section, example: "bme280")
    kind = try Self.kind(file, type)
    if let rate = try file.number("rate", inSection: section, from: 0.001, to: 10_000) {
      rateMillihertz = Int(rate * 1000 + 0.5)
    } else {
      rateMillihertz = contractRate
    }
    switch kind {
    case .i2c: i2c = try Self.driver(file, section, type)
    case .file: kernelFile = try Self.kernelFile(file, section)
    case .level, .counter, .frequency: try LineSettings.check(file, section)
    case .echo:
      try LineSettings.check(file, section)
      try LineSettings.check(file, section, lineKey: "trigger-line")
    }
    try configure(file)
    try checkRate(file)
  }

  /// What one reading holds.
  var quantities: Quantities {
    switch kind {
    case .i2c: i2c?.quantities ?? level.quantities
    case .file: kernelFile?.quantities ?? level.quantities
    case .level: level.quantities
    case .counter: counter.quantities
    case .frequency: frequency.quantities
    case .echo: echo.quantities
    }
  }

  /// Where an I2C device answers.
  var address: I2CAddress? {
    guard var driver = i2c else { return nil }
    var catcher = AddressCatcher()
    _ = try? driver.start(on: &catcher)
    return catcher.address
  }

  var timing: SensorTiming {
    let conversion: UInt64 =
      switch kind {
      case .i2c: i2c?.conversionNanoseconds ?? 0
      case .echo: echo.conversionNanoseconds
      default: 0
      }
    return SensorTiming(rateMillihertz: rateMillihertz, conversionNanoseconds: conversion)
  }

  // MARK: Kinds

  private static func kind(
    _ file: borrowing ConfigurationFile, _ type: Entry
  ) throws(CommandFailure) -> SensorKind {
    let value = file.value(of: type)
    if value.equals("file") { return .file }
    if value.equals("gpio-level") { return .level }
    if value.equals("gpio-counter") { return .counter }
    if value.equals("gpio-frequency") { return .frequency }
    if value.equals("gpio-echo") { return .echo }
    if I2CSensor(type: value, address: nil) != nil { return .i2c }
    throw file.refusal(of: type) {
      $0.append("known: ")
      $0.append(I2CSensor.typeNames)
      $0.append(", ")
      $0.append(SensorKind.otherNames)
    }
  }

  private static func driver(
    _ file: borrowing ConfigurationFile, _ section: Int, _ type: Entry
  ) throws(CommandFailure) -> I2CSensor {
    var address: I2CAddress?
    if let number = try file.integer("address", inSection: section, in: 0x08...0x77) {
      address = I2CAddress(number)
    }
    _ = try file.required("bus", inSection: section, example: "/dev/i2c-1")
    guard let driver = I2CSensor(type: file.value(of: type), address: address) else {
      throw file.refusal(of: type) {
        $0.append("known: ")
        $0.append(I2CSensor.typeNames)
      }
    }
    return driver
  }

  private static func kernelFile(
    _ file: borrowing ConfigurationFile, _ section: Int
  ) throws(CommandFailure) -> KernelFileSensor {
    let path = try file.required(
      "path", inSection: section, example: "/sys/class/thermal/thermal_zone0/temp")
    let quantity = file.entry("quantity", inSection: section)
    let unit = file.entry("unit", inSection: section)
    if quantity == nil, unit == nil, let kind = KernelFileKind(path: file.value(of: path)) {
      return KernelFileSensor(kind)
    }
    guard let unit else {
      throw file.refusal(of: path) {
        $0.append("what such a file measures is not known; add `unit = …`")
      }
    }
    let made: Quantity?
    if let quantity {
      made = Quantity(name: file.value(of: quantity), unit: file.value(of: unit))
    } else {
      var name = TextBuffer<8>()
      name.append("value")
      made = Quantity(name: name.bytes, unit: file.value(of: unit))
    }
    guard let made else {
      throw file.refusal(of: quantity ?? unit) {
        $0.append("write a quantity of at most 32 bytes and a unit of at most 16")
      }
    }
    var sensor = KernelFileSensor(KernelFileKind(made))
    if let scale = try file.number("scale", inSection: section) { sensor.scale = scale }
    if let offset = try file.number("offset", inSection: section) { sensor.offset = offset }
    return sensor
  }

  // MARK: Settings of the driver

  private mutating func configure(_ file: borrowing ConfigurationFile) throws(CommandFailure) {
    for ordinal in 0..<file.entryCount(inSection: section) {
      guard let entry = file.entry(ordinal, inSection: section),
        !kind.keys.lists(file.name(of: entry))
      else { continue }
      switch set(file.name(of: entry), to: file.value(of: entry)) {
      case .taken: break
      case .unknown:
        throw file.failure(line: entry.line) {
          $0.append("unknown key \"")
          $0.append(visible: file.name(of: entry))
          $0.append("\" in ")
          file.appendTitle(ofSection: section, to: &$0)
          $0.append("; known: ")
          $0.append(kind.keys)
          $0.append(" and the settings of the type, see docs/sensors.md")
        }
      case .badValue(let known):
        throw file.refusal(of: entry) {
          $0.append("known: ")
          $0.append(known)
        }
      }
    }
    if let problem = i2c?.settingsProblem {
      throw file.failure(line: file.section(section).line) {
        file.appendTitle(ofSection: section, to: &$0)
        $0.append(": ")
        $0.append(problem)
      }
    }
  }

  private mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    switch kind {
    case .i2c: i2c?.set(option, to: value) ?? .unknown
    case .file: .unknown
    case .level: level.set(option, to: value)
    case .counter: counter.set(option, to: value)
    case .frequency: frequency.set(option, to: value)
    case .echo: echo.set(option, to: value)
    }
  }

  private func checkRate(_ file: borrowing ConfigurationFile) throws(CommandFailure) {
    let conversion = timing.conversionNanoseconds
    let period = 1_000_000_000_000 / UInt64(rateMillihertz)
    guard conversion > period else { return }
    throw file.failure(
      line: file.entry("rate", inSection: section)?.line ?? file.section(section).line
    ) {
      file.appendTitle(ofSection: section, to: &$0)
      $0.append(": a measurement takes ")
      $0.append(Double(conversion) / 1e6, fractionDigits: 1)
      $0.append(" ms, ")
      $0.append(Double(rateMillihertz) / 1000, fractionDigits: 3)
      $0.append(" of them do not fit in a second; set `rate` to at most ")
      $0.append(Double(1_000_000_000_000 / conversion) / 1000, fractionDigits: 3)
      $0.append(", or shorten the measurement")
    }
  }
}
