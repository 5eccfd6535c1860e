import Hardware
import Text

/// A driver of one of the supported I2C devices, chosen by a configuration's `type = …`.
///
/// An enum where others would use an existential: the device build has none, and drivers lie in
/// place in an array of the schedule. A new driver is a line in each of the switches below, and one
/// in `typeNames`.
public enum I2CSensor: SensorDriver {
  case lm75(LM75)
  case bme280(BME280)
  case sht3x(SHT3x)
  case sht4x(SHT4x)
  case dps310(DPS310)
  case bh1750(BH1750)
  case scd4x(SCD4x)
  case described(DescribedSensor)
  case mpu6050(MPU6050)
  case lsm6dsox(LSM6DSOX)
  case adxl345(ADXL345)
  case lsm303dlhc(LSM303DLHCMagnetometer)
  case ads1115(ADS1115)
  case ina219(INA219)
  case amg8833(AMG8833)

  /// The types of a configuration, as an error message lists them.
  public static let typeNames: StaticString = """
    lm75, tmp102, tmp105, bme280, bmp280, sht31, sht4x, dps310, bh1750, scd4x, described, \
    mpu6050, lsm6dsox, adxl345, lsm303dlhc, ads1115, ina219, amg8833
    """

  /// The driver of a type.
  ///
  /// - Parameters:
  ///   - type: One of `typeNames`.
  ///   - address: `nil` for the address the device has with all its address pins at their usual
  ///     level.
  /// - Returns: `nil` for an unknown type.
  public init?(type: borrowing Span<UInt8>, address: I2CAddress?) {
    func at(_ usual: Int) -> I2CAddress {
      if let address { return address }
      guard let usual = I2CAddress(usual) else { preconditionFailure("a reserved address") }
      return usual
    }

    if type.equals("lm75") {
      self = .lm75(LM75(.lm75, address: at(LM75.defaultAddress)))
    } else if type.equals("tmp102") {
      self = .lm75(LM75(.tmp102, address: at(LM75.defaultAddress)))
    } else if type.equals("tmp105") {
      self = .lm75(LM75(.tmp105, address: at(LM75.defaultAddress)))
    } else if type.equals("bme280") {
      self = .bme280(BME280(.bme280, address: at(BME280.defaultAddress)))
    } else if type.equals("bmp280") {
      self = .bme280(BME280(.bmp280, address: at(BME280.defaultAddress)))
    } else if type.equals("sht31") {
      self = .sht3x(SHT3x(address: at(SHT3x.defaultAddress)))
    } else if type.equals("sht4x") {
      self = .sht4x(SHT4x(address: at(SHT4x.defaultAddress)))
    } else if type.equals("dps310") {
      self = .dps310(DPS310(address: at(DPS310.defaultAddress)))
    } else if type.equals("bh1750") {
      self = .bh1750(BH1750(address: at(BH1750.defaultAddress)))
    } else if type.equals("scd4x") {
      self = .scd4x(SCD4x(address: at(SCD4x.defaultAddress)))
    } else if type.equals("described") {
      self = .described(DescribedSensor(address: address))
    } else if type.equals("mpu6050") {
      self = .mpu6050(MPU6050(address: at(MPU6050.defaultAddress)))
    } else if type.equals("lsm6dsox") {
      self = .lsm6dsox(LSM6DSOX(address: at(LSM6DSOX.defaultAddress)))
    } else if type.equals("adxl345") {
      self = .adxl345(ADXL345(address: at(ADXL345.defaultAddress)))
    } else if type.equals("lsm303dlhc") {
      self = .lsm303dlhc(LSM303DLHCMagnetometer(address: at(LSM303DLHCMagnetometer.defaultAddress)))
    } else if type.equals("ads1115") {
      self = .ads1115(ADS1115(address: at(ADS1115.defaultAddress)))
    } else if type.equals("ina219") {
      self = .ina219(INA219(address: at(INA219.defaultAddress)))
    } else if type.equals("amg8833") {
      self = .amg8833(AMG8833(address: at(AMG8833.defaultAddress)))
    } else {
      return nil
    }
  }
}

// MARK: - Forwarding

extension I2CSensor {
  /// What one reading holds, in order.
  public var quantities: Quantities {
    switch self {
    case .lm75(let driver): driver.quantities
    case .bme280(let driver): driver.quantities
    case .sht3x(let driver): driver.quantities
    case .sht4x(let driver): driver.quantities
    case .dps310(let driver): driver.quantities
    case .bh1750(let driver): driver.quantities
    case .scd4x(let driver): driver.quantities
    case .described(let driver): driver.quantities
    case .mpu6050(let driver): driver.quantities
    case .lsm6dsox(let driver): driver.quantities
    case .adxl345(let driver): driver.quantities
    case .lsm303dlhc(let driver): driver.quantities
    case .ads1115(let driver): driver.quantities
    case .ina219(let driver): driver.quantities
    case .amg8833(let driver): driver.quantities
    }
  }

