import Hardware
import Interchange
import Text

/// A sensor that a driver of the kernel reads and offers as a file with one number in it.
///
/// The value is (number + offset) · scale, as IIO defines it, times the factor from the kernel's
/// unit to the reading's.
public struct KernelFileSensor: Sendable {
  /// What the file means.
  public let kind: KernelFileKind

  /// What the number plus the offset is multiplied by.
  public var scale = 1.0

  /// What is added to the number first.
  public var offset = 0.0

  /// A sensor that is not scaled yet.
  public init(_ kind: KernelFileKind) {
    self.kind = kind
  }

  /// The one quantity of the file.
  public var quantities: Quantities { Quantities(kind.quantity) }

  /// Takes the scale from the file that has it.
  public mutating func readScale(
    from source: inout some TextFileSource & ~Copyable
  ) throws(SensorError) {
    let value = try Self.number(from: &source)
    // It would make every reading 0.
    guard value != 0 else { throw .notANumber }
    scale = value
  }

  /// Takes the offset from the file that has it.
  public mutating func readOffset(
    from source: inout some TextFileSource & ~Copyable
  ) throws(SensorError) {
    offset = try Self.number(from: &source)
  }

  /// Reads the file.
  public func read(
    from source: inout some TextFileSource & ~Copyable, into reading: inout Reading
  ) throws(SensorError) -> ReadProgress {
    let number = try Self.number(from: &source)
    let value = Float((number + offset) * scale * kind.factor)
    guard value.isFinite else { throw .outOfRange }
    reading[0] = value
    reading.ageNanoseconds = 0
    return .reading
  }

  /// The number in a file: a line with nothing else in it.
  private static func number(
    from source: inout some TextFileSource & ~Copyable
  ) throws(SensorError) -> Double {
    var bytes = InlineArray<64, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    var count: Int
    do { count = try source.read(into: &span) } catch { throw .bus(error) }
    // A full buffer may have cut digits off.
    guard count < bytes.count else { throw .notANumber }
    if count > 0 && bytes[count - 1] == UInt8(ascii: "\n") { count -= 1 }
    guard case .finite(let value) = DecimalNumber(parsing: bytes.span.extracting(first: count))
    else { throw .notANumber }
    return value
  }
}
