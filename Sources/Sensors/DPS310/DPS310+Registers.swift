import Text

extension DPS310 {
  /// Section 7.
  enum Register {
    static let pressure: UInt8 = 0x00
    static let pressureSetup: UInt8 = 0x06
    static let temperatureSetup: UInt8 = 0x07
    static let measurement: UInt8 = 0x08
    static let configuration: UInt8 = 0x09
    static let reset: UInt8 = 0x0C
    static let product: UInt8 = 0x0D
    static let coefficients: UInt8 = 0x10
    static let coefficientSource: UInt8 = 0x28

    static let productNumber: UInt8 = 0x10
    static let resetMagic: UInt8 = 0x09

    // 0x07 and 0x28: the sensor at the pressure cell rather than the one in the circuit.
    static let externalSensor: UInt8 = 0x80

    // 0x08
    static let coefficientsReady: UInt8 = 0x80
    static let sensorReady: UInt8 = 0x40
    static let allReady: UInt8 = 0xC0
    static let temperatureReady: UInt8 = 0x20
    static let pressureReady: UInt8 = 0x10
    static let modeMask: UInt8 = 0x07
    /// Both quantities, again and again.
    static let background: UInt8 = 0x07

    // 0x09: results of more than eight measurements do not fit otherwise.
    static let temperatureShift: UInt8 = 0x08
    static let pressureShift: UInt8 = 0x04
  }

  /// Averaging of 2ᵏ measurements.
  struct Oversampling: Equatable, Sendable {
    /// k, 0 through 7.
    let code: UInt8

    init(code: UInt8) { self.code = code }

    /// `nil` for a text that is no power of two up to 128.
    init?(_ text: borrowing Span<UInt8>) {
      guard let code = Settings.exponent(text) else { return nil }
      self.code = code
    }

    /// Whether the result is shifted to fit its register (0x09).
    var needsShift: Bool { code > 3 }

    /// 2 ms and 1.6 ms a measurement (table 16).
    var microseconds: UInt32 { 2000 + 1600 << UInt32(code) }

    /// A raw result divided by its full scale (section 4.9, table 9).
    func scaled(_ raw: Int32) -> Double { Double(raw) / Double(fullScale) }

    private var fullScale: Int32 {
      switch code {
      case 0: 524_288
      case 1: 1_572_864
      case 2: 3_670_016
      case 3: 7_864_320
      case 4: 253_952
      case 5: 516_096
      case 6: 1_040_384
      default: 2_088_960
      }
    }
  }

  /// What the setup registers are given.
  struct Settings: Sendable {
    var pressure = Oversampling(code: 4)
    var temperature = Oversampling(code: 0)
    /// 2ᵏ measurements a second.
    var rateCode: UInt8 = 3
    var checksIdentity = true

    /// Whether a second has time for what is asked.
    var fit: Bool { (pressure.microseconds + temperature.microseconds) << rateCode < 1_000_000 }

    /// The exponent of a power of two up to 128.
    static func exponent(_ text: borrowing Span<UInt8>) -> UInt8? {
      guard let value = text.settingInteger(in: 1...128), value & (value - 1) == 0 else {
        return nil
      }
      return UInt8(value.trailingZeroBitCount)
    }

    mutating func set(
      _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
    ) -> SensorOptionResult {
      if option.equals("identity") {
        guard value.equals("check") || value.equals("ignore") else {
          return .badValue(known: "check or ignore")
        }
        checksIdentity = value.equals("check")
        return .taken
      }
      let isForPressure = option.equals("oversampling")
      let isForTemperature = option.equals("temperature-oversampling")
      guard isForPressure || isForTemperature || option.equals("data-rate") else {
        return .unknown
      }
      guard let exponent = Self.exponent(value) else {
        return .badValue(known: "1, 2, 4, 8, 16, 32, 64 or 128")
      }
      if isForPressure {
        pressure = Oversampling(code: exponent)
      } else if isForTemperature {
        temperature = Oversampling(code: exponent)
      } else {
        rateCode = exponent
      }
      return .taken
    }
  }
}
