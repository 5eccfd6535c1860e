/// The dimensions of a tensor, outermost first; elements are stored row-major.
///
/// At most ``maximumRank`` dimensions, each at least 1. Dimensions past `rank` read as 1, so that
/// loops over all six indices need no special case.
public struct Shape: Sendable {
  /// The largest number of dimensions a tensor can have.
  public static let maximumRank = 6

  /// The number of dimensions.
  public private(set) var rank: Int
  // A vector as a small fixed array: with an InlineArray here, Swift 6.3 fails to compile the
  // noncopyable structures that hold a shape ("copy of noncopyable typed value").
  private var dimensions: SIMD8<Int32>

  /// A scalar: no dimensions, one element.
  public init() {
    rank = 0
    dimensions = SIMD8(repeating: 1)
  }

  /// Appends an innermost dimension. Traps when the shape already has ``maximumRank`` dimensions.
  public mutating func append(_ dimension: Int) {
    precondition(rank < Self.maximumRank, "a shape has at most six dimensions")
    dimensions[rank] = Int32(dimension)
    rank += 1
  }

  /// The size of dimension `axis`; 1 for an axis in `rank..<maximumRank`.
  public subscript(axis: Int) -> Int { Int(dimensions[axis]) }

  /// The product of all dimensions. Records are checked against overflow when they are read.
  public var elementCount: Int {
    var count = 1
    for axis in 0..<rank { count *= Int(dimensions[axis]) }
    return count
  }

  /// The same elements seen with leading dimensions of 1, so that `rank` is ``maximumRank``.
  ///
  /// Broadcasting aligns shapes at their innermost dimension, which this makes index by index.
  public var extended: Shape {
    var result = Shape()
    for _ in rank..<Self.maximumRank { result.append(1) }
    for axis in 0..<rank { result.append(self[axis]) }
    return result
  }

  /// The distance in elements between neighbours along each axis, of a dense row-major tensor.
  public var strides: InlineArray<6, Int> {
    var result = InlineArray<6, Int>(repeating: 1)
    var stride = 1
    var axis = rank - 1
    while axis >= 0 {
      result[axis] = stride
      stride *= self[axis]
      axis -= 1
    }
    return result
  }
}

extension Shape: Equatable {
  /// Shapes are equal when rank and every dimension are.
  public static func == (left: Shape, right: Shape) -> Bool {
    guard left.rank == right.rank else { return false }
    for axis in 0..<left.rank where left[axis] != right[axis] { return false }
    return true
  }
}
