import FixedPoint
import ModelFormat

/// Accumulators of sixteen neighbouring output channels: what one block of packed weights feeds.
///
/// Sums wrap. For a model whose converter kept the bound of numerics, equation 7, no sum leaves 32
/// bits and wrapping never happens; for any other model the result is some number, not a trap.
struct ChannelBlock {
  /// One sum a channel.
  var sums: InlineArray<16, Int32>

  private let table: Int

  /// The accumulators of block `block`, started at the folded bias (numerics, equation 7).
  @inline(__always)
  init(_ block: Int, of channels: Span<Int32>) {
    table = block * 64
    sums = InlineArray(repeating: 0)
    for lane in 0..<16 { sums[lane] = channels[table + lane] }
  }

  /// Adds the products of one run of inputs with its packed weights (numerics, equation 8).
  ///
  /// Element `i` of the run is `input[start + i]` where `inside` contains `i` and real zero, that
  /// is `zeroPoint`, elsewhere. The weights are `groups` × 64 bytes from `offset`:
  /// `[group][channel: 16][input: 4]`, zero past the end of the run.
  @inline(__always)
  mutating func accumulate(
    weights: Span<Int8>, at offset: Int, groups: Int,
    input: Span<Int8>, from start: Int, inside: Range<Int>, zeroPoint: Int32
  ) {
    // These two checks cover every unchecked access below.
    precondition(offset >= 0 && offset + groups * 64 <= weights.count)
    precondition(
      inside.isEmpty || (start + inside.lowerBound >= 0 && start + inside.upperBound <= input.count)
    )
    for group in 0..<groups {
      let index = group &* 4
      var x0 = zeroPoint
      var x1 = zeroPoint
      var x2 = zeroPoint
      var x3 = zeroPoint
      if index >= inside.lowerBound && index &+ 4 <= inside.upperBound {
        let place = start &+ index
        x0 = Int32(unsafe input[unchecked: place])
        x1 = Int32(unsafe input[unchecked: place &+ 1])
        x2 = Int32(unsafe input[unchecked: place &+ 2])
        x3 = Int32(unsafe input[unchecked: place &+ 3])
      } else {
        if inside.contains(index) { x0 = Int32(input[start + index]) }
        if inside.contains(index + 1) { x1 = Int32(input[start + index + 1]) }
        if inside.contains(index + 2) { x2 = Int32(input[start + index + 2]) }
        if inside.contains(index + 3) { x3 = Int32(input[start + index + 3]) }
      }
      let block = offset &+ group &* 64
      for lane in 0..<16 {
        let place = block &+ lane &* 4
        let w0 = Int32(unsafe weights[unchecked: place])
        let w1 = Int32(unsafe weights[unchecked: place &+ 1])
        let w2 = Int32(unsafe weights[unchecked: place &+ 2])
        let w3 = Int32(unsafe weights[unchecked: place &+ 3])
        sums[lane] &+= w0 &* x0 &+ w1 &* x1 &+ w2 &* x2 &+ w3 &* x3
      }
    }
  }

  /// The output of channel `lane` of the block (numerics, equation 8).
  @inline(__always)
  func output(
    _ lane: Int, of channels: Span<Int32>, zeroPoint: Int32, activation: ActivationRange
  ) -> Int8 {
    let multiplier = QuantizedMultiplier(
      significand: channels[table + 16 + lane], shift: channels[table + 32 + lane])
    return activation.clamp(multiplier.applied(to: sums[lane]) &+ zeroPoint)
  }
}

extension ActivationRange {
  /// `value` inside the range, which lies within int8.
  @inline(__always)
  func clamp(_ value: Int32) -> Int8 {
    Int8(truncatingIfNeeded: min(max(value, minimum), maximum))
  }
}

extension MultiplierWords {
  /// The multiplier that the words store.
  @inline(__always)
  var multiplier: QuantizedMultiplier {
    QuantizedMultiplier(significand: significand, shift: shift)
  }
}
