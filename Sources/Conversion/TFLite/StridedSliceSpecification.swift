/// The operands and masks of STRIDED_SLICE: `x[b0:e0:s0, …, newaxis, b2]` and the like.
struct StridedSliceSpecification {
  let begin: [Int]
  let end: [Int]
  let strides: [Int]
  let options: TFLiteStridedSliceOptions

  /// The positions selected from a tensor of the given shape, and the shape of the result; nil
  /// where the specification does not fit the shape or selects nothing.
  func resolved(for shape: [Int]) -> (Slice, [Int])? {
    guard begin.count == end.count, begin.count == strides.count, begin.count <= 32 else {
      return nil
    }
    let masks = [options.ellipsisMask, options.newAxisMask].map(UInt32.init(bitPattern:))
    func has(_ mask: UInt32, _ position: Int) -> Bool { mask >> UInt32(position) & 1 == 1 }
    let isEllipsis = begin.indices.map { has(masks[0], $0) }
    let isNewAxis = begin.indices.map { !isEllipsis[$0] && has(masks[1], $0) }
    guard isEllipsis.filter({ $0 }).count <= 1 else { return nil }
    let named = begin.indices.filter { !isEllipsis[$0] && !isNewAxis[$0] }.count
    guard named <= shape.count else { return nil }

    var slice = Slice(begin: [], stride: [], size: [])
    var result: [Int] = []
    func takeWhole(_ count: Int) {
      for _ in 0..<count {
        let extent = shape[slice.begin.count]
        slice.begin.append(0)
        slice.stride.append(1)
        slice.size.append(extent)
        result.append(extent)
      }
    }
    for position in begin.indices {
      if isEllipsis[position] {
        takeWhole(shape.count - named)
      } else if isNewAxis[position] {
        result.append(1)
      } else {
        let extent = shape[slice.begin.count]
        guard let range = range(at: position, extent: extent) else { return nil }
        slice.begin.append(range.begin)
        slice.stride.append(range.stride)
        slice.size.append(range.size)
        if !range.isDropped { result.append(range.size) }
      }
    }
    // Dimensions that are not named at the end are taken whole.
    takeWhole(shape.count - slice.begin.count)
    return (slice, result)
  }

  /// What one position of the lists selects from a dimension of the given extent.
  private func range(
    at position: Int, extent: Int
  ) -> (begin: Int, stride: Int, size: Int, isDropped: Bool)? {
    func has(_ mask: Int32) -> Bool { UInt32(bitPattern: mask) >> UInt32(position) & 1 == 1 }
    let limit = 1 << 31
    let (first, last, stride) = (begin[position], end[position], strides[position])
    guard [first, last, stride].allSatisfy({ (-limit..<limit).contains($0) }), stride != 0 else {
      return nil
    }
    if has(options.shrinkAxisMask) {
      // A single element; the end and the size of the stride do not matter. A beginning beyond the
      // extent would be an error in TensorFlow.
      let start = has(options.beginMask) ? 0 : first < 0 ? first + extent : first
      guard (0..<extent).contains(start), stride > 0 else { return nil }
      return (start, 1, 1, true)
    }
    let bounds = stride > 0 ? 0...extent : -1...extent - 1
    func clamped(_ value: Int) -> Int {
      let counted = value < 0 ? value + extent : value
      return min(max(counted, bounds.lowerBound), bounds.upperBound)
    }
    let low =
      has(options.beginMask)
      ? (stride > 0 ? 0 : extent - 1) : clamped(first)
    let high =
      has(options.endMask)
      ? (stride > 0 ? extent : -1) : clamped(options.endIsOffset ? low + last : last)
    let distance = stride > 0 ? high - low : low - high
    let size = (distance + abs(stride) - 1) / abs(stride)
    return distance > 0 ? (low, stride, size, false) : nil
  }
}
