import Hardware
import LinuxPlatform
import ModelCommands
import Text

/// How a configuration says which GPIO line, and how it is wired.
enum LineSettings {
  /// `chip` (a label, may be left out) and `line` (a name, or an offset of the chip).
  static func choice(
    _ file: borrowing ConfigurationFile, _ section: Int, _ chip: StaticString, _ line: StaticString
  ) throws(GPIOError) -> GPIOLineChoice {
    var chipName = TextBuffer<64>()
    var lineName = TextBuffer<64>()
    if let entry = file.entry(chip, inSection: section) { chipName.append(file.value(of: entry)) }
    if let entry = file.entry(line, inSection: section) { lineName.append(file.value(of: entry)) }
    return try GPIOLineChoice(chip: chipName.bytes, line: lineName.bytes)
  }

  static func isActiveLow(_ file: borrowing ConfigurationFile, _ section: Int) -> Bool {
    guard let entry = file.entry("active", inSection: section) else { return false }
    return file.value(of: entry).equals("low")
  }

  static func bias(_ file: borrowing ConfigurationFile, _ section: Int) -> GPIOBias {
    guard let entry = file.entry("bias", inSection: section) else { return .asIs }
    let value = file.value(of: entry)
    if value.equals("pull-up") { return .pullUp }
    if value.equals("pull-down") { return .pullDown }
    if value.equals("disabled") { return .disabled }
    return .asIs
  }

  static func drive(_ file: borrowing ConfigurationFile, _ section: Int) -> GPIODrive {
    guard let entry = file.entry("drive", inSection: section) else { return .pushPull }
    let value = file.value(of: entry)
    if value.equals("open-drain") { return .openDrain }
    if value.equals("open-source") { return .openSource }
    return .pushPull
  }

  /// Checks the values of these keys.
  static func check(
    _ file: borrowing ConfigurationFile, _ section: Int, lineKey: StaticString = "line"
  ) throws(CommandFailure) {
    let line = try file.required(lineKey, inSection: section, example: "GPIO17")
    do throws(GPIOError) {
      _ = try choice(file, section, "chip", lineKey)
    } catch {
      throw file.refusal(of: line) { error.describe(into: &$0) }
    }
    try check(file, section, "active", "high, low")
    try check(file, section, "bias", "as-is, disabled, pull-up, pull-down")
    try check(file, section, "drive", "push-pull, open-drain, open-source")
  }

  private static func check(
    _ file: borrowing ConfigurationFile, _ section: Int, _ key: StaticString, _ known: StaticString
  ) throws(CommandFailure) {
    guard let entry = file.entry(key, inSection: section) else { return }
    guard !known.lists(file.value(of: entry)) else { return }
    throw file.refusal(of: entry) {
      $0.append("known: ")
      $0.append(known)
    }
  }

  /// The nearest a schedule can act on.
  static func busError(_ error: GPIOError) -> BusError {
    switch error.kind {
    case .missingChip, .missingLine, .ambiguous: BusError(.missingBus, code: error.code)
    case .busy: BusError(.busy, code: error.code)
    case .notPermitted: BusError(.notPermitted, code: error.code)
    case .unsupported: BusError(.unsupported, code: error.code)
    case .badChoice, .other: BusError(.other, code: error.code)
    }
  }
}