  /// From `trigger(on:)` to the moment `read(on:into:)` finds the result, in nanoseconds.
  public var conversionNanoseconds: UInt64 {
    switch self {
    case .lm75(let driver): driver.conversionNanoseconds
    case .bme280(let driver): driver.conversionNanoseconds
    case .sht3x(let driver): driver.conversionNanoseconds
    case .sht4x(let driver): driver.conversionNanoseconds
    case .dps310(let driver): driver.conversionNanoseconds
    case .bh1750(let driver): driver.conversionNanoseconds
    case .scd4x(let driver): driver.conversionNanoseconds
    case .described(let driver): driver.conversionNanoseconds
    case .mpu6050(let driver): driver.conversionNanoseconds
    case .lsm6dsox(let driver): driver.conversionNanoseconds
    case .adxl345(let driver): driver.conversionNanoseconds
    case .lsm303dlhc(let driver): driver.conversionNanoseconds
    case .ads1115(let driver): driver.conversionNanoseconds
    case .ina219(let driver): driver.conversionNanoseconds
    case .amg8833(let driver): driver.conversionNanoseconds
    }
  }

  /// What the settings lack, or where they contradict each other.
  public var settingsProblem: StaticString? {
    switch self {
    case .lm75(let driver): driver.settingsProblem
    case .bme280(let driver): driver.settingsProblem
    case .sht3x(let driver): driver.settingsProblem
    case .sht4x(let driver): driver.settingsProblem
    case .dps310(let driver): driver.settingsProblem
    case .bh1750(let driver): driver.settingsProblem
    case .scd4x(let driver): driver.settingsProblem
    case .described(let driver): driver.settingsProblem
    case .mpu6050(let driver): driver.settingsProblem
    case .lsm6dsox(let driver): driver.settingsProblem
    case .adxl345(let driver): driver.settingsProblem
    case .lsm303dlhc(let driver): driver.settingsProblem
    case .ads1115(let driver): driver.settingsProblem
    case .ina219(let driver): driver.settingsProblem
    case .amg8833(let driver): driver.settingsProblem
    }
  }

  /// One step of finding, resetting and configuring the device.
  public mutating func start(
    on bus: inout some I2CBus & ~Copyable
  ) throws(SensorError) -> StartProgress {
    switch self {
    case .lm75(var driver):
      defer { self = .lm75(driver) }
      return try driver.start(on: &bus)
    case .bme280(var driver):
      defer { self = .bme280(driver) }
      return try driver.start(on: &bus)
    case .sht3x(var driver):
      defer { self = .sht3x(driver) }
      return try driver.start(on: &bus)
    case .sht4x(var driver):
      defer { self = .sht4x(driver) }
      return try driver.start(on: &bus)
    case .dps310(var driver):
      defer { self = .dps310(driver) }
      return try driver.start(on: &bus)
    case .bh1750(var driver):
      defer { self = .bh1750(driver) }
      return try driver.start(on: &bus)
    case .scd4x(var driver):
      defer { self = .scd4x(driver) }
      return try driver.start(on: &bus)
    case .described(var driver):
      defer { self = .described(driver) }
      return try driver.start(on: &bus)
    case .mpu6050(var driver):
      defer { self = .mpu6050(driver) }
      return try driver.start(on: &bus)
    case .lsm6dsox(var driver):
      defer { self = .lsm6dsox(driver) }
      return try driver.start(on: &bus)
    case .adxl345(var driver):
      defer { self = .adxl345(driver) }
      return try driver.start(on: &bus)
    case .lsm303dlhc(var driver):
      defer { self = .lsm303dlhc(driver) }
      return try driver.start(on: &bus)
    case .ads1115(var driver):
      defer { self = .ads1115(driver) }
      return try driver.start(on: &bus)
    case .ina219(var driver):
      defer { self = .ina219(driver) }
      return try driver.start(on: &bus)
    case .amg8833(var driver):
      defer { self = .amg8833(driver) }
      return try driver.start(on: &bus)
    }
  }

