import Hardware
import Testing

/// A bus that plays recorded traffic: each transfer must be the next of the list, byte for byte.
///
/// A deviation is a failed test at the line that made the bus, and a bus error for the driver. What
/// is left over at the end is found by `expectFinished`.
struct PlaybackBus: I2CBus {
  /// One transfer: what a driver must write, and what the device answers.
  struct Step: CustomStringConvertible {
    var address: I2CAddress
    var write: [UInt8]
    var answer: [UInt8]
    /// The transfer fails after it was compared.
    var failure: BusError?

    /// The same transfer, failing.
    func failing(_ failure: BusError) -> Step {
      var step = self
      step.failure = failure
      return step
    }

    var description: String {
      "0x\(String(address.value, radix: 16)) write \(hexadecimal(write)) read \(answer.count)"
    }
  }

  private(set) var rest: ArraySlice<Step>
  private(set) var position = 0
  private let location: SourceLocation

  init(_ steps: [Step], sourceLocation: SourceLocation = #_sourceLocation) {
    rest = steps[...]
    location = sourceLocation
  }

  mutating func transfer(
    _ address: I2CAddress, write: borrowing Span<UInt8>, read: inout MutableSpan<UInt8>
  ) throws(BusError) {
    var written: [UInt8] = []
    for index in write.indices { written.append(write[index]) }
    let seen = Step(
      address: address, write: written, answer: [UInt8](repeating: 0, count: read.count))
    guard let step = rest.popFirst() else {
      Issue.record("transfer after the last one: \(seen)", sourceLocation: location)
      throw BusError(.other, code: -1)
    }
    guard
      step.address == address, step.write == written, step.answer.count == read.count
    else {
      Issue.record(
        "transfer \(position) is \(seen), not \(step)", sourceLocation: location)
      throw BusError(.other, code: -1)
    }
    position += 1
    if let failure = step.failure { throw failure }
    for index in read.indices { read[index] = step.answer[index] }
  }

  /// Fails the test when transfers are left over.
  func expectFinished() {
    if let next = rest.first {
      Issue.record(
        "\(rest.count) transfers did not happen; next: \(next)", sourceLocation: location)
    }
  }
}

/// Writes lists of transfers with one device.
struct Traffic {
  let address: I2CAddress

  init(_ address: Int) {
    guard let address = I2CAddress(address) else { fatalError("a reserved address") }
    self.address = address
  }

  /// Bytes written to the device, a register first.
  func write(_ bytes: UInt8...) -> PlaybackBus.Step {
    PlaybackBus.Step(address: address, write: bytes, answer: [])
  }

  /// A register's number written, its bytes read without releasing the bus.
  func read(_ register: UInt8, _ answer: [UInt8]) -> PlaybackBus.Step {
    PlaybackBus.Step(address: address, write: [register], answer: answer)
  }

  /// Bytes written, others read without releasing the bus.
  func exchange(_ write: [UInt8], _ answer: [UInt8]) -> PlaybackBus.Step {
    PlaybackBus.Step(address: address, write: write, answer: answer)
  }

  /// Bytes read and none written.
  func receive(_ answer: [UInt8]) -> PlaybackBus.Step {
    PlaybackBus.Step(address: address, write: [], answer: answer)
  }

  /// Only the address: does the device answer?
  func probe() -> PlaybackBus.Step {
    PlaybackBus.Step(address: address, write: [], answer: [])
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = bytes.map { byte in
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }
  return "[" + digits.joined(separator: " ") + "]"
}

extension [UInt8] {
  /// The bytes of a 16-bit number, the high one first.
  init(bigEndian value: UInt16) {
    self = [UInt8(value >> 8), UInt8(value & 0xFF)]
  }
}
