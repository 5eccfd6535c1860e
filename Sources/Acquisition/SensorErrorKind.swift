import Hardware
import Sensors

/// What kind of error a sensor gave, without its details: what is counted and logged by name.
public enum SensorErrorKind: UInt8, Sendable {
  case noAcknowledge
  case timeout
  case arbitrationLost
  case busy
  case notPermitted
  case missingBus
  case missingFile
  case unsupported
  case inputOutput
  case checksum
  case wrongDevice
  case deviceFault
  case notANumber
  case noEcho
  case outOfRange

  /// How many kinds there are.
  public static let count = 15

  /// The kind of an error.
  public init(_ error: SensorError) {
    self =
      switch error {
      case .bus(let error):
        switch error.kind {
        case .noAcknowledge: .noAcknowledge
        case .timeout: .timeout
        case .arbitrationLost: .arbitrationLost
        case .busy: .busy
        case .notPermitted: .notPermitted
        case .missingBus: .missingBus
        case .missingFile: .missingFile
        case .unsupported: .unsupported
        case .other: .inputOutput
        }
      case .checksum: .checksum
      case .wrongDevice: .wrongDevice
      case .deviceFault: .deviceFault
      case .notANumber: .notANumber
      case .noEcho: .noEcho
      case .outOfRange: .outOfRange
      }
  }

  /// One word for logs and metrics.
  public var name: StaticString {
    switch self {
    case .noAcknowledge: "no_acknowledge"
    case .timeout: "timeout"
    case .arbitrationLost: "arbitration_lost"
    case .busy: "busy"
    case .notPermitted: "not_permitted"
    case .missingBus: "missing_bus"
    case .missingFile: "missing_file"
    case .unsupported: "unsupported"
    case .inputOutput: "input_output"
    case .checksum: "checksum"
    case .wrongDevice: "wrong_device"
    case .deviceFault: "device_fault"
    case .notANumber: "not_a_number"
    case .noEcho: "no_echo"
    case .outOfRange: "out_of_range"
    }
  }

  /// What to do about it first.
  var remedy: Remedy {
    switch self {
    case .noAcknowledge, .arbitrationLost, .inputOutput, .checksum, .notANumber: .retry
    // The device works; there was nothing to measure.
    case .noEcho, .outOfRange: .accept
    // Each attempt already took the bus's whole time limit.
    case .timeout: .waitForNextDeadline
    case .deviceFault: .startAgain
    case .busy, .notPermitted, .missingBus, .missingFile, .unsupported, .wrongDevice: .backOff
    }
  }

  enum Remedy {
    /// Again at once, a few times.
    case retry
    /// Nothing: the next deadline may bring a reading.
    case accept
    /// Again at the sensor's next deadline.
    case waitForNextDeadline
    /// Reset and configure the device, then go on.
    case startAgain
    /// Somebody has to do something; look now and then whether it was done.
    case backOff
  }
}
