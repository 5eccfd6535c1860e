private import CPlatform
public import Hardware
import Text

/// What an address on a bus does when it is asked.
public enum I2CProbeAnswer: Equatable, Sendable {
  /// A device acknowledges.
  case answers
  /// None does.
  case silent
  /// A driver of the kernel has the address; it was not asked.
  case usedByKernel
}

/// An I2C adapter of the kernel, `/dev/i2c-N`.
///
/// Transfers of any shape go through the adapter where it can (I2C_RDWR). An adapter that knows SMBus
/// commands only does those transfers that have the shape of one (a register read or written, up to 32
/// bytes); the others are `.unsupported`. An address a kernel driver has is `.busy` and left alone.
public struct I2CAdapter: I2CBus, ~Copyable {
  private let file: FileDescriptor
  private let functions: UInt64
  private let number: Int?
  /// The address the following SMBus commands go to, known not to be the kernel's.
  private var selected: I2CAddress?

  /// Whether the adapter cannot do transfers of any shape.
  public let isSMBusOnly: Bool

  /// Opens the adapter.
  ///
  /// - Parameter timeoutMilliseconds: How long a transfer may take, in steps of 10. The kernel keeps
  ///   it for the adapter, so it holds for other programs too.
  public init(
    _ path: borrowing FilePath, timeoutMilliseconds: Int = 50
  ) throws(BusError) {
    var functions: UInt64 = 0
    let opened = unsafe path.withCString {
      unsafe swl_i2c_open($0, UInt32(clamping: timeoutMilliseconds), &functions)
    }
    try Self.check(opened)
    self.functions = functions
    isSMBusOnly = !swl_i2c_has_transfers(functions)
    file = FileDescriptor(number: opened, closesOnDeinit: true)
    number = Self.number(in: path.bytes)
  }

  /// Opens bus `number`, `/dev/i2c-NUMBER`.
  public init(number: Int, timeoutMilliseconds: Int = 50) throws(BusError) {
    var name = TextBuffer<32>()
    name.append("/dev/i2c-")
    name.append(number)
    guard let path = try? FilePath(name.bytes) else { throw BusError(.missingBus) }
    try self.init(path, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// The number of the first `/dev/i2c-N` from `first` on; `nil` when there is none.
  public static func nextBus(from first: Int) -> Int? {
    guard let first = Int32(exactly: first) else { return nil }
    let number = swl_i2c_next_bus(first)
    return number < 0 ? nil : Int(number)
  }

  /// The digits at the end of `/dev/i2c-1`.
  private static func number(in path: borrowing Span<UInt8>) -> Int? {
    guard path.starts(with: "/dev/i2c-"), (10...18).contains(path.count) else { return nil }
    var value = 0
    for index in 9..<path.count {
      guard (0x30...0x39).contains(path[index]) else { return nil }
      value = 10 * value + Int(path[index] - 0x30)
    }
    return value
  }

  private static func check(_ result: Int32) throws(BusError) {
    guard result < 0 else { return }
    throw BusError(kind(of: result), code: -result)
  }

  private static func kind(of error: Int32) -> BusError.Kind {
    switch Int(swl_i2c_kind_of_error(error)) {
    case SWL_I2C_NO_ACKNOWLEDGE: .noAcknowledge
    case SWL_I2C_TIMEOUT: .timeout
    case SWL_I2C_ARBITRATION_LOST: .arbitrationLost
    case SWL_I2C_BUSY: .busy
    case SWL_I2C_NOT_PERMITTED: .notPermitted
    case SWL_I2C_MISSING_BUS: .missingBus
    case SWL_I2C_UNSUPPORTED: .unsupported
    default: .other
    }
  }

  /// I2C_RDWR does not ask whether a kernel driver has the address, so each change of the device
  /// does.
  private mutating func select(_ address: I2CAddress) throws(BusError) {
    guard selected != address else { return }
    selected = nil
    try Self.check(swl_i2c_select(file.number, address.value))
    selected = address
  }

  /// Writes, then reads, without releasing the bus between; with both empty, asks whether the
  /// address answers.
  public mutating func transfer(
    _ address: I2CAddress, write: borrowing Span<UInt8>, read: inout MutableSpan<UInt8>
  ) throws(BusError) {
    try select(address)
    guard !write.isEmpty || !read.isEmpty else {
      return try Self.check(swl_i2c_probe(file.number, functions, address.value))
    }
    let isSMBusOnly = isSMBusOnly
    let functions = functions
    let descriptor = file.number
    // The kernel reads and fills in as many bytes as the spans hold.
    let result = unsafe write.withUnsafeBufferPointer { write in
      unsafe read.withUnsafeMutableBufferPointer { read in
        isSMBusOnly
          ? unsafe swl_i2c_smbus_transfer(
            descriptor, functions, write.baseAddress, UInt32(clamping: write.count),
            read.baseAddress, UInt32(clamping: read.count))
          : unsafe swl_i2c_transfer(
            descriptor, address.value, write.baseAddress, UInt32(clamping: write.count),
            read.baseAddress, UInt32(clamping: read.count))
      }
    }
    try Self.check(result)
  }

  /// Asks an address whether a device is there, by what harms none: a write of no bytes, or for the
  /// addresses of memories the read of one.
  ///
  /// - Throws: `BusError` for what concerns the bus and not the address.
  public mutating func probe(_ address: I2CAddress) throws(BusError) -> I2CProbeAnswer {
    do throws(BusError) {
      try select(address)
      try Self.check(swl_i2c_probe(file.number, functions, address.value))
      return .answers
    } catch {
      switch error.kind {
      case .busy: return .usedByKernel
      // Most adapters tell a missing acknowledge, some run into their time limit, some say EIO.
      case .noAcknowledge, .timeout, .other: return .silent
      default: throw error
      }
    }
  }

  /// Appends the adapter's own name, such as `bcm2835 (i2c@7e804000)`; nothing where it has none.
  public func appendName(to sink: inout some TextSink & ~Copyable) {
    guard let number else { return }
    var path = TextBuffer<64>()
    path.append("/sys/class/i2c-dev/i2c-")
    path.append(number)
    path.append("/name")
    guard let path = try? FilePath(path.bytes) else { return }
    var file = KernelTextFile(path)
    var storage = InlineArray<64, UInt8>(repeating: 0)
    var text = storage.mutableSpan
    guard let count = try? file.read(into: &text) else { return }
    sink.append(visible: text.span.extracting(first: count))
  }
}
