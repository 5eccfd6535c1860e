import Foundation

/// The sample model made for these boards, and configurations that feed it.
enum SampleModel {
  static func contents() throws -> Data {
    try Data(
      contentsOf: BoardFiles.package.appendingPathComponent("models/room-airing/room-airing.swl"))
  }

  /// The model and a configuration, where the daemon looks for them.
  static func files(_ configuration: String) throws -> [String: Data] {
    [
      "etc/swiftlet/model.swl": try contents(),
      "etc/swiftlet/swiftletd.conf": Data(configuration.utf8),
    ]
  }

  /// The thermometer on bus 1 of the Pi and a contact that nobody touches.
  static let onRaspberryPi = """
    [model]
    path = /etc/swiftlet/model.swl

    [sensor thermometer]
    type = tmp105
    bus = /dev/i2c-1
    address = 0x48
    rate = 4

    [sensor contact]
    type = gpio-level
    chip = pinctrl-bcm2835
    line = GPIO17
    rate = 4

    [channel temperature]
    sensor = thermometer

    [channel window]
    sensor = contact

    [decision]
    majority = 2 of 3

    [output lamp]
    chip = pinctrl-bcm2835
    line = GPIO26
    class = Heating

    [log]
    folder = /var/lib/swiftlet/log
    sync-interval = 1 s
    """

  /// The same on the AST2600, whose input A0 is the contact. `channel` is added to the temperature's
  /// settings, `contact` to the contact's, `log` to the log's.
  static func onEvaluationBoard(
    channel: String = "", contact: String = "", log: String = ""
  ) -> String {
    """
    [model]
    path = /etc/swiftlet/model.swl

    [sensor thermometer]
    type = tmp105
    bus = /dev/i2c-3
    address = 0x49
    rate = 4

    [sensor contact]
    type = gpio-level
    chip = 1e780000.gpio
    line = 0
    rate = 4
    \(contact)

    [channel temperature]
    sensor = thermometer
    \(channel)

    [channel window]
    sensor = contact

    [window]
    suspect = skip

    [log]
    folder = /var/lib/swiftlet/log
    sync-interval = 1 s
    \(log)
    """
  }
}
