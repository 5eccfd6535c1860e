import Text

extension DescribedSensor {
  /// The settings of docs/sensors.md; a value that is none is refused with what is known.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    if let result = setTraffic(option, to: value) { return result }
    if let result = setLayout(option, to: value) { return result }
    if let result = setChecksum(option, to: value) { return result }
    return setMeaning(option, to: value)
  }

  /// What is missing, or contradicts itself.
  public var settingsProblem: StaticString? {
    if address == nil { return "a described sensor needs `address`" }
    if register == nil {
      return
        "a described sensor needs `register` (or `register = none`, to read without naming one)"
    }
    if let problem = layout.problem { return problem }
    if labels.nameCount == 0 {
      return "a described sensor needs `quantity`, such as temperature or flow"
    }
    if labels.unit.isEmpty { return "a described sensor needs `unit`, such as °C or l/min" }
    if labels.nameCount > count { return "`quantity` names more values than `count` reads" }
    return nil
  }

  /// What is written and where it is read.
  private mutating func setTraffic(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult? {
    if option.equals("init") {
      guard let list = CommandList<16>(value, allowsPauses: true) else {
        return .badValue(
          known: "up to 16 writes and pauses, such as 0x20:0x57 10ms 0x23:0x08")
      }
      initialization = list
      return .taken
    }
    if option.equals("trigger") {
      guard let list = CommandList<4>(value, allowsPauses: false) else {
        return .badValue(known: "up to 4 writes, such as 0x74:0x25 or 0x2400")
      }
      conversion = list
      return .taken
    }
    if option.equals("conversion-time") {
      guard let nanoseconds = value.settingNanoseconds, nanoseconds <= 60_000_000_000 else {
        return .badValue(known: "a time up to 60s, such as 15ms")
      }
      conversionTime = nanoseconds
      return .taken
    }
    if option.equals("register") {
      guard let number = value.equals("none") ? RegisterNumber.none : RegisterNumber(value) else {
        return .badValue(known: "0 through 0xff, 0x0000 through 0xffff for two bytes, or none")
      }
      register = number
      return .taken
    }
    if option.equals("identity") {
      guard let colon = value.firstColon,
        let register = RegisterNumber(value.extracting(0..<colon)),
        let expected = value.extracting(colon + 1..<value.count).settingInteger(in: 0...0xFF)
      else { return .badValue(known: "a register and what it holds, such as 0x0f:0x33") }
      identity = Identity(register: register, expected: UInt8(expected))
      return .taken
    }
    return nil
  }

  /// How bytes become an integer.
  private mutating func setLayout(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult? {
    if option.equals("width") {
      guard let width = value.settingInteger(in: 8...32), width % 8 == 0 else {
        return .badValue(known: "8, 16, 24 or 32 (bits)")
      }
      layout.width = Int(width)
      return .taken
    }
    if option.equals("byte-order") {
      guard value.equals("big") || value.equals("little") else {
        return .badValue(known: "big or little")
      }
      layout.isBigEndian = value.equals("big")
      return .taken
    }
    if option.equals("signed") {
      guard let flag = value.settingFlag else { return .badValue(known: "yes or no") }
      layout.isSigned = flag
      return .taken
    }
    if option.equals("shift") {
      guard let shift = value.settingInteger(in: 0...31) else {
        return .badValue(known: "0 through 31 (bits)")
      }
      layout.shift = Int(shift)
      return .taken
    }
    if option.equals("mask") {
      guard let mask = value.settingInteger(in: 1...0xFFFF_FFFF) else {
        return .badValue(known: "1 through 0xffffffff, such as 0x0fff")
      }
      layout.mask = UInt32(mask)
      return .taken
    }
    if option.equals("count") {
      guard let values = value.settingInteger(in: 1...Int64(Self.maximumCount)) else {
        return .badValue(known: "1 through 32 (values)")
      }
      count = Int(values)
      return .taken
    }
    return nil
  }

  private mutating func setChecksum(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult? {
    if option.equals("checksum") {
      guard value.equals("none") || value.equals("crc8") else {
        return .badValue(known: "none or crc8")
      }
      checksum.isUsed = value.equals("crc8")
      return .taken
    }
    if option.equals("checksum-polynomial") {
      guard let polynomial = value.settingInteger(in: 1...0xFF) else {
        return .badValue(known: "1 through 0xff, without the highest term, such as 0x31")
      }
      checksum.polynomial = UInt8(polynomial)
      return .taken
    }
    if option.equals("checksum-init") {
      guard let initial = value.settingInteger(in: 0...0xFF) else {
        return .badValue(known: "0 through 0xff")
      }
      checksum.initial = UInt8(initial)
      return .taken
    }
    return nil
  }

  /// What the integer means.
  private mutating func setMeaning(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult {
    // A 32-bit field times this stays far inside a `Float`.
    let limit = 1e28
    if option.equals("scale") {
      guard let scale = value.settingNumber, scale != 0, scale.magnitude <= limit else {
        return .badValue(known: "a number other than 0, such as 0.0625")
      }
      layout.scale = scale
      return .taken
    }
    if option.equals("offset") {
      guard let offset = value.settingNumber, offset.magnitude <= limit else {
        return .badValue(known: "a number, such as -46.85")
      }
      layout.offset = offset
      return .taken
    }
    if option.equals("quantity") {
      return labels.setNames(value)
        ? .taken
        : .badValue(
          known: "one to eight names of letters, digits and _, such as temperature or x y z")
    }
    if option.equals("unit") {
      return labels.setUnit(value)
        ? .taken : .badValue(known: "a unit of at most 16 bytes without spaces, such as °C")
    }
    return .unknown
  }
}
