private import CPlatform
public import Hardware

/// The resistor the chip puts on an input.
public enum GPIOBias: UInt8, Sendable {
  /// Whatever the board set up.
  case asIs
  case disabled
  case pullUp
  case pullDown

  fileprivate var code: UInt8 {
    switch self {
    case .asIs: UInt8(SWL_GPIO_BIAS_AS_IS)
    case .disabled: UInt8(SWL_GPIO_BIAS_DISABLED)
    case .pullUp: UInt8(SWL_GPIO_BIAS_PULL_UP)
    case .pullDown: UInt8(SWL_GPIO_BIAS_PULL_DOWN)
    }
  }
}

/// A GPIO line that is read, the program's own until it is released.
@safe
public struct GPIOInput: DigitalInput, ~Copyable {
  private let request: OpaquePointer

  /// Whether the kernel leaves out bounces. Otherwise changes come as they are.
  public let debouncesInKernel: Bool

  /// Changes the kernel had no room for, since the start. The first generation of the library does
  /// not tell and leaves it at 0.
  public private(set) var lostEdgeCount: UInt64 = 0

  /// Requests the line.
  ///
  /// - Parameters:
  ///   - activeLow: Whether low is the active level.
  ///   - debounceMicroseconds: How long a level must hold to count, where the kernel does it.
  ///   - edges: Whether changes are kept for `nextEdge()`. Some chips have lines without.
  public init(
    _ line: GPIOLine, activeLow: Bool = false, bias: GPIOBias = .asIs,
    debounceMicroseconds: UInt32 = 0, edges: Bool = true
  ) throws(GPIOError) {
    var settings = swl_gpio_settings()
    settings.offset = UInt32(clamping: line.offset)
    settings.bias = bias.code
    settings.is_active_low = activeLow
    settings.reports_edges = edges
    settings.debounce_us = debounceMicroseconds
    var failure: Int32 = 0
    // The new request is ours alone.
    guard
      let made = unsafe swl_gpio_line_request(Int32(clamping: line.chipNumber), &settings, &failure)
    else { throw GPIOError(code: failure) }
    unsafe request = made
    debouncesInKernel = debounceMicroseconds > 0 && GPIOLibrary.generation >= 2
  }

  /// The line's logical level now; `true` is active.
  public mutating func level() throws(BusError) -> Bool {
    let result = unsafe swl_gpio_line_get(request)
    guard result >= 0 else { throw BusError(gpio: result) }
    return result != 0
  }

  /// The oldest change that was not taken yet; `nil` when there is none. Does not wait.
  public mutating func nextEdge() throws(BusError) -> DigitalEdge? {
    var edge = swl_gpio_edge()
    let result = unsafe swl_gpio_line_next_edge(request, &edge)
    guard result >= 0 else { throw BusError(gpio: result) }
    guard result > 0 else { return nil }
    lostEdgeCount += UInt64(edge.lost)
    return DigitalEdge(level: edge.level, nanoseconds: edge.nanoseconds)
  }

  /// Readable while there are changes in the kernel; take them all with `nextEdge()` then. `nil`
  /// where edges were not asked for.
  public var eventDescriptor: EventDescriptor? {
    let number = unsafe swl_gpio_line_descriptor(request)
    return number < 0 ? nil : EventDescriptor(number: number)
  }

  deinit {
    // Once: the owner is gone after it.
    unsafe swl_gpio_line_release(request)
  }
}

extension BusError {
  /// The error of a call on a requested line.
  init(gpio code: Int32) {
    let kind: Kind =
      switch Int(swl_gpio_kind_of_error(code)) {
      case SWL_GPIO_MISSING: .missingBus
      case SWL_GPIO_BUSY: .busy
      case SWL_GPIO_NOT_PERMITTED: .notPermitted
      case SWL_GPIO_UNSUPPORTED: .unsupported
      default: .other
      }
    self.init(kind, code: abs(code))
  }
}
