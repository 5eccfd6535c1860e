/// The discrete Fourier transform of real samples, in caller-given memory.
///
///     X[k] = Σ x[n] e^(−2πi k n / N),  k = 0 … N/2
///
/// The N samples are taken as N/2 complex ones, transformed by a radix-2 decimation in time in
/// single precision (Cooley and Tukey, 1965), and separated. Every operation is one addition,
/// subtraction or multiplication rounded as IEEE 754 says, in a fixed order, so all targets give the
/// same bits. Two passes are done at a time, while their numbers are in registers.
public struct RealFFT: Sendable {
  /// The shortest and longest transform; lengths are powers of two.
  public static let lengths = 16...4096

  /// N, samples of a transform.
  public let length: Int

  /// Where in the caller's memory it lies: N/2 real parts, N/2 imaginary parts, the roots of unity
  /// of each pass and of the separation.
  private let base: Int

  /// N/2, complex numbers in the transform.
  private var half: Int { length >> 1 }

  /// Whether there are transforms of so many samples.
  public static func isLength(_ length: Int) -> Bool {
    lengths.contains(length) && length & (length - 1) == 0
  }

  /// Bytes of memory that a transform of `length` samples needs.
  public static func byteCount(length: Int) -> Int {
    // Numbers: N; roots of the passes from 8 on: 2 (N/2 − 4); of the separation: 2 (N/4 + 1).
    4 * (length + (length - 8) + (length / 2 + 2))
  }

  /// A transform at a place in memory.
  ///
  /// - Parameters:
  ///   - length: A length `isLength(_:)` accepts.
  ///   - offset: Where its `byteCount(length:)` bytes begin; a multiple of four.
  public init(length: Int, at offset: Int) {
    precondition(Self.isLength(length), "lengths are powers of two")
    self.length = length
    base = offset
  }

  /// Computes the roots of unity, once for all transforms at this place.
  @_lifetime(memory: copy memory)
  public func prepare(in memory: inout MutableRawSpan) {
    unsafe withNumbers(in: &memory) { numbers in
      var start = length
      var span = 8
      while span <= half {
        unsafe storeRoots(span / 2, of: span, at: start, numbers)
        start += span
        span *= 2
      }
      unsafe storeRoots(half / 2 + 1, of: length, at: start, numbers)
    }
  }

  /// Transforms the products of samples and weights, with zeros behind them; the result is read by
  /// `real` and `imaginary`.
  ///
  /// - Parameters:
  ///   - count: Samples, at most N.
  ///   - samples: Where in the memory they are, in bytes; a multiple of four.
  ///   - weights: Where their weights are, likewise.
  @_lifetime(memory: copy memory)
  public func transform(
    _ count: Int, samplesAt samples: Int, weightsAt weights: Int,
    in memory: inout MutableRawSpan
  ) {
    precondition(count >= 0 && count <= length, "a frame is no longer than its transform")
    precondition(samples >= 0 && samples + 4 * count <= memory.byteCount, "the samples are there")
    precondition(weights >= 0 && weights + 4 * count <= memory.byteCount, "the weights are there")
    precondition((samples | weights) & 3 == 0, "numbers lie at multiples of four")
    unsafe withNumbers(in: &memory) { numbers in
      // In bounds: checked above; the places of numbers are below N.
      let frame = unsafe WeightedFrame(
        count: count, samples: numbers.moved(by: samples &- base),
        weights: numbers.moved(by: weights &- base))
      if count == length {
        unsafe combineFours(numbers) { unsafe frame.product($0) }
      } else {
        unsafe combineFours(numbers) { unsafe frame[$0] }
      }
      let start = unsafe combine(numbers)
      unsafe separate(roots: start, numbers)
    }
  }

  /// Puts |X[k]|², k = 0 … N/2, in the place of the result: `power` instead of `real` and
  /// `imaginary` is what can be read then.
  @_lifetime(memory: copy memory)
  public func turnIntoPowers(in memory: inout MutableRawSpan) {
    unsafe withNumbers(in: &memory) { numbers in
      let (first, last) = unsafe (numbers[0], numbers[half])
      var k = 0
      while k < half {
        let (a, b) = unsafe (numbers.lanes(k), numbers.lanes(half &+ k))
        unsafe numbers.setLanes(k, a * a + b * b)
        k &+= Lanes.count
      }
      unsafe numbers.set(0, first * first)
      unsafe numbers.set(half, last * last)
    }
  }

  /// The real part of X[k], k = 0 … N/2.
  public func real(_ k: Int, in memory: borrowing MutableRawSpan) -> Float {
    // X[0] and X[N/2] are real; the second is kept where the imaginary part of the first would be.
    number(k, in: memory)
  }

