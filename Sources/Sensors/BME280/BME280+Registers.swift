import Text

extension BME280 {
  /// Section 5.3, table 18.
  enum Register {
    static let calibration: UInt8 = 0x88
    static let identification: UInt8 = 0xD0
    static let reset: UInt8 = 0xE0
    static let humidityCalibration: UInt8 = 0xE1
    static let controlHumidity: UInt8 = 0xF2
    static let status: UInt8 = 0xF3
    static let controlMeasurement: UInt8 = 0xF4
    static let configuration: UInt8 = 0xF5
    static let pressure: UInt8 = 0xF7
    static let temperature: UInt8 = 0xFA
    static let humidity: UInt8 = 0xFD

    /// Section 5.4.2.
    static let resetMagic: UInt8 = 0xB6
    /// Section 5.4.4: a measurement runs.
    static let measuring: UInt8 = 0x08
    /// Section 5.4.4: the calibration words are being copied.
    static let updating: UInt8 = 0x01
  }

  /// Averaging of 1, 2, 4, 8 or 16 measurements (section 5.4.3, table 20).
  struct Oversampling: Equatable, Sendable {
    /// The field of a register, 1 through 5.
    let code: UInt8

    /// How many measurements.
    var factor: UInt64 { 1 << UInt64(code - 1) }

    static let once = Oversampling(code: 1)

    init(code: UInt8) { self.code = code }

    /// `nil` for a text that is none of the factors.
    init?(_ text: borrowing Span<UInt8>) {
      switch text.settingInteger(in: 1...16) {
      case 1: code = 1
      case 2: code = 2
      case 4: code = 3
      case 8: code = 4
      case 16: code = 5
      default: return nil
      }
    }
  }

  /// What the control registers are given.
  struct Settings: Sendable {
    var isForced = true
    var temperature = Oversampling.once
    var pressure = Oversampling.once
    var humidity = Oversampling.once
    /// Section 5.4.6, table 28: off, 2, 4, 8, 16.
    var filter: UInt8 = 0
    /// Section 5.4.6, table 27: 0.5, 62.5, 125, 250, 500, 1000 ms.
    var standby: UInt8 = 0

    // Section 5.4.5, table 25.
    static let sleep: UInt8 = 0
    static let forced: UInt8 = 1
    static let normal: UInt8 = 3
    static let modeMask: UInt8 = 3

    /// `ctrl_meas` without the mode.
    var controlMeasurement: UInt8 { temperature.code << 5 | pressure.code << 2 }

    /// `config`, I2C only.
    var configuration: UInt8 { standby << 5 | filter << 2 }

    /// The longest measurement: 1.25 ms, and for each quantity 2.3 ms a time and 0.575 ms, the
    /// latter not for the temperature (appendix B.1).
    func measurementMicroseconds(withHumidity: Bool) -> UInt64 {
      let base = 1250 + 2300 * temperature.factor + 2300 * pressure.factor + 575
      return withHumidity ? base + 2300 * humidity.factor + 575 : base
    }

    mutating func set(
      _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>, withHumidity: Bool
    ) -> SensorOptionResult {
      if option.equals("mode") {
        guard value.equals("forced") || value.equals("normal") else {
          return .badValue(known: "forced or normal")
        }
        isForced = value.equals("forced")
        return .taken
      }
      if option.equals("filter") {
        switch value.settingInteger(in: 2...16) {
        case 2: filter = 1
        case 4: filter = 2
        case 8: filter = 3
        case 16: filter = 4
        default:
          guard value.equals("off") else { return .badValue(known: "off, 2, 4, 8 or 16") }
          filter = 0
        }
        return .taken
      }
      if option.equals("standby") {
        switch value.settingNumber {
        case 0.5: standby = 0
        case 62.5: standby = 1
        case 125: standby = 2
        case 250: standby = 3
        case 500: standby = 4
        case 1000: standby = 5
        default: return .badValue(known: "0.5, 62.5, 125, 250, 500 or 1000 (milliseconds)")
        }
        return .taken
      }
      return setOversampling(option, to: value, withHumidity: withHumidity)
    }

    private mutating func setOversampling(
      _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>, withHumidity: Bool
    ) -> SensorOptionResult {
      let isForAll = option.equals("oversampling")
      let isForTemperature = option.equals("temperature-oversampling")
      let isForPressure = option.equals("pressure-oversampling")
      let isForHumidity = withHumidity && option.equals("humidity-oversampling")
      guard isForAll || isForTemperature || isForPressure || isForHumidity else { return .unknown }
      guard let factor = Oversampling(value) else {
        return .badValue(known: "1, 2, 4, 8 or 16")
      }
      if isForAll || isForTemperature { temperature = factor }
      if isForAll || isForPressure { pressure = factor }
      if isForAll || isForHumidity { humidity = factor }
      return .taken
    }
  }
}
