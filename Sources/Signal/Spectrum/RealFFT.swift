/// The discrete Fourier transform of real samples, in caller-given memory.
///
///     X[k] = Σ x[n] e^(−2πi k n / N),  k = 0 … N/2
///
/// The N samples are taken as N/2 complex ones, transformed by a radix-2 decimation in time in
/// single precision (Cooley and Tukey, 1965), and separated. Every operation is one addition,
/// subtraction or multiplication rounded as IEEE 754 says, in a fixed order, so all targets give the
/// same bits. The passes work on four numbers at a time.
public struct RealFFT: Sendable {
  /// The shortest and longest transform; lengths are powers of two.
  public static let lengths = 16...4096

  /// N, samples of a transform.
  public let length: Int

  /// Where in the caller's memory it lies: N/2 real parts, N/2 imaginary parts, the roots of unity
  /// of each pass and of the separation.
  private let base: Int

  /// N/2, complex numbers in the transform.
  private var half: Int { length / 2 }

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
  ///   - offset: Where its `byteCount(length:)` bytes begin.
  public init(length: Int, at offset: Int) {
    precondition(Self.isLength(length), "lengths are powers of two")
    self.length = length
    base = offset
  }

  /// Computes the roots of unity, once for all transforms at this place.
  @_lifetime(memory: copy memory)
  public func prepare(in memory: inout MutableRawSpan) {
    var start = length
    var span = 8
    while span <= half {
      storeRoots(span / 2, of: span, at: start, in: &memory)
      start += span
      span *= 2
    }
    storeRoots(half / 2 + 1, of: length, at: start, in: &memory)
  }

  /// Puts a sample in its place, 0 through N − 1; all must be put before the transform.
  @_lifetime(memory: copy memory)
  public func put(_ value: Float, at sample: Int, in memory: inout MutableRawSpan) {
    // Pairs are complex numbers, and those lie in the order of their indices' bits reversed.
    let pair = sample / 2
    let reversed = Int(Self.reverse(UInt32(pair)) >> UInt32(32 - half.trailingZeroBitCount))
    set(sample & 1 == 0 ? reversed : half + reversed, value, in: &memory)
  }

  /// Puts the products of samples and weights in their places, and zeros behind them.
  ///
  /// - Parameters:
  ///   - count: Samples, at most N.
  ///   - samples: Where in the memory they are, in bytes.
  ///   - weights: Where their weights are.
  @_lifetime(memory: copy memory)
  public func put(
    _ count: Int, samplesAt samples: Int, weightsAt weights: Int,
    in memory: inout MutableRawSpan
  ) {
    precondition(count >= 0 && count <= length, "a frame is no longer than its transform")
    precondition(samples >= 0 && samples + 4 * count <= memory.byteCount, "the samples are there")
    precondition(weights >= 0 && weights + 4 * count <= memory.byteCount, "the weights are there")
    unsafe withNumbers(in: &memory) { numbers in
      // In bounds: checked above, and places are below N.
      let source = unsafe Numbers(start: numbers.start + (samples - base))
      let factors = unsafe Numbers(start: numbers.start + (weights - base))
      let shift = UInt32(32 - half.trailingZeroBitCount)
      for pair in 0..<half {
        let place = Int(Self.reverse(UInt32(truncatingIfNeeded: pair)) >> shift)
        let sample = 2 * pair
        let even = sample < count ? unsafe source[sample] * factors[sample] : 0
        let odd = sample + 1 < count ? unsafe source[sample + 1] * factors[sample + 1] : 0
        unsafe numbers.set(place, even)
        unsafe numbers.set(half + place, odd)
      }
    }
  }