  /// The imaginary part of X[k], k = 0 … N/2.
  public func imaginary(_ k: Int, in memory: borrowing MutableRawSpan) -> Float {
    k == 0 || k == half ? 0 : number(half + k, in: memory)
  }

  /// Where |X[k]|², k = 0 … N/2, are in the memory after `turnIntoPowers`, in bytes.
  public var powers: Int { base }

  /// |X[k]|², k = 0 … N/2, after `turnIntoPowers`.
  public func power(_ k: Int, in memory: borrowing MutableRawSpan) -> Float {
    number(k, in: memory)
  }

  // MARK: Passes

  /// The passes of 2 and 4, whose roots are 1 and −i, of the weighted samples.
  ///
  /// Pairs of samples are complex numbers; they are taken in the order of their indices' bits
  /// reversed, in which neighbours are a half and a quarter of the frame apart.
  @unsafe @inline(__always)
  private func combineFours(_ numbers: Numbers, of frame: (_ pair: Int) -> SIMD2<Float>) {
    let quarter = half >> 2
    let shift = UInt32(truncatingIfNeeded: 32 &- quarter.trailingZeroBitCount)
    for group in 0..<quarter {
      let pair = Int(
        truncatingIfNeeded: Self.reverse(UInt32(truncatingIfNeeded: group)) >> shift)
      let a = frame(pair)
      let b = frame(pair &+ 2 &* quarter)
      let c = frame(pair &+ quarter)
      let d = frame(pair &+ 3 &* quarter)
      let (sum, difference) = (a + b, a - b)
      let (otherSum, otherDifference) = (c + d, c - d)
      // Times −i.
      let turned = SIMD2(otherDifference[1], -otherDifference[0])
      let fours = SIMD8(
        lowHalf: SIMD4(lowHalf: sum + otherSum, highHalf: difference + turned),
        highHalf: SIMD4(lowHalf: sum - otherSum, highHalf: difference - turned))
      unsafe numbers.setFour(4 &* group, fours.evenHalf)
      unsafe numbers.setFour(half &+ 4 &* group, fours.oddHalf)
    }
  }

  /// The passes from 8 on; returns where the roots of the separation are.
  @unsafe
  private func combine(_ numbers: Numbers) -> Int {
    var roots = length
    var span = 8
    while span < half {
      unsafe passes(span, roots: roots, numbers)
      roots &+= 3 &* span
      span &*= 4
    }
    guard span == half else { return roots }
    unsafe lastPass(roots: roots, numbers)
    return roots &+ span
  }

  /// Butterflies a ± w b of two passes, in groups of `span` and of twice as many numbers.
  @unsafe
  private func passes(_ span: Int, roots: Int, _ numbers: Numbers) {
    let distance = span >> 1
    let farRoots = roots &+ span
    var group = 0
    while group < half {
      var offset = 0
      while offset < distance {
        let root = unsafe ComplexLanes(numbers, roots &+ offset, distance)
        let low = group &+ offset
        let a = unsafe ComplexLanes(numbers, low, half)
        let b = unsafe ComplexLanes(numbers, low &+ distance, half).times(root)
        let c = unsafe ComplexLanes(numbers, low &+ span, half)
        let d = unsafe ComplexLanes(numbers, low &+ span &+ distance, half).times(root)
        let (near, far) = unsafe (
          ComplexLanes(numbers, farRoots &+ offset, span),
          ComplexLanes(numbers, farRoots &+ distance &+ offset, span)
        )
        let (sum, difference) = (a + b, a - b)
        let (otherSum, otherDifference) = ((c + d).times(near), (c - d).times(far))
        unsafe (sum + otherSum).store(numbers, low, half)
        unsafe (difference + otherDifference).store(numbers, low &+ distance, half)
        unsafe (sum - otherSum).store(numbers, low &+ span, half)
        unsafe (difference - otherDifference).store(numbers, low &+ span &+ distance, half)
        offset &+= Lanes.count
      }
      group &+= 2 &* span
    }
  }

  /// The pass of all numbers, where it has none to go with.
  @unsafe
  private func lastPass(roots: Int, _ numbers: Numbers) {
    let distance = half >> 1
    var low = 0
    while low < distance {
      let root = unsafe ComplexLanes(numbers, roots &+ low, distance)
      let a = unsafe ComplexLanes(numbers, low, half)
      let b = unsafe ComplexLanes(numbers, low &+ distance, half).times(root)
      unsafe (a + b).store(numbers, low, half)
      unsafe (a - b).store(numbers, low &+ distance, half)
      low &+= Lanes.count
    }
  }

