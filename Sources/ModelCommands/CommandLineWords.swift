import Interchange
import LinuxPlatform
import Text

/// Goes through the words of the command line: options, their values, and what is neither.
package struct CommandLineWords {
  /// A word, or the part of `--option=value` behind the equals sign.
  package struct Word {
    fileprivate let index: Int
    fileprivate let start: Int

    /// The text, there for the life of the process.
    package var bytes: Span<UInt8> {
      @_lifetime(immortal)
      get {
        let word = CommandLineArguments.bytes(index)
        return word.extracting(start..<word.count)
      }
    }
  }

  private var index: Int
  /// Where the value begins in a word of the form `--option=value` that is being looked at.
  private var valueStart: Int?
  private var optionsHaveEnded = false

  package init(startingAt index: Int) {
    self.index = index
  }

  /// What comes next.
  package enum Item {
    /// The name of an option, dashes included, is `CommandLineWords.name(of:)`.
    case option(Word)
    case operand(Word)
    case end
  }

  /// Takes the next option or operand. An option's value is still to be taken.
  package mutating func next() throws(CommandFailure) -> Item {
    guard index < CommandLineArguments.count else { return .end }
    let word = Word(index: index, start: 0)
    index += 1
    let bytes = CommandLineArguments.bytes(index - 1)
    guard !optionsHaveEnded, bytes.count > 1, bytes[0] == UInt8(ascii: "-") else {
      return .operand(word)
    }
    if bytes.equals("--") {
      optionsHaveEnded = true
      return try next()
    }
    valueStart = nil
    for position in bytes.indices where bytes[position] == UInt8(ascii: "=") {
      valueStart = position + 1
      break
    }
    return .option(word)
  }

  /// The name of the option taken last: the word up to an equals sign.
  package func isOption(_ word: Word, _ name: StaticString) -> Bool {
    let bytes = CommandLineArguments.bytes(word.index)
    return bytes.extracting(first: valueStart.map { $0 - 1 } ?? bytes.count).equals(name)
  }

  /// Whether the option taken last came with a value that it does not take.
  package var hasUnusedValue: Bool { valueStart != nil }

  /// Takes the value of the option taken last.
  package mutating func value(of option: Word, _ command: StaticString) throws(CommandFailure)
    -> Word
  {
    if let start = valueStart {
      valueStart = nil
      return Word(index: option.index, start: start)
    }
    guard index < CommandLineArguments.count else {
      throw .usage(command) {
        $0.append(visible: option.bytes)
        $0.append(" needs a value")
      }
    }
    index += 1
    return Word(index: index - 1, start: 0)
  }

  /// Takes the value of the option taken last as a number of at least `minimum`.
  package mutating func number(
    of option: Word, atLeast minimum: Double, atMost maximum: Double, _ command: StaticString
  ) throws(CommandFailure) -> Double {
    let word = try value(of: option, command)
    if case .finite(let number) = DecimalNumber(parsing: word.bytes), number >= minimum,
      number <= maximum
    {
      return number
    }
    throw .usage(command) {
      $0.append(visible: option.bytes)
      $0.append(" needs a number from ")
      $0.append(minimum, fractionDigits: minimum < 1 ? 3 : 0)
      $0.append(" to ")
      $0.append(maximum, fractionDigits: 0)
      $0.append(", not \"")
      $0.append(visible: word.bytes)
      $0.append("\"")
    }
  }

  /// The failure of an option nobody knows.
  package static func unknown(_ option: Word, _ command: StaticString) -> CommandFailure {
    .usage(command) {
      $0.append("unknown option ")
      $0.append(visible: option.bytes)
    }
  }

  /// The failure of an operand too many.
  package static func superfluous(_ operand: Word, _ command: StaticString) -> CommandFailure {
    .usage(command) {
      $0.append("\"")
      $0.append(visible: operand.bytes)
      $0.append("\" is one word too many")
    }
  }
}

extension FilePath {
  /// The path in a word of the command line.
  package init(_ word: CommandLineWords.Word, _ command: StaticString) throws(CommandFailure) {
    do throws(PlatformError) {
      self = try FilePath(word.bytes)
    } catch {
      throw .usage(command) {
        $0.append("\"")
        $0.append(visible: word.bytes)
        $0.append("\" is no path: ")
        error.describe(into: &$0)
      }
    }
  }
}
