private import CPlatform
import Text

/// Why a GPIO chip or line cannot be used.
public struct GPIOError: Error, Equatable, Sendable {
  /// What happened.
  public enum Kind: UInt8, Equatable, Sendable {
    /// No chip has the label.
    case missingChip
    /// No line has the name, or the chip has fewer lines.
    case missingLine
    /// Several lines, or chips, are called so.
    case ambiguous
    /// Somebody else has the line.
    case busy
    /// The process may not use the chip.
    case notPermitted
    /// The chip, or the kernel, cannot do what was asked of the line.
    case unsupported
    /// The choice is no label, name or offset.
    case badChoice
    /// Anything else.
    case other
  }

  /// What happened.
  public let kind: Kind

  /// The `errno` value; 0 where no call failed.
  public let code: Int32

  /// What the sentence is about: the candidates, the consumer that has the line, or the names that
  /// there are.
  let detail: TextBuffer<256>

  init(_ kind: Kind, code: Int32 = 0, detail: TextBuffer<256> = TextBuffer()) {
    self.kind = kind
    self.code = abs(code)
    self.detail = detail
  }

  init(code: Int32) {
    let kind: Kind =
      switch Int(swl_gpio_kind_of_error(code)) {
      case SWL_GPIO_MISSING: .missingChip
      case SWL_GPIO_BUSY: .busy
      case SWL_GPIO_NOT_PERMITTED: .notPermitted
      case SWL_GPIO_UNSUPPORTED: .unsupported
      default: .other
      }
    self.init(kind, code: code)
  }

  /// Appends what happened and what to try; chip and line are known to whoever tried.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append(kind.phrase)
    if code != 0 {
      sink.append(" (")
      unsafe sink.append(cString: swl_error_name(code))
      sink.append(")")
    }
    if !detail.isEmpty {
      sink.append(kind.introduction)
      sink.append(visible: detail.bytes)
      if detail.overflowed { sink.append(" ...") }
    }
    sink.append("; ")
    sink.append(kind.advice)
  }
}

extension GPIOError.Kind {
  /// One word for logs and metrics.
  public var name: StaticString {
    switch self {
    case .missingChip: "missing_chip"
    case .missingLine: "missing_line"
    case .ambiguous: "ambiguous"
    case .busy: "busy"
    case .notPermitted: "not_permitted"
    case .unsupported: "unsupported"
    case .badChoice: "bad_choice"
    case .other: "input_output"
    }
  }

  fileprivate var phrase: StaticString {
    switch self {
    case .missingChip: "there is no such GPIO chip"
    case .missingLine: "there is no such GPIO line"
    case .ambiguous: "several GPIO lines are called so"
    case .busy: "the line is in use"
    case .notPermitted: "permission denied"
    case .unsupported: "the GPIO chip or the kernel cannot do this"
    case .badChoice: "this names no GPIO line"
    case .other: "input/output error"
    }
  }

  /// What the detail is.
  fileprivate var introduction: StaticString {
    switch self {
    case .missingChip: ": there are "
    case .ambiguous: ": "
    case .busy: ", by "
    default: ": "
    }
  }

  fileprivate var advice: StaticString {
    switch self {
    case .missingChip: "check the label (`swiftletd probe` lists chips and lines)"
    case .missingLine: "check the name or offset (`swiftletd probe` lists chips and lines)"
    case .ambiguous: "name the chip's label too, or the line's offset instead of its name"
    case .busy: "stop the program that uses it, or unload the kernel's driver for it"
    case .notPermitted: "add the user to the group gpio, or install the udev rule"
    case .unsupported:
      "leave out bias, drive or debounce, choose another line, or use a newer kernel"
    case .badChoice: "give a line's name, or a chip's label and a line's offset"
    case .other: "look at the kernel's log (dmesg)"
    }
  }
}

#if !hasFeature(Embedded)
  extension GPIOError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
