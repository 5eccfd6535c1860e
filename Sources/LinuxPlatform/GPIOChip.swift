private import CPlatform
import Text

/// What the kernel says about a line.
public struct GPIOLineInfo: Sendable {
  /// Its number on the chip.
  public let offset: Int
  /// Its name on the board; empty where it has none.
  public let name: TextBuffer<32>
  /// Who has it; empty where nobody said.
  public let consumer: TextBuffer<32>
  /// Whether it is driven.
  public let isOutput: Bool
  /// Whether a program or a kernel driver has it.
  public let isUsed: Bool
  /// Whether low is its active level.
  public let isActiveLow: Bool
}

/// The library the GPIO lines are reached through.
public enum GPIOLibrary {
  /// 1 or 2, as it was compiled. The second one debounces in the kernel and counts lost changes.
  public static var generation: Int { Int(swl_gpio_generation()) }
}

/// A GPIO chip of the kernel, for looking at its lines.
@safe
public struct GPIOChip: ~Copyable {
  private let chip: OpaquePointer

  /// The number the kernel gave it, which another boot may give to another chip.
  public let number: Int

  /// Opens `/dev/gpiochipNUMBER`.
  public init(number: Int) throws(GPIOError) {
    var failure: Int32 = 0
    // The new chip is ours alone.
    guard let opened = unsafe swl_gpio_chip_open(Int32(clamping: number), &failure) else {
      throw GPIOError(code: failure)
    }
    unsafe chip = opened
    self.number = number
  }

  /// The number of the first chip from `first` on; `nil` when there is none.
  public static func next(from first: Int) -> Int? {
    guard let first = Int32(exactly: first) else { return nil }
    let number = swl_gpio_next_chip(first)
    return number < 0 ? nil : Int(number)
  }

  /// Its name, `gpiochip0`.
  public var name: TextBuffer<32> { unsafe text(of: swl_gpio_chip_name(chip)) }

  /// Its label, which says what it is: `pinctrl-bcm2835`.
  public var label: TextBuffer<32> { unsafe text(of: swl_gpio_chip_label(chip)) }

  @unsafe
  private func text(of cString: UnsafePointer<UInt8>) -> TextBuffer<32> {
    var text = TextBuffer<32>()
    unsafe text.append(cString: cString)
    return text
  }

  /// How many lines it has.
  public var lineCount: Int { Int(unsafe swl_gpio_chip_line_count(chip)) }

  /// What the kernel says about a line now.
  ///
  /// - Parameter offset: 0 through `lineCount` − 1.
  public func line(_ offset: Int) throws(GPIOError) -> GPIOLineInfo {
    var info = swl_gpio_line_info()
    // The kernel's names are copied into `info`.
    let result = unsafe swl_gpio_line_inspect(chip, UInt32(clamping: offset), &info)
    guard result >= 0 else { throw GPIOError(code: result) }
    let name = unsafe withUnsafeBytes(of: &info.name) { unsafe Self.text(in: $0) }
    let consumer = unsafe withUnsafeBytes(of: &info.consumer) { unsafe Self.text(in: $0) }
    return GPIOLineInfo(
      offset: offset, name: name, consumer: consumer, isOutput: info.is_output,
      isUsed: info.is_used, isActiveLow: info.is_active_low)
  }

  /// The bytes before the first NUL.
  @unsafe
  private static func text(in bytes: UnsafeRawBufferPointer) -> TextBuffer<32> {
    var text = TextBuffer<32>()
    var index = 0
    while index < bytes.count, unsafe bytes[index] != 0 {
      unsafe text.append(byte: bytes[index])
      index += 1
    }
    return text
  }

  deinit {
    // Once: the owner is gone after it.
    unsafe swl_gpio_chip_close(chip)
  }
}
