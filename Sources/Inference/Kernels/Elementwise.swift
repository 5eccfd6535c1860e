import ModelFormat

/// Combines two tensors element by element, with broadcasting: an axis of size 1 (or absent, in
/// front) repeats.
///
/// May work in place of an input that has the output's shape: an element is written after it has
/// been read, and read once.
///
/// Relies on: both shapes broadcast to the output's.
@inline(__always)
func combineElementwise(
  _ first: borrowing TensorView<Int8>, _ second: borrowing TensorView<Int8>,
  into output: inout MutableTensorView<Int8>, _ combine: (Int8, Int8) -> Int8
) {
  let (firstElements, secondElements) = (first.elements, second.elements)
  if first.shape == second.shape {
    for index in firstElements.indices {
      output.elements[index] = combine(firstElements[index], secondElements[index])
    }
    return
  }
  var firstRows = StridedRows(broadcasting: first.shape, to: output.shape)
  var secondRows = StridedRows(broadcasting: second.shape, to: output.shape)
  var place = 0
  for _ in 0..<firstRows.rowCount {
    var (firstPlace, secondPlace) = (firstRows.offset, secondRows.offset)
    for _ in 0..<firstRows.rowLength {
      output.elements[place] = combine(firstElements[firstPlace], secondElements[secondPlace])
      place += 1
      firstPlace += firstRows.rowStride
      secondPlace += secondRows.rowStride
    }
    firstRows.advance()
    secondRows.advance()
  }
}

extension StridedRows {
  /// The rows of a tensor of shape `shape` repeated to shape `target`.
  init(broadcasting shape: Shape, to target: Shape) {
    let sizes = shape.extendedSizes
    var strides = shape.extendedStrides
    for axis in 0..<Shape.maximumRank where sizes[axis] == 1 { strides[axis] = 0 }
    self.init(sizes: target.extendedSizes, strides: strides)
  }
}
