import Foundation

/// The larger sample model with another contract: six channels at any rate, to load a schedule with.
/// What it predicts means nothing here.
enum SixChannels {
  /// What feeds the channels.
  enum Source {
    /// Thermometer, magnetometer and GPIO lines of the emulated Pi.
    case raspberryPi
    /// Files of this machine, in `folder`.
    case files(folder: URL)
  }

  private static let channels = [
    ("temperature", "°C"), ("field_x", "µT"), ("field_y", "µT"), ("field_z", "µT"),
    ("contact", "level"), ("button", "level"),
  ]

  /// The model for samples at `rate` a second, with at most 10 predictions a second up to
  /// 400 samples a second, and one every 40 samples beyond, unless `hop` says how many samples lie
  /// between two.
  @discardableResult
  static func model(rate: Int, hop: Int? = nil, in scratch: ScratchFolder) throws -> Data {
    let hop = hop ?? min(40, max(1, rate / 10))
    let folder = BoardFiles.package.appendingPathComponent("models/imu-activity")
    let names = channels.map {
      "{\"name\": \"\($0.0)\", \"unit\": \"\($0.1)\", \"mean\": 0, \"standard_deviation\": 10}"
    }
    let contract = """
      {"rate_hz": \(rate), "window": 40, "hop": \(hop),
       "channels": [\(names.joined(separator: ", "))]}
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

  static func configuration(
    _ source: Source, rate: Int, model: String, log: String, priority: Int? = nil,
    logKeys: String = ""
  ) -> String {
    """
    [model]
    path = \(model)

    \(sensors(source, rate: rate))

    [window]
    suspect = skip

    [log]
    folder = \(log)
    \(logKeys)
    \(priority.map { "\n[schedule]\npriority = \($0)" } ?? "")
    """
  }

  private static func sensors(_ source: Source, rate: Int) -> String {
    switch source {
    case .raspberryPi:
      """
      [sensor thermometer]
      type = tmp105
      bus = /dev/i2c-1
      address = 0x48
      rate = \(min(4, rate))

      [sensor compass]
      type = lsm303dlhc
      bus = /dev/i2c-1
      data-rate = 220
      rate = \(rate)

      [sensor first]
      type = gpio-level
      chip = pinctrl-bcm2835
      line = GPIO17
      rate = \(rate)

      [sensor second]
      type = gpio-level
      chip = pinctrl-bcm2835
      line = GPIO27
      rate = \(rate)

      [channel temperature]
      sensor = thermometer
      repeat = yes

      [channel field_x]
      sensor = compass
      quantity = magnetic_field_x

      [channel field_y]
      sensor = compass
      quantity = magnetic_field_y

      [channel field_z]
      sensor = compass
      quantity = magnetic_field_z

      [channel contact]
      sensor = first

      [channel button]
      sensor = second
      """
    case .files(let folder):
      channels.map { name, unit in
        """
        [sensor \(name)]
        type = file
        path = \(folder.appendingPathComponent(name).path)
        unit = \(unit)
        rate = \(rate)

        [channel \(name)]
        sensor = \(name)
        """
      }.joined(separator: "\n\n")
    }
  }

  /// Writes a number into each file that a configuration reads.
  static func fill(_ folder: URL) throws {
    for (name, _) in channels {
      try "20\n".write(
        to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
  }
}
