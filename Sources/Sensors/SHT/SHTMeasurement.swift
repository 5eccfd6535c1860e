import Hardware
import Text

/// What both generations of Sensirion's humidity sensors answer: two 16-bit words, each followed by
/// its checksum.
struct SHTMeasurement: Equatable, Sendable {
  /// The first word.
  var temperature: UInt16
  /// The second word.
  var humidity: UInt16

  init(temperature: UInt16, humidity: UInt16) {
    self.temperature = temperature
    self.humidity = humidity
  }

  /// Takes the words from six bytes.
  init(_ bytes: InlineArray<6, UInt8>) throws(SensorError) {
    try CRC8.sensirion.verify(bytes.span.extracting(0..<3))
    try CRC8.sensirion.verify(bytes.span.extracting(3..<6))
    temperature = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
    humidity = UInt16(bytes[3]) << 8 | UInt16(bytes[4])
  }

  /// -45 + 175 · word / 65535 °C, rounded once.
  var celsius: Float { Float(175 * Int32(temperature) - 45 * 65535) / 65535 }

  /// 100 · word / 65535 %, rounded once: the formula of the SHT3x (section 4.13).
  var sht3Percent: Float { Float(100 * Int32(humidity)) / 65535 }

  /// -6 + 125 · word / 65535 %, rounded once and limited to what humidity can be: the formula of
  /// the SHT4x (section 4.6), whose words reach a little beyond on both sides.
  var sht4Percent: Float {
    min(max(Float(125 * Int32(humidity) - 6 * 65535) / 65535, 0), 100)
  }
}

/// How often the device measures within one conversion: noise against time and current.
enum SHTRepeatability: Sendable {
  case high, medium, low

  /// `nil` for a text that names none.
  init?(_ text: borrowing Span<UInt8>) {
    if text.equals("high") {
      self = .high
    } else if text.equals("medium") {
      self = .medium
    } else if text.equals("low") {
      self = .low
    } else {
      return nil
    }
  }
}
