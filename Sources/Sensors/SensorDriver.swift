import Hardware

/// A device on an I2C bus, as the schedule sees it.
///
/// A driver holds what it must remember (calibration words, a step of its start) and is handed the
/// bus with each call, so many drivers share one bus. No call waits: where a device needs time, the
/// driver says how long, and is called again after it.
public protocol SensorDriver: Sendable {
  /// What one reading holds, in order.
  var quantities: Quantities { get }

  /// From `trigger(on:)` to the moment `read(on:into:)` finds the result, in nanoseconds; 0 for a
  /// device that measures by itself.
  var conversionNanoseconds: UInt64 { get }

  /// One step of finding, resetting and configuring the device. After an error the start begins
  /// anew with the next call.
  mutating func start(on bus: inout some I2CBus & ~Copyable) throws(SensorError) -> StartProgress

  /// Begins a conversion; nothing for a device that measures by itself.
  mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError)

  /// Takes the oldest result the device holds.
  mutating func read(
    on bus: inout some I2CBus & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress

  /// Takes a setting of the configuration that only this kind of device has.
  mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult

  /// What the settings lack, or where they contradict each other, as a sentence for the user; asked
  /// once after the last `set`. `nil` where the driver can start.
  var settingsProblem: StaticString? { get }
}

extension SensorDriver {
  /// The device measures by itself.
  public var conversionNanoseconds: UInt64 { 0 }

  /// Nothing: the device measures by itself.
  public mutating func trigger(on bus: inout some I2CBus & ~Copyable) throws(SensorError) {}

  /// The device has no settings of its own.
  public mutating func set(
    _ option: borrowing Span<UInt8>, to value: borrowing Span<UInt8>
  ) -> SensorOptionResult { .unknown }

  /// Every combination of settings works.
  public var settingsProblem: StaticString? { nil }
}

/// How far the start of a device is.
public enum StartProgress: Equatable, Sendable {
  /// The device measures.
  case ready
  /// Call again after so many nanoseconds.
  case wait(nanoseconds: UInt64)
}

/// What a read found.
public enum ReadProgress: Equatable, Sendable {
  /// A reading, the last one the device holds.
  case reading
  /// A reading; the device's buffer holds more.
  case readingAndMore
  /// Nothing new since the last read.
  case nothingNew
  /// A part of the reading is there; call again after so many nanoseconds, without a trigger. For
  /// a converter that turns from input to input.
  case wait(nanoseconds: UInt64)
}

/// What became of a setting.
public enum SensorOptionResult: Sendable {
  case taken
  /// The kind of device has no such setting.
  case unknown
  /// The value is none the setting can have; `known` lists those.
  case badValue(known: StaticString)
}
