import Hardware
import Text

/// Why a sensor gave no reading.
public enum SensorError: Error, Equatable, Sendable {
  case bus(BusError)
  /// A checksum over what was read does not fit.
  case checksum(found: UInt8, expected: UInt8)
  /// The identification register holds something else: another device answers at the address.
  case wrongDevice(register: UInt8, found: UInt8, expected: UInt8)
  /// The device reports a fault of its own (a status bit, an overflow of its buffer).
  case deviceFault(register: UInt8, found: UInt8)
  /// A text or number of a file that a kernel driver offers is not one.
  case notANumber
  /// The echo of a ranging pulse never came.
  case noEcho
  /// What is measured lies outside what the device can measure.
  case outOfRange

  /// One word for logs and metrics.
  public var name: StaticString {
    switch self {
    case .bus(let error): error.kind.name
    case .checksum: "checksum"
    case .wrongDevice: "wrong_device"
    case .deviceFault: "device_fault"
    case .notANumber: "not_a_number"
    case .noEcho: "no_echo"
    case .outOfRange: "out_of_range"
    }
  }

  /// Appends what happened and what to try.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    switch self {
    case .bus(let error):
      error.describe(into: &sink)
    case .checksum(let found, let expected):
      sink.append("checksum 0x")
      sink.append(hexadecimal: UInt64(found), digits: 2)
      sink.append(" where 0x")
      sink.append(hexadecimal: UInt64(expected), digits: 2)
      sink.append(" belongs; check the cable, or lower the bus clock")
    case .wrongDevice(let register, let found, let expected):
      sink.append("register 0x")
      sink.append(hexadecimal: UInt64(register), digits: 2)
      sink.append(" holds 0x")
      sink.append(hexadecimal: UInt64(found), digits: 2)
      sink.append(", not 0x")
      sink.append(hexadecimal: UInt64(expected), digits: 2)
      sink.append(": another device answers; check type and address")
    case .deviceFault(let register, let found):
      sink.append("the device reports a fault (register 0x")
      sink.append(hexadecimal: UInt64(register), digits: 2)
      sink.append(" = 0x")
      sink.append(hexadecimal: UInt64(found), digits: 2)
      sink.append("); it is started again")
    case .notANumber:
      sink.append("the file holds no number; check the path")
    case .noEcho:
      sink.append("no echo came back; check the wiring of trigger and echo, and the supply")
    case .outOfRange:
      sink.append("beyond what the device can measure; choose a wider range, if it has one")
    }
  }
}

#if !hasFeature(Embedded)
  extension SensorError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