  /// Begins a conversion.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {
    switch self {
    case .lm75(var driver):
      defer { self = .lm75(driver) }
      try driver.trigger(on: &bus)
    case .bme280(var driver):
      defer { self = .bme280(driver) }
      try driver.trigger(on: &bus)
    case .sht3x(var driver):
      defer { self = .sht3x(driver) }
      try driver.trigger(on: &bus)
    case .sht4x(var driver):
      defer { self = .sht4x(driver) }
      try driver.trigger(on: &bus)
    case .dps310(var driver):
      defer { self = .dps310(driver) }
      try driver.trigger(on: &bus)
    case .bh1750(var driver):
      defer { self = .bh1750(driver) }
      try driver.trigger(on: &bus)
    case .scd4x(var driver):
      defer { self = .scd4x(driver) }
      try driver.trigger(on: &bus)
    case .described(var driver):
      defer { self = .described(driver) }
      try driver.trigger(on: &bus)
    case .mpu6050(var driver):
      defer { self = .mpu6050(driver) }
      try driver.trigger(on: &bus)
    case .lsm6dsox(var driver):
      defer { self = .lsm6dsox(driver) }
      try driver.trigger(on: &bus)
    case .adxl345(var driver):
      defer { self = .adxl345(driver) }
      try driver.trigger(on: &bus)
    case .lsm303dlhc(var driver):
      defer { self = .lsm303dlhc(driver) }
      try driver.trigger(on: &bus)
    case .ads1115(var driver):
      defer { self = .ads1115(driver) }
      try driver.trigger(on: &bus)
    case .ina219(var driver):
      defer { self = .ina219(driver) }
      try driver.trigger(on: &bus)
    case .amg8833(var driver):
      defer { self = .amg8833(driver) }
      try driver.trigger(on: &bus)
    }
  }

  /// Takes the oldest result the device holds.
  public mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    switch self {
    case .lm75(var driver):
      defer { self = .lm75(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .bme280(var driver):
      defer { self = .bme280(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .sht3x(var driver):
      defer { self = .sht3x(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .sht4x(var driver):
      defer { self = .sht4x(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .dps310(var driver):
      defer { self = .dps310(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .bh1750(var driver):
      defer { self = .bh1750(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .scd4x(var driver):
      defer { self = .scd4x(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .described(var driver):
      defer { self = .described(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .mpu6050(var driver):
      defer { self = .mpu6050(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .lsm6dsox(var driver):
      defer { self = .lsm6dsox(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .adxl345(var driver):
      defer { self = .adxl345(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .lsm303dlhc(var driver):
      defer { self = .lsm303dlhc(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .ads1115(var driver):
      defer { self = .ads1115(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .ina219(var driver):
      defer { self = .ina219(driver) }
      return try driver.read(on: &bus, into: &reading)
    case .amg8833(var driver):
      defer { self = .amg8833(driver) }
      return try driver.read(on: &bus, into: &reading)
    }
  }

  /// Takes a setting of the configuration that only this kind of device has.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    switch self {
    case .lm75(var driver):
      defer { self = .lm75(driver) }
      return driver.set(option, to: value)
    case .bme280(var driver):
      defer { self = .bme280(driver) }
      return driver.set(option, to: value)
    case .sht3x(var driver):
      defer { self = .sht3x(driver) }
      return driver.set(option, to: value)
    case .sht4x(var driver):
      defer { self = .sht4x(driver) }
      return driver.set(option, to: value)
    case .dps310(var driver):
      defer { self = .dps310(driver) }
      return driver.set(option, to: value)
    case .bh1750(var driver):
      defer { self = .bh1750(driver) }
      return driver.set(option, to: value)
    case .scd4x(var driver):
      defer { self = .scd4x(driver) }
      return driver.set(option, to: value)
    case .described(var driver):
      defer { self = .described(driver) }
      return driver.set(option, to: value)
    case .mpu6050(var driver):
      defer { self = .mpu6050(driver) }
      return driver.set(option, to: value)
    case .lsm6dsox(var driver):
      defer { self = .lsm6dsox(driver) }
      return driver.set(option, to: value)
    case .adxl345(var driver):
      defer { self = .adxl345(driver) }
      return driver.set(option, to: value)
    case .lsm303dlhc(var driver):
      defer { self = .lsm303dlhc(driver) }
      return driver.set(option, to: value)
    case .ads1115(var driver):
      defer { self = .ads1115(driver) }
      return driver.set(option, to: value)
    case .ina219(var driver):
      defer { self = .ina219(driver) }
      return driver.set(option, to: value)
    case .amg8833(var driver):
      defer { self = .amg8833(driver) }
      return driver.set(option, to: value)
    }
  }
}
