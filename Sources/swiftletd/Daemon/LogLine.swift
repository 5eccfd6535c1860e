import LinuxPlatform
import Text

/// What the daemon tells people while it runs: one line at a time on standard error.
///
/// On a terminal each line begins with the program's name; elsewhere with the priority in the form
/// the service manager takes off again (`sd-daemon(3)`).
enum LogLine {
  enum Priority: UInt8 {
    case error = 3
    case warning = 4
    case notice = 5
    case information = 6
  }

  /// Writes what comes before a line that somebody else writes; nothing on a terminal.
  static func writePriority(_ priority: Priority) {
    guard !FileDescriptor.standardError.isTerminal else { return }
    var text = TextBuffer<8>()
    text.append("<")
    text.append(UInt64(priority.rawValue))
    text.append(">")
    try? FileDescriptor.standardError.write(text.bytes)
  }

  static func write(_ priority: Priority, _ describe: (inout TextBuffer<2048>) -> Void) {
    var line = TextBuffer<2048>()
    if FileDescriptor.standardError.isTerminal {
      line.append("swiftletd: ")
    } else {
      line.append("<")
      line.append(UInt64(priority.rawValue))
      line.append(">")
    }
    describe(&line)
    var text = TextBuffer<2049>()
    text.append(line.bytes)
    text.append("\n")
    // Nobody is left to tell when this fails.
    try? FileDescriptor.standardError.write(text.bytes)
  }
}
