import LinuxPlatform
import ModelCommands
import Text

/// The values of a configuration file, one for each key it has.
struct ConfigurationEntries {
  private var values = InlineArray<5, TextBuffer<4096>>(repeating: TextBuffer())
  private var lines = InlineArray<5, Int>(repeating: 0)

  init() {}

  /// The value of a key; empty where the file has none.
  subscript(key: ConfigurationKey) -> TextBuffer<4096> { values[key.rawValue] }

  /// Sets a value.
  ///
  /// - Returns: `false` when the key has one already.
  mutating func set(_ key: ConfigurationKey, to value: borrowing Span<UInt8>, line: Int) -> Bool {
    guard lines[key.rawValue] == 0 else { return false }
    values[key.rawValue] = TextBuffer(value)
    lines[key.rawValue] = line
    return true
  }

  /// Throws unless every required key has a value.
  func requireAll(_ file: FilePath) throws(CommandFailure) {
    for rawValue in 0..<ConfigurationKey.count {
      guard let key = ConfigurationKey(rawValue: rawValue), key.isRequired else { continue }
      guard values[rawValue].isEmpty else { continue }
      throw CommandFailure(exitCode: CommandFailure.badData, file: file) {
        let line = lines[rawValue]
        if line > 0 {
          $0.append("line ")
          $0.append(line)
          $0.append(": ")
        }
        $0.append("[")
        $0.append(key.section)
        $0.append("] ")
        $0.append(key.name)
        $0.append(line > 0 ? " has no value; write `" : " is missing; add `")
        $0.append(key.example)
        $0.append("` below [")
        $0.append(key.section)
        $0.append("]")
      }
    }
  }

  /// The failure of a value that is none of the known ones.
  func badValue(
    of key: ConfigurationKey, _ file: FilePath, known: StaticString
  ) -> CommandFailure {
    CommandFailure(exitCode: CommandFailure.badData, file: file) {
      $0.append("line ")
      $0.append(lines[key.rawValue])
      $0.append(": ")
      $0.append(key.name)
      $0.append(" is \"")
      $0.append(visible: values[key.rawValue].bytes)
      $0.append("\"; known: ")
      $0.append(known)
    }
  }

  /// A value as a path; a relative one counts from the folder of the configuration file.
  func path(
    _ key: ConfigurationKey, besides file: FilePath
  ) throws(CommandFailure) -> FilePath {
    do throws(PlatformError) {
      return try file.sibling(values[key.rawValue].bytes)
    } catch {
      throw CommandFailure(exitCode: CommandFailure.badData, file: file) {
        $0.append("line ")
        $0.append(lines[key.rawValue])
        $0.append(": ")
        error.describe(into: &$0)
      }
    }
  }
}
