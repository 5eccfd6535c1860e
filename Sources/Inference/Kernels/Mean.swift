import FixedPoint
import ModelFormat

/// Average over any set of axes (numerics, equations 15 and 16).
///
/// Relies on:
/// - bits of `axes` only below the input's rank;
/// - the output has as many elements as the axes not averaged over, in their order; axes averaged
///   over may be kept with size 1;
/// - shift in −31 … 30, zero points within int8.
package func mean(
  _ input: borrowing TensorView<Int8>, parameters: MeanParameters,
  into output: inout MutableTensorView<Int8>
) {
  let sizes = input.shape.extendedSizes
  let strides = input.shape.extendedStrides
  var keptSizes = InlineArray<6, Int>(repeating: 1)
  var averagedSizes = InlineArray<6, Int>(repeating: 1)
  var count: Int32 = 1
  let leading = Shape.maximumRank - input.shape.rank
  for axis in 0..<Shape.maximumRank {
    if axis >= leading && parameters.axes >> UInt32(axis - leading) & 1 == 1 {
      averagedSizes[axis] = sizes[axis]
      count &*= Int32(truncatingIfNeeded: sizes[axis])
    } else {
      keptSizes[axis] = sizes[axis]
    }
  }

  let multiplier = parameters.multiplier.multiplier
  let (inputZeroPoint, outputZeroPoint) = (input.zeroPoint, output.zeroPoint)
  let range = ActivationRange(minimum: -128, maximum: 127)
  let elements = input.elements
  var kept = StridedRows(sizes: keptSizes, strides: strides)
  var averaged = StridedRows(sizes: averagedSizes, strides: strides)
  let averagedRows = averaged.rowCount
  var place = 0
  for _ in 0..<kept.rowCount {
    for column in 0..<kept.rowLength {
      let start = kept.offset + column * kept.rowStride
      // Elements are 8 bits wide, so that up to 2^23 of them cannot overflow; more wrap.
      var sum: Int32 = 0
      for _ in 0..<averagedRows {
        var next = start + averaged.offset
        for _ in 0..<averaged.rowLength {
          sum &+= Int32(elements[next])
          next += averaged.rowStride
        }
        averaged.advance()
      }
      let centered = sum &- inputZeroPoint &* count
      output.elements[place] = range.clamp(multiplier.applied(to: centered) &+ outputZeroPoint)
      place += 1
    }
    kept.advance()
  }
}
