import FixedPoint
import ModelFormat

/// Fixed-point softmax over the innermost axis (numerics, equations 25 to 27).
///
/// May work in place: a row is read in full before it is written, element by element.
///
/// Relies on: rank ≥ 1; input and output of one shape; shift in −31 … 30.
package func softmax(
  _ input: borrowing TensorView<Int8>, parameters: SoftmaxParameters,
  into output: inout MutableTensorView<Int8>
) {
  let depth = input.shape[input.shape.rank - 1]
  let multiplier = parameters.multiplier.multiplier
  let smallestDifference = parameters.smallestDifference
  let elements = input.elements
  // Exponentials are needed twice and cost more than all else. Those of the first elements of a row
  // are kept.
  var kept = InlineArray<32, Int32>(repeating: 0)
  var start = 0
  while start < elements.count {
    let row = start..<start + depth
    var largest = Int8.min
    for index in row { largest = max(largest, elements[index]) }

    // 4,095 terms of at most 2^19 fit 31 bits; more wrap.
    var sum: UInt32 = 0
    for index in row {
      let difference = Int32(elements[index]) - Int32(largest)
      if difference >= smallestDifference {
        let exponential = softmaxExponential(difference: difference, multiplier: multiplier)
        sum &+= softmaxTerm(exponential: exponential)
        if index - start < kept.count { kept[index - start] = exponential }
      }
    }

    let normalizer = SoftmaxNormalizer(sum: sum)
    for index in row {
      let difference = Int32(elements[index]) - Int32(largest)
      if difference >= smallestDifference {
        let exponential =
          index - start < kept.count
          ? kept[index - start] : softmaxExponential(difference: difference, multiplier: multiplier)
        output.elements[index] = normalizer.probability(exponential: exponential)
      } else {
        output.elements[index] = .min
      }
    }
    start += depth
  }
}
