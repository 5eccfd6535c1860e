import Text

/// Why a transfer on a bus failed.
///
/// The kind is what a driver or a schedule can act on; the number is for people, who find it in the
/// kernel's documentation.
public struct BusError: Error, Equatable, Sendable {
  /// What happened.
  public enum Kind: UInt8, Equatable, Sendable {
    /// No device acknowledged its address, or one refused a byte: absent, unplugged or busy.
    case noAcknowledge
    /// The transfer did not end in time; a device holds the clock line, or the bus hangs.
    case timeout
    /// Another controller took the bus.
    case arbitrationLost
    /// The kernel uses the address with a driver of its own.
    case busy
    /// The process may not use the bus.
    case notPermitted
    /// There is no such bus, or it went away.
    case missingBus
    /// There is no such file of the kernel's, or it went away with its device.
    case missingFile
    /// The adapter cannot do the transfer.
    case unsupported
    /// Anything else.
    case other
  }

  /// What happened.
  public let kind: Kind

  /// The `errno` value; 0 where no kernel was asked.
  public let code: Int32

  /// An error of the kind.
  public init(_ kind: Kind, code: Int32 = 0) {
    self.kind = kind
    self.code = code
  }

  /// Appends what happened and what to try; bus and address are known to whoever tried.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append(kind.phrase)
    if code != 0 {
      sink.append(" (errno ")
      sink.append(Int(code))
      sink.append(")")
    }
    sink.append("; ")
    sink.append(kind.advice)
  }
}

extension BusError.Kind {
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
    case .other: "input_output"
    }
  }

  fileprivate var phrase: StaticString {
    switch self {
    case .noAcknowledge: "no device acknowledges"
    case .timeout: "the transfer did not end in time"
    case .arbitrationLost: "another controller took the bus"
    case .busy: "a kernel driver uses the address"
    case .notPermitted: "permission denied"
    case .missingBus: "there is no such bus"
    case .missingFile: "there is no such file"
    case .unsupported: "the adapter cannot do this transfer"
    case .other: "input/output error"
    }
  }

  fileprivate var advice: StaticString {
    switch self {
    case .noAcknowledge:
      "check wiring, power and the address (`swiftletd probe` lists what answers)"
    case .timeout: "check the pull-up resistors and the cable's length, or lower the bus clock"
    case .arbitrationLost: "keep one controller on the bus"
    case .busy: "unload that driver, or read the sensor through its sysfs file"
    case .notPermitted: "add the user to the group i2c, or install the udev rule"
    case .missingBus: "enable the bus (dtparam=i2c_arm=on on a Raspberry Pi) and load i2c-dev"
    case .missingFile:
      "check the path, and that the kernel's driver is loaded (a dtoverlay on a Raspberry Pi)"
    case .unsupported: "use another adapter"
    case .other: "check the cable and the kernel's log (dmesg)"
    }
  }
}

#if !hasFeature(Embedded)
  extension BusError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