  /// The transform of the real samples out of that of the complex ones: with Z* = conj Z[N/2 − k],
  /// 2 X[k] = (Z[k] + Z*) − i e^(−2πi k/N) (Z[k] − Z*).
  @unsafe
  private func separate(roots: Int, _ numbers: Numbers) {
    let (first, last) = unsafe (numbers[0] + numbers[half], numbers[0] - numbers[half])
    unsafe numbers.set(0, first)
    unsafe numbers.set(half, last)
    let rootCount = (half >> 1) &+ 1
    var k = 1
    // As many at a time as there are lanes, as long as they and their mirror images are twice as many.
    while k &+ Lanes.count &- 1 < half &- k &- Lanes.count &+ 1 {
      let mirror = half &- k &- Lanes.count &+ 1
      let cosine = unsafe numbers.lanes(roots &+ k)
      let sine = unsafe numbers.lanes(roots &+ rootCount &+ k)
      let (a, b) = unsafe (numbers.lanes(k), numbers.lanes(half &+ k))
      let (c, d) = unsafe (
        numbers.lanes(mirror).backwards, numbers.lanes(half &+ mirror).backwards
      )
      let (evenReal, evenImaginary) = ((a + c) * 0.5, (b - d) * 0.5)
      let (oddReal, oddImaginary) = ((b + d) * 0.5, (c - a) * 0.5)
      let real = oddReal * cosine + oddImaginary * sine
      let imaginary = oddImaginary * cosine - oddReal * sine
      unsafe numbers.setLanes(mirror, (evenReal - real).backwards)
      unsafe numbers.setLanes(half &+ mirror, (imaginary - evenImaginary).backwards)
      unsafe numbers.setLanes(k, evenReal + real)
      unsafe numbers.setLanes(half &+ k, evenImaginary + imaginary)
      k &+= Lanes.count
    }
    while k < rootCount {
      let mirror = half &- k
      let (cosine, sine) = unsafe (numbers[roots &+ k], numbers[roots &+ rootCount &+ k])
      let (a, b) = unsafe (numbers[k], numbers[half &+ k])
      let (c, d) = unsafe (numbers[mirror], numbers[half &+ mirror])
      let (evenReal, evenImaginary) = (0.5 * (a + c), 0.5 * (b - d))
      let (oddReal, oddImaginary) = (0.5 * (b + d), 0.5 * (c - a))
      let real = oddReal * cosine + oddImaginary * sine
      let imaginary = oddImaginary * cosine - oddReal * sine
      unsafe numbers.set(mirror, evenReal - real)
      unsafe numbers.set(half &+ mirror, imaginary - evenImaginary)
      unsafe numbers.set(k, evenReal + real)
      unsafe numbers.set(half &+ k, evenImaginary + imaginary)
      k &+= 1
    }
  }

  // MARK: Memory

  /// cos 2πk/n for k below `count`, then sin.
  @unsafe
  private func storeRoots(_ count: Int, of n: Int, at start: Int, _ numbers: Numbers) {
    for k in 0..<count {
      let point = UnitCircle.point(k, of: n)
      unsafe numbers.set(start + k, Float(point.cosine))
      unsafe numbers.set(start + count + k, Float(point.sine))
    }
  }

  /// The 32 bits of a number in reverse order.
  private static func reverse(_ x: UInt32) -> UInt32 {
    var x = x
    x = (x >> 1) & 0x5555_5555 | (x & 0x5555_5555) << 1
    x = (x >> 2) & 0x3333_3333 | (x & 0x3333_3333) << 2
    x = (x >> 4) & 0x0F0F_0F0F | (x & 0x0F0F_0F0F) << 4
    return x.byteSwapped
  }

  /// Gives `body` the numbers of the transform, whose place is checked once and not at each of them.
  @_lifetime(memory: copy memory)
  private func withNumbers(in memory: inout MutableRawSpan, _ body: (Numbers) -> Void) {
    precondition(
      base >= 0 && base + Self.byteCount(length: length) <= memory.byteCount,
      "the transform lies in the memory")
    unsafe memory.withUnsafeMutableBytes { bytes in
      let start = unsafe bytes.baseAddress.unsafelyUnwrapped + base
      precondition(UInt(bitPattern: start) & 3 == 0, "numbers lie at multiples of four")
      unsafe body(Numbers(start: start.assumingMemoryBound(to: Float.self)))
    }
  }

  // Every pattern of bits is a number, the reason why these loads are unsafe in general.
  private func number(_ index: Int, in memory: borrowing MutableRawSpan) -> Float {
    unsafe memory.unsafeLoadUnaligned(fromByteOffset: base + 4 * index, as: Float.self)
  }
}
