private import CPlatform
public import Hardware

/// How an output drives its line.
public enum GPIODrive: UInt8, Sendable {
  /// High and low.
  case pushPull
  /// Low only; high comes from a resistor.
  case openDrain
  /// High only; low comes from a resistor.
  case openSource

  fileprivate var code: UInt8 {
    switch self {
    case .pushPull: UInt8(SWL_GPIO_PUSH_PULL)
    case .openDrain: UInt8(SWL_GPIO_OPEN_DRAIN)
    case .openSource: UInt8(SWL_GPIO_OPEN_SOURCE)
    }
  }
}

/// A GPIO line that is driven, the program's own until it is released.
///
/// What the line does afterwards is the chip's business: some leave the level, some make it an
/// input. Where it matters, a resistor decides.
@safe
public struct GPIOOutput: DigitalOutput, ~Copyable {
  private let request: OpaquePointer

  /// Requests the line and drives it at once.
  ///
  /// - Parameters:
  ///   - level: The first logical level; `true` is active.
  ///   - activeLow: Whether low is the active level.
  public init(
    _ line: GPIOLine, initially level: Bool, activeLow: Bool = false,
    drive: GPIODrive = .pushPull
  ) throws(GPIOError) {
    var settings = swl_gpio_settings()
    settings.offset = UInt32(clamping: line.offset)
    settings.drive = drive.code
    settings.is_output = true
    settings.is_active_low = activeLow
    settings.initial_level = level
    var failure: Int32 = 0
    // The new request is ours alone.
    guard
      let made = unsafe swl_gpio_line_request(Int32(clamping: line.chipNumber), &settings, &failure)
    else { throw GPIOError(code: failure) }
    unsafe request = made
  }

  /// Drives the line; `true` is active.
  public mutating func set(_ level: Bool) throws(BusError) {
    let result = unsafe swl_gpio_line_set(request, level)
    guard result >= 0 else { throw BusError(gpio: result) }
  }

  /// The logical level read back from the line, or from the chip's register where it has no other
  /// way.
  public mutating func level() throws(BusError) -> Bool {
    let result = unsafe swl_gpio_line_get(request)
    guard result >= 0 else { throw BusError(gpio: result) }
    return result != 0
  }

  deinit {
    // Once: the owner is gone after it.
    unsafe swl_gpio_line_release(request)
  }
}