  /// Transforms the samples that were put; the result is read by `real` and `imaginary`.
  @_lifetime(memory: copy memory)
  public func transform(in memory: inout MutableRawSpan) {
    unsafe withNumbers(in: &memory) { numbers in
      unsafe combineFours(numbers)
      var start = length
      var span = 8
      while span <= half {
        unsafe pass(span, roots: start, numbers)
        start += span
        span *= 2
      }
      unsafe separate(roots: start, numbers)
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

  /// |X[k]|², k = 0 … N/2.
  public func power(_ k: Int, in memory: borrowing MutableRawSpan) -> Float {
    let (a, b) = (real(k, in: memory), imaginary(k, in: memory))
    return a * a + b * b
  }

  // MARK: Steps

  /// The passes of 2 and 4, whose roots are 1 and −i.
  @unsafe
  private func combineFours(_ numbers: Numbers) {
    var index = 0
    while index < half {
      let (a, b) = unsafe (numbers.vector(index), numbers.vector(half + index))
      let sumA = SIMD2(a[0] + a[1], a[2] + a[3])
      let differenceA = SIMD2(a[0] - a[1], a[2] - a[3])
      let sumB = SIMD2(b[0] + b[1], b[2] + b[3])
      let differenceB = SIMD2(b[0] - b[1], b[2] - b[3])
      unsafe numbers.setVector(
        index,
        SIMD4(
          sumA[0] + sumA[1], differenceA[0] + differenceB[1], sumA[0] - sumA[1],
          differenceA[0] - differenceB[1]))
      unsafe numbers.setVector(
        half + index,
        SIMD4(
          sumB[0] + sumB[1], differenceB[0] - differenceA[1], sumB[0] - sumB[1],
          differenceB[0] + differenceA[1]))
      index += 4
    }
  }

  /// Butterflies of one pass: a ± w b in every group of `span` numbers.
  @unsafe
  private func pass(_ span: Int, roots: Int, _ numbers: Numbers) {
    let distance = span / 2
    var group = 0
    while group < half {
      var offset = 0
      while offset < distance {
        let cosine = unsafe numbers.vector(roots + offset)
        let sine = unsafe numbers.vector(roots + distance + offset)
        let low = group + offset
        let high = low + distance
        let (a, b) = unsafe (numbers.vector(low), numbers.vector(half + low))
        let (c, d) = unsafe (numbers.vector(high), numbers.vector(half + high))
        let real = c * cosine + d * sine
        let imaginary = d * cosine - c * sine
        unsafe numbers.setVector(low, a + real)
        unsafe numbers.setVector(half + low, b + imaginary)
        unsafe numbers.setVector(high, a - real)
        unsafe numbers.setVector(half + high, b - imaginary)
        offset += 4
      }
      group += span
    }
  }

  /// The transform of the real samples out of that of the complex ones: with Z* = conj Z[N/2 − k],
  /// 2 X[k] = (Z[k] + Z*) − i e^(−2πi k/N) (Z[k] − Z*).
  @unsafe
  private func separate(roots: Int, _ numbers: Numbers) {
    let (first, last) = unsafe (numbers[0] + numbers[half], numbers[0] - numbers[half])
    unsafe numbers.set(0, first)
    unsafe numbers.set(half, last)
    let rootCount = half / 2 + 1
    var k = 1
    // Four at a time as long as they and their mirror images are eight.
    while k + 3 < half - k - 3 {
      let mirror = half - k - 3
      let cosine = unsafe numbers.vector(roots + k)
      let sine = unsafe numbers.vector(roots + rootCount + k)
      let (a, b) = unsafe (numbers.vector(k), numbers.vector(half + k))
      let (c, d) = unsafe (
        numbers.vector(mirror).backwards, numbers.vector(half + mirror).backwards
      )
      let (evenReal, evenImaginary) = (0.5 * (a + c), 0.5 * (b - d))
      let (oddReal, oddImaginary) = (0.5 * (b + d), 0.5 * (c - a))
      let real = oddReal * cosine + oddImaginary * sine
      let imaginary = oddImaginary * cosine - oddReal * sine
      unsafe numbers.setVector(mirror, (evenReal - real).backwards)
      unsafe numbers.setVector(half + mirror, (imaginary - evenImaginary).backwards)
      unsafe numbers.setVector(k, evenReal + real)
      unsafe numbers.setVector(half + k, evenImaginary + imaginary)
      k += 4
    }
    while k < rootCount {
      let mirror = half - k
      let (cosine, sine) = unsafe (numbers[roots + k], numbers[roots + rootCount + k])
      let (a, b) = unsafe (numbers[k], numbers[half + k])
      let (c, d) = unsafe (numbers[mirror], numbers[half + mirror])
      let (evenReal, evenImaginary) = (0.5 * (a + c), 0.5 * (b - d))
      let (oddReal, oddImaginary) = (0.5 * (b + d), 0.5 * (c - a))
      let real = oddReal * cosine + oddImaginary * sine
      let imaginary = oddImaginary * cosine - oddReal * sine
      unsafe numbers.set(mirror, evenReal - real)
      unsafe numbers.set(half + mirror, imaginary - evenImaginary)
      unsafe numbers.set(k, evenReal + real)
      unsafe numbers.set(half + k, evenImaginary + imaginary)
      k += 1
    }
  }

  // MARK: Memory

  /// cos 2πk/n for k below `count`, then sin.
  @_lifetime(memory: copy memory)
  private func storeRoots(
    _ count: Int, of n: Int, at start: Int, in memory: inout MutableRawSpan
  ) {
    for k in 0..<count {
      let point = UnitCircle.point(k, of: n)
      set(start + k, Float(point.cosine), in: &memory)
      set(start + count + k, Float(point.sine), in: &memory)
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
      guard let start = bytes.baseAddress else { return }
      unsafe body(Numbers(start: start + base))
    }
  }

  // Every pattern of bits is a number, the reason why these loads are unsafe in general.
  private func number(_ index: Int, in memory: borrowing MutableRawSpan) -> Float {
    unsafe memory.unsafeLoadUnaligned(fromByteOffset: base + 4 * index, as: Float.self)
  }

  @_lifetime(memory: copy memory)
  private func set(_ index: Int, _ value: Float, in memory: inout MutableRawSpan) {
    memory.storeBytes(of: value, toByteOffset: base + 4 * index, as: Float.self)
  }
}

/// Numbers of a transform, without checks: places below what `RealFFT.byteCount(length:)` holds.
@unsafe
private struct Numbers {
  let start: UnsafeMutableRawPointer

  subscript(index: Int) -> Float {
    unsafe start.loadUnaligned(fromByteOffset: 4 &* index, as: Float.self)
  }

  func vector(_ index: Int) -> SIMD4<Float> {
    unsafe start.loadUnaligned(fromByteOffset: 4 &* index, as: SIMD4<Float>.self)
  }

  func set(_ index: Int, _ value: Float) {
    unsafe start.storeBytes(of: value, toByteOffset: 4 &* index, as: Float.self)
  }

  func setVector(_ index: Int, _ value: SIMD4<Float>) {
    unsafe start.storeBytes(of: value, toByteOffset: 4 &* index, as: SIMD4<Float>.self)
  }
}

extension SIMD4<Float> {
  fileprivate var backwards: Self { Self(self[3], self[2], self[1], self[0]) }
}
