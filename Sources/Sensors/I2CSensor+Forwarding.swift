import Hardware

// Each member passes on to the driver inside; one that changes the driver puts it back, after an
// error too.
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
