import Text

/// The dimensions of an array, outermost first; none for a single number.
public struct NumpyShape: Equatable, Sendable {
  /// More do not occur in tensors.
  public static let maximumDimensionCount = 8

  private var dimensions: InlineArray<8, Int>

  /// How many dimensions there are.
  public private(set) var count: Int

  /// The shape of a single number.
  public init() {
    dimensions = InlineArray(repeating: 1)
    count = 0
  }

  /// The length along one dimension.
  ///
  /// - Parameter index: 0 through `count` − 1.
  public subscript(index: Int) -> Int {
    precondition(index < count, "a dimension the shape has")
    return dimensions[index]
  }

  /// Adds an innermost dimension.
  ///
  /// - Returns: `false`, with nothing changed, when there are eight already.
  @discardableResult
  public mutating func append(_ dimension: Int) -> Bool {
    precondition(dimension >= 0, "a dimension is not negative")
    guard count < Self.maximumDimensionCount else { return false }
    dimensions[count] = dimension
    count += 1
    return true
  }

  /// The product of the dimensions, or `nil` where it exceeds `Int`.
  public var elementCount: Int? {
    // A zero anywhere makes the array empty, however large the others are.
    for index in 0..<count where dimensions[index] == 0 { return 0 }
    var product = 1
    for index in 0..<count {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimensions[index])
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// Whether the dimensions are the same.
  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.dimensions[index] != right.dimensions[index] {
      return false
    }
    return true
  }

  /// Appends the shape as a Python tuple: `(1000, 49, 10)`, `(3,)`, `()`.
  public func append(to sink: inout some TextSink & ~Copyable) {
    sink.append("(")
    for index in 0..<count {
      if index > 0 { sink.append(", ") }
      sink.append(dimensions[index])
    }
    sink.append(count == 1 ? ",)" : ")")
  }
}

#if !hasFeature(Embedded)
  extension NumpyShape: CustomStringConvertible, ExpressibleByArrayLiteral {
    /// At most eight dimensions.
    public init(arrayLiteral dimensions: Int...) {
      self.init()
      for dimension in dimensions { precondition(append(dimension), "at most eight dimensions") }
    }

    /// The shape as a Python tuple.
    public var description: String { String { append(to: &$0) } }
  }
#endif
