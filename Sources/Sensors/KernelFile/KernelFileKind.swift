import Text

/// What a file of a kernel's sensor driver means, by its name: IIO, hwmon, thermal zones, 1-Wire.
///
/// The names and units are those of the kernel's ABI documents (`sysfs-bus-iio`, `sysfs-class-hwmon`,
/// `sysfs-class-thermal`, `sysfs-driver-w1_therm`).
public struct KernelFileKind: Sendable {
  /// What the file measures and the unit a reading gives it in.
  public let quantity: Quantity

  /// What a number in the kernel's unit is multiplied by.
  public let factor: Double

  /// Whether the number must first be scaled with the files beside it (`_scale`, `_offset`).
  public let isRaw: Bool

  /// A file in a unit of its own.
  public init(_ quantity: Quantity, factor: Double = 1, isRaw: Bool = false) {
    self.quantity = quantity
    self.factor = factor
    self.isRaw = isRaw
  }

  /// - Returns: `nil` for a name that is none of these; quantity and unit must then be configured.
  public init?(path: borrowing Span<UInt8>) {
    let name = path.lastComponent
    if name.equals("temp") || name.equals("temperature") {
      self.init(Quantity("temperature", unit: "°C"), factor: 0.001)
      return
    }
    let isRaw = name.ends(with: "_raw")
    guard isRaw || name.ends(with: "_input") || name.ends(with: "_average") else { return nil }
    let row = name.starts(with: "in_") ? Self.row(industrialIO: name) : Self.row(monitor: name)
    guard let row else { return nil }
    self.init(Quantity(row.quantity, unit: row.unit), factor: row.factor, isRaw: isRaw)
  }

  private struct Row {
    let prefix: StaticString
    let quantity: StaticString
    let unit: StaticString
    let factor: Double

    init(
      _ prefix: StaticString, _ quantity: StaticString, _ unit: StaticString, _ factor: Double
    ) {
      self.prefix = prefix
      self.quantity = quantity
      self.unit = unit
      self.factor = factor
    }
  }

  /// Milli-units for the most part, but kilopascals and gauss.
  private static func row(industrialIO name: borrowing Span<UInt8>) -> Row? {
    let rows: InlineArray<18, Row> = [
      Row("in_temp", "temperature", "°C", 0.001),
      Row("in_humidityrelative", "humidity", "%", 0.001),
      Row("in_pressure", "pressure", "Pa", 1_000),
      Row("in_accel_x", "acceleration_x", "m/s²", 1),
      Row("in_accel_y", "acceleration_y", "m/s²", 1),
      Row("in_accel_z", "acceleration_z", "m/s²", 1),
      Row("in_anglvel_x", "angular_velocity_x", "rad/s", 1),
      Row("in_anglvel_y", "angular_velocity_y", "rad/s", 1),
      Row("in_anglvel_z", "angular_velocity_z", "rad/s", 1),
      Row("in_magn_x", "magnetic_field_x", "µT", 100),
      Row("in_magn_y", "magnetic_field_y", "µT", 100),
      Row("in_magn_z", "magnetic_field_z", "µT", 100),
      Row("in_voltage", "voltage", "V", 0.001),
      Row("in_current", "current", "A", 0.001),
      Row("in_power", "power", "W", 0.001),
      Row("in_illuminance", "illuminance", "lx", 1),
      Row("in_distance", "distance", "m", 1),
      Row("in_resistance", "resistance", "Ω", 1),
    ]
    return first(of: rows, beginning: name)
  }

  /// A prefix and a number: milli-units, but microwatts and microjoules.
  private static func row(monitor name: borrowing Span<UInt8>) -> Row? {
    let rows: InlineArray<7, Row> = [
      Row("temp", "temperature", "°C", 0.001),
      Row("in", "voltage", "V", 0.001),
      Row("curr", "current", "A", 0.001),
      Row("power", "power", "W", 0.000_001),
      Row("energy", "energy", "J", 0.000_001),
      Row("humidity", "humidity", "%", 0.001),
      Row("fan", "rotation", "1/min", 1),
    ]
    guard let row = first(of: rows, beginning: name) else { return nil }
    let digit = name[row.prefix.utf8CodeUnitCount]
    return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) ? row : nil
  }

  private static func first<let count: Int>(
    of rows: InlineArray<count, Row>, beginning name: borrowing Span<UInt8>
  ) -> Row? {
    for index in rows.indices where name.starts(with: rows[index].prefix) { return rows[index] }
    return nil
  }
}

extension Span where Element == UInt8 {
  /// What follows the last slash.
  var lastComponent: Span<UInt8> {
    @_lifetime(copy self)
    get {
      var start = count
      while start > 0 && self[start - 1] != UInt8(ascii: "/") { start -= 1 }
      return extracting(start..<count)
    }
  }

  /// Whether the bytes end with those of the literal.
  func ends(with suffix: StaticString) -> Bool {
    suffix.withUTF8Span { suffix in
      count >= suffix.count && extracting(last: suffix.count).equals(suffix)
    }
  }
}
