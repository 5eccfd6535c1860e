import ModelFormat

/// A walk over the rows of a strided view of a tensor: all positions of the five outer axes, in
/// row-major order of the view.
///
/// Views have ``Shape/maximumRank`` axes (those of lower rank have leading axes of size 1). Strides
/// are in elements; 0 repeats an axis, negative ones walk backwards.
struct StridedRows {
  private let sizes: InlineArray<6, Int>
  private let strides: InlineArray<6, Int>
  private var position = InlineArray<6, Int>(repeating: 0)

  /// The place of the current row's first element.
  private(set) var offset: Int

  /// A walk that starts at element `start`.
  init(sizes: InlineArray<6, Int>, strides: InlineArray<6, Int>, start: Int = 0) {
    self.sizes = sizes
    self.strides = strides
    offset = start
  }

  /// Elements in a row.
  var rowLength: Int { sizes[5] }

  /// Elements from one element of a row to the next.
  var rowStride: Int { strides[5] }

  /// Number of rows.
  var rowCount: Int { sizes[0] * sizes[1] * sizes[2] * sizes[3] * sizes[4] }

  /// Goes to the next row; after the last one, back to the first.
  mutating func advance() {
    var axis = 4
    while axis >= 0 {
      position[axis] += 1
      offset += strides[axis]
      if position[axis] < sizes[axis] { return }
      position[axis] = 0
      offset -= sizes[axis] * strides[axis]
      axis -= 1
    }
  }
}

extension Shape {
  /// The sizes of all six axes of the extended shape.
  var extendedSizes: InlineArray<6, Int> {
    var result = InlineArray<6, Int>(repeating: 1)
    for axis in 0..<rank { result[axis + Self.maximumRank - rank] = self[axis] }
    return result
  }

  /// The strides of all six axes of the extended shape, in elements.
  var extendedStrides: InlineArray<6, Int> {
    let sizes = extendedSizes
    var result = InlineArray<6, Int>(repeating: 1)
    var axis = Self.maximumRank - 1
    while axis > 0 {
      result[axis - 1] = result[axis] * sizes[axis]
      axis -= 1
    }
    return result
  }
}
