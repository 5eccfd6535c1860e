import Foundation

/// The larger sample model on the AST2600's magnetometer and barometer, ten samples a second. What it
/// predicts means nothing here; what it is fed does.
enum Compass {
  static func model(in scratch: ScratchFolder) throws -> Data {
    let folder = BoardFiles.package.appendingPathComponent("models/imu-activity")
    let channels = [
      ("field_x", "µT"), ("field_y", "µT"), ("field_z", "µT"), ("die", "°C"), ("pressure", "Pa"),
      ("barometer", "°C"),
    ].map {
      "{\"name\": \"\($0.0)\", \"unit\": \"\($0.1)\", \"mean\": 0, \"standard_deviation\": 10}"
    }
    let contract = """
      {"rate_hz": 10, "window": 40, "hop": 10, "channels": [\(channels.joined(separator: ", "))]}
      """
    try contract.write(to: scratch("contract.json"), atomically: true, encoding: .utf8)
    try HostProgram.succeed(
      HostProgram.swiftlet,
      [
        "convert", folder.appendingPathComponent("imu-activity.tflite").path,
        "-o", scratch("model.swl").path, "--contract", scratch("contract.json").path,
        "--labels", folder.appendingPathComponent("labels.txt").path,
      ])
    return try Data(contentsOf: scratch("model.swl"))
  }

  /// Fields around 20, 30 and 40 µT are plausible.
  static let configuration = """
    [model]
    path = /etc/swiftlet/model.swl

    [sensor compass]
    type = lsm303dlhc
    bus = /dev/i2c-3
    data-rate = 75
    rate = 10

    ; The emulated device has no product number.
    [sensor barometer]
    type = dps310
    bus = /dev/i2c-3
    identity = ignore
    rate = 10
    oversampling = 2
    data-rate = 16

    \([("field_x", 20), ("field_y", 30), ("field_z", 40)].map { axis, microtesla in
      """
      [channel \(axis)]
      sensor = compass
      quantity = magnetic_\(axis)
      plausible-minimum = \(Double(microtesla) - 0.5)
      plausible-maximum = \(Double(microtesla) + 0.5)
      """
    }.joined(separator: "\n\n"))

    [channel die]
    sensor = compass
    quantity = temperature

    [channel pressure]
    sensor = barometer
    quantity = pressure

    [channel barometer]
    sensor = barometer
    quantity = temperature

    [window]
    suspect = skip

    [log]
    folder = /var/lib/swiftlet/log
    sync-interval = 1 s
    \(Emulator.keepsAllWindows)
    """

  /// What the barometer's registers say, computed by the formulas of the DPS310's datasheet (sections
  /// 4.9.1 and 4.9.2): twice and once oversampled.
  static func expectedPressure(_ board: Emulator) throws -> (
    celsius: Float, pascals: Float, registers: [Int]
  ) {
    let dump = try board.shell(
      "for r in $(seq 0 33); do i2cget -y 3 0x77 $(printf 0x%02x $r) b; done", within: 60)
    let registers = dump.split(separator: "\n").compactMap { Int($0.dropFirst(2), radix: 16) }
    guard registers.count == 34 else { throw BoardFailure("the barometer's registers: \(dump)") }
    /// Two's complement of `width` bits, from a nibble on.
    func signed(nibble first: Int, width: Int) -> Double {
      var value = 0
      for nibble in first..<(first + width / 4) {
        value = value << 4 | (registers[nibble / 2] >> (nibble % 2 == 0 ? 4 : 0) & 15)
      }
      return Double(value >= 1 << (width - 1) ? value - 1 << width : value)
    }
    let pressure = signed(nibble: 0, width: 24) / 1_572_864
    let temperature = signed(nibble: 6, width: 24) / 524_288
    let c0 = signed(nibble: 32, width: 12), c1 = signed(nibble: 35, width: 12)
    let c00 = signed(nibble: 38, width: 20), c10 = signed(nibble: 43, width: 20)
    let c01 = signed(nibble: 48, width: 16), c11 = signed(nibble: 52, width: 16)
    let c20 = signed(nibble: 56, width: 16), c21 = signed(nibble: 60, width: 16)
    let c30 = signed(nibble: 64, width: 16)
    let constant = c00 + pressure * (c10 + pressure * (c20 + pressure * c30))
    let drift = temperature * (c01 + pressure * (c11 + pressure * c21))
    return (Float(c0 * 0.5 + c1 * temperature), Float(constant + drift), registers)
  }
}
