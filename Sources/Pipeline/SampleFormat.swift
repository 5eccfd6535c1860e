import Interchange
import ModelFormat
import Text

/// How samples of a tensor lie in a `.npy` file: `[samples] + shape`, a leading 1 of the tensor's
/// shape left out or kept.
public enum SampleFormat {
  /// How many samples a file holds for a tensor.
  ///
  /// - Throws: `SampleFormatError` when shape or element type do not fit the tensor.
  public static func sampleCount(
    of header: NumpyHeader, for tensor: TensorRecord, raw: Bool
  ) throws(SampleFormatError) -> Int {
    guard
      fits(header.shape, tensor.shape, skipping: 0)
        || (tensor.shape.startsWithOne && fits(header.shape, tensor.shape, skipping: 1))
    else { throw SampleFormatError(.shape(header.shape), tensor) }
    let rawType = TensorBorder(tensor).outsideType(raw: true)
    let isFitting =
      raw ? header.elementType == rawType : header.elementType.isFloatingPoint
    guard isFitting else { throw SampleFormatError(.elementType(header.elementType, raw), tensor) }
    return header.shape[0]
  }

  /// The shape of a file of `sampleCount` samples of a tensor, a leading 1 left out.
  public static func shape(of tensor: TensorRecord, sampleCount: Int) -> NumpyShape {
    var shape = NumpyShape()
    shape.append(sampleCount)
    let first = tensor.shape.startsWithOne ? 1 : 0
    for axis in first..<max(first, tensor.shape.rank) { shape.append(tensor.shape[axis]) }
    return shape
  }

  private static func fits(_ found: NumpyShape, _ expected: Shape, skipping skipped: Int) -> Bool {
    guard found.count == 1 + expected.rank - skipped else { return false }
    for axis in skipped..<expected.rank where found[1 + axis - skipped] != expected[axis] {
      return false
    }
    return true
  }
}

/// Why a `.npy` file's samples do not fit a tensor.
public struct SampleFormatError: Error, Sendable {
  /// What does not fit.
  public enum Kind: Sendable {
    /// The shape in the file.
    case shape(NumpyShape)
    /// The element type in the file, and whether raw elements were asked for.
    case elementType(NumpyElementType, Bool)
  }

  /// What does not fit.
  public let kind: Kind

  private let tensor: TensorRecord

  init(_ kind: Kind, _ tensor: TensorRecord) {
    self.kind = kind
    self.tensor = tensor
  }

  /// Appends place, what is wrong and what to try:
  /// `header: the shape is (3, 40), the model takes (N, 40, 1, 6); save N samples along the …`.
  public func describe(into sink: inout some TextSink & ~Copyable) {
    sink.append("header: ")
    switch kind {
    case .shape(let found):
      sink.append("the shape is ")
      found.append(to: &sink)
      sink.append(", the model takes (N")
      for axis in (tensor.shape.startsWithOne ? 1 : 0)..<tensor.shape.rank {
        sink.append(", ")
        sink.append(tensor.shape[axis])
      }
      sink.append("); save N samples along the first axis")
    case .elementType(let found, let raw):
      sink.append("the elements are ")
      sink.append(found.name)
      if raw {
        sink.append(", the model's own are ")
        sink.append(tensor.elementType.name)
        sink.append("; convert them, or leave out --raw to give real numbers")
      } else {
        sink.append(", real numbers are float32; convert with .astype('float32')")
        if found == TensorBorder(tensor).outsideType(raw: true) {
          sink.append(", or give the model's own integers with --raw")
        }
      }
    }
  }
}

extension Shape {
  fileprivate var startsWithOne: Bool { rank > 0 && self[0] == 1 }
}

#if !hasFeature(Embedded)
  extension SampleFormatError: CustomStringConvertible {
    /// The sentence of `describe(into:)`.
    public var description: String { String { describe(into: &$0) } }
  }
#endif
