import Foundation

/// The serial console of an emulated board: everything it says is kept, and a thread of its own
/// reads it, so that a board is never held up by a test that is not listening.
final class Console: @unchecked Sendable {
  private let condition = NSCondition()
  private var text: [UInt8] = []
  private var hasEnded = false
  private let input: FileHandle

  /// `output` is what the board says, `input` what is typed.
  init(output: FileHandle, input: FileHandle) {
    self.input = input
    let thread = Thread { [self] in
      let descriptor = output.fileDescriptor
      var chunk = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = read(descriptor, &chunk, chunk.count)
        if count < 0 && errno == EINTR { continue }
        condition.lock()
        if count > 0 { text.append(contentsOf: chunk[..<count]) } else { hasEnded = true }
        condition.broadcast()
        condition.unlock()
        if count <= 0 { return }
      }
    }
    thread.start()
  }

  /// How much the board has said so far; a place to wait from.
  var position: Int { condition.withLock { text.count } }

  /// Types `line` and a return.
  func type(_ line: String) throws {
    try input.write(contentsOf: Data((line + "\n").utf8))
  }

  /// Waits until `wanted` is said after `position`; returns what came before it and the place after.
  func wait(
    for wanted: String, from position: Int, seconds: Double
  ) throws -> (before: String, end: Int) {
    let pattern = Array(wanted.utf8)
    let deadline = Date(timeIntervalSinceNow: seconds)
    var searched = position
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let found = firstMatch(of: pattern, from: searched) {
        return (String(decoding: text[position..<found], as: UTF8.self), found + pattern.count)
      }
      searched = max(position, text.count - pattern.count)
      if hasEnded { throw failure("the emulator ended while the test waited for \"\(wanted)\"") }
      if !condition.wait(until: deadline) {
        throw failure("no \"\(wanted)\" within \(seconds) s")
      }
    }
  }

  /// Everything said after `position`.
  func text(from position: Int) -> String {
    condition.withLock { String(decoding: text[position...], as: UTF8.self) }
  }

  /// Waits until the emulator has closed the console.
  func waitForEnd() {
    condition.withLock { while !hasEnded { condition.wait() } }
  }

  private func firstMatch(of pattern: [UInt8], from position: Int) -> Int? {
    guard text.count >= pattern.count + position, let first = pattern.first else { return nil }
    for start in position...(text.count - pattern.count)
    where text[start] == first && text[start..<(start + pattern.count)].elementsEqual(pattern) {
      return start
    }
    return nil
  }

  /// Call with the lock held.
  private func failure(_ what: String) -> BoardFailure {
    let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
    return BoardFailure(
      what + "; the console ended with:\n"
        + lines.suffix(40).map { "  | \($0)" }.joined(separator: "\n"))
  }
}
