extension TFLiteImporter {
  mutating func importSlice(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(3...3)
    let input = try input(site, 0)
    let source = shape(input)
    let begin = try integers(site, 1, "begin")
    var size = try integers(site, 2, "size")
    guard begin.count == source.count, size.count == source.count else {
      throw site.malformed(
        "has \(begin.count) beginnings and \(size.count) sizes for \(source.count) dimensions")
    }
    for dimension in source.indices where size[dimension] == -1 {
      // An out-of-range beginning is refused with the operator's other positions.
      size[dimension] = source[dimension] - min(max(begin[dimension], 0), source[dimension])
    }
    let output = try output(site)
    let slice = Slice(begin: begin, stride: source.map { _ in 1 }, size: size)
    try require(site, output, size)
    try emit(site, .slice(slice), [input], [output])
  }

  /// SPLIT gives equal parts along one dimension: one slice for each.
  mutating func importSplit(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(2...2, outputs: 1...Int(UInt16.max))
    guard case .split(let count) = site.op.options else { throw site.wrongOptions }
    let input = try input(site, 1)
    let axis = try splitAxis(site, 0, input)
    let extent = shape(input)[axis]
    guard count == site.op.outputs.count, extent.isMultiple(of: Int(count)) else {
      throw site.malformed(
        "cuts an extent of \(extent) into \(count) parts for \(site.op.outputs.count) outputs")
    }
    let sizes = Array(repeating: extent / Int(count), count: Int(count))
    try emitParts(site, of: input, axis: axis, sizes: sizes)
  }

  /// SPLIT_V gives parts of stated sizes, one of which may be −1 for what the others leave.
  mutating func importSplitV(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(3...3, outputs: 1...Int(UInt16.max))
    let input = try input(site, 0)
    var sizes = try integers(site, 1, "sizes")
    let axis = try splitAxis(site, 2, input)
    let extent = shape(input)[axis]
    guard sizes.count == site.op.outputs.count, sizes.allSatisfy({ (-1...extent).contains($0) })
    else {
      throw site.malformed(
        "cuts an extent of \(extent) into \(sizes) for \(site.op.outputs.count) outputs")
    }
    if let open = sizes.firstIndex(of: -1) {
      sizes[open] = extent - sizes.reduce(1, +)
    }
    guard sizes.reduce(0, +) == extent else {
      throw site.malformed("cuts an extent of \(extent) into \(sizes)")
    }
    try emitParts(site, of: input, axis: axis, sizes: sizes)
  }

  private func splitAxis(
    _ site: OperatorSite, _ position: Int, _ input: Int
  ) throws(ConversionError) -> Int {
    let axes = try integers(site, position, "axis")
    guard axes.count == 1 else { throw site.malformed("has \(axes.count) axes") }
    return try site.axis(axes[0], rank: shape(input).count)
  }

  private mutating func emitParts(
    _ site: OperatorSite, of input: Int, axis: Int, sizes: [Int]
  ) throws(ConversionError) {
    let source = shape(input)
    var begin = source.map { _ in 0 }
    for (position, partSize) in sizes.enumerated() {
      var size = source
      size[axis] = partSize
      let output = try output(site, position)
      try require(site, output, size)
      let slice = Slice(begin: begin, stride: source.map { _ in 1 }, size: size)
      try emit(site, .slice(slice), [input], [output], name: graph.tensors[output].name)
      begin[axis] += partSize
    }
  }

  /// STRIDED_SLICE with the meaning NumPy and TensorFlow give its five masks.
  ///
  /// TensorFlow Lite Micro ignores the ellipsis and new-axis masks and refuses the model where that
  /// changes the shape; here they are resolved.
  mutating func importStridedSlice(_ site: OperatorSite) throws(ConversionError) {
    try site.requireOperands(4...4)
    guard case .stridedSlice(let options) = site.op.options else { throw site.wrongOptions }
    let input = try input(site, 0)
    let specification = StridedSliceSpecification(
      begin: try integers(site, 1, "begin"), end: try integers(site, 2, "end"),
      strides: try integers(site, 3, "strides"), options: options)
    let output = try output(site)
    guard let (slice, expected) = specification.resolved(for: shape(input)) else {
      throw site.malformed(
        "begin \(specification.begin), end \(specification.end) and strides "
          + "\(specification.strides) select nothing from shape \(shape(input))")
    }
    try require(site, output, expected)
    try emit(site, .slice(slice), [input], [output])
  }

  private func require(
    _ site: OperatorSite, _ output: Int, _ expected: [Int]
  ) throws(ConversionError) {
    guard shape(output) == expected else {
      throw site.malformed("its output has shape \(shape(output)), but it selects \(expected)")
    }
  }
}
