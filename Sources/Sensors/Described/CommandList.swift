import Text

/// One or two bytes of a register's number or value; more digits than two are two bytes, the high
/// one first.
struct RegisterNumber: Equatable, Sendable {
  var bytes: InlineArray<2, UInt8>
  /// 0 for a device that is read without naming a register.
  var count: Int

  /// No register is named.
  static let none = RegisterNumber(bytes: [0, 0], count: 0)

  static func == (left: Self, right: Self) -> Bool {
    left.count == right.count && left.bytes[0] == right.bytes[0] && left.bytes[1] == right.bytes[1]
  }
}

extension RegisterNumber {
  /// A number as a configuration writes it: `0x2c` and `44` are one byte, `0x2c06` and `0x002c`
  /// two; `nil` for anything else.
  init?(_ text: borrowing Span<UInt8>) {
    guard let value = text.settingInteger(in: 0...0xFFFF) else { return nil }
    let isWide = text.starts(with: "0x") || text.starts(with: "0X") ? text.count > 4 : value > 0xFF
    if isWide {
      bytes = [UInt8(value >> 8), UInt8(value & 0xFF)]
      count = 2
    } else {
      bytes = [UInt8(value), 0]
      count = 1
    }
  }
}

/// The bytes of one write.
struct CommandBytes: Sendable {
  private(set) var bytes = InlineArray<4, UInt8>(repeating: 0)
  private(set) var count = 0

  mutating func append(_ number: RegisterNumber) {
    for index in 0..<number.count {
      bytes[count] = number.bytes[index]
      count += 1
    }
  }
}

/// A step of a described sensor's start.
enum DescribedCommand: Sendable {
  case write(CommandBytes)
  case pause(nanoseconds: UInt64)
}

/// Writes and pauses of a configuration: `0x20:0x57 10ms 0x23:0x08`.
///
/// Items are separated by spaces or commas. `register:value` is a write, `register` alone too (a
/// command), and a number with `us`, `ms` or `s` a pause of a minute at most.
struct CommandList<let capacity: Int>: Sendable {
  private var items = InlineArray<capacity, DescribedCommand>(repeating: .pause(nanoseconds: 0))

  /// How many there are.
  private(set) var count = 0

  init() {}

  /// A command of the list.
  subscript(index: Int) -> DescribedCommand { items[index] }

  /// - Returns: `nil` for a text that is no such list, or a longer one.
  init?(_ text: borrowing Span<UInt8>, allowsPauses: Bool) {
    var start = 0
    while start < text.count {
      if text[start].isListSeparator {
        start += 1
        continue
      }
      var end = start
      while end < text.count, !text[end].isListSeparator { end += 1 }
      guard count < capacity, let command = DescribedCommand(text.extracting(start..<end)) else {
        return nil
      }
      if case .pause = command, !allowsPauses { return nil }
      items[count] = command
      count += 1
      start = end
    }
    if count == 0 { return nil }
  }
}

extension DescribedCommand {
  fileprivate init?(_ item: borrowing Span<UInt8>) {
    if let nanoseconds = item.settingNanoseconds {
      guard nanoseconds <= 60_000_000_000 else { return nil }
      self = .pause(nanoseconds: nanoseconds)
      return
    }
    var bytes = CommandBytes()
    guard let colon = item.firstColon else {
      guard let command = RegisterNumber(item) else { return nil }
      bytes.append(command)
      self = .write(bytes)
      return
    }
    guard let register = RegisterNumber(item.extracting(0..<colon)),
      let value = RegisterNumber(item.extracting(colon + 1..<item.count))
    else { return nil }
    bytes.append(register)
    bytes.append(value)
    self = .write(bytes)
  }
}

extension Span where Element == UInt8 {
  /// Where `register:value` is divided.
  var firstColon: Int? {
    for index in indices where self[index] == UInt8(ascii: ":") { return index }
    return nil
  }
}

extension UInt8 {
  /// Between the items of a list; quotes are there when a list was written in them.
  var isListSeparator: Bool {
    self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") || self == UInt8(ascii: ",")
      || self == UInt8(ascii: "\"")
  }
}
