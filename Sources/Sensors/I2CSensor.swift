import Hardware
import Text

/// A driver of one of the supported I2C devices, chosen by a configuration's `type = …`.
///
/// An enum where others would use an existential: the device build has none, and drivers lie in
/// place in an array of the schedule. A new driver is a line in each switch of the forwarding, in
/// the initializer and in `typeNames`.
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
