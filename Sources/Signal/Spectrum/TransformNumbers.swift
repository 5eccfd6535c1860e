// What a transform is made of: numbers of its memory, without checks. Places are below what
// `RealFFT.byteCount(length:)` holds, which the transform has checked.

/// Numbers of a transform.
@unsafe
struct Numbers {
  let start: UnsafeMutablePointer<Float>

  func moved(by byteCount: Int) -> Numbers {
    unsafe Numbers(
      start: (UnsafeMutableRawPointer(start) + byteCount).assumingMemoryBound(to: Float.self))
  }

  @inline(__always)
  subscript(index: Int) -> Float { unsafe start[index] }

  @inline(__always)
  func set(_ index: Int, _ value: Float) { unsafe start[index] = value }

  @inline(__always)
  func lanes(_ index: Int) -> Lanes { unsafe Lanes(UnsafePointer(start + index)) }

  @inline(__always)
  func setLanes(_ index: Int, _ value: Lanes) { unsafe value.store(start + index) }

  @inline(__always)
  func pair(_ index: Int) -> SIMD2<Float> {
    #if arch(arm)
      unsafe SIMD2(start[index], start[index &+ 1])
    #else
      unsafe UnsafeRawPointer(start + index).loadUnaligned(as: SIMD2<Float>.self)
    #endif
  }

  @inline(__always)
  func setFour(_ index: Int, _ value: SIMD4<Float>) {
    #if arch(arm)
      for lane in 0..<4 { unsafe start[index &+ lane] = value[lane] }
    #else
      unsafe setLanes(index, value)
    #endif
  }
}

/// The samples of a frame in pairs, each multiplied with its weight; zeros where it has ended.
@unsafe
struct WeightedFrame {
  let count: Int
  let samples: Numbers
  let weights: Numbers

  /// A pair that the frame has.
  @inline(__always)
  func product(_ pair: Int) -> SIMD2<Float> {
    unsafe samples.pair(2 &* pair) * weights.pair(2 &* pair)
  }

  @inline(__always)
  subscript(pair: Int) -> SIMD2<Float> {
    let (sample, count) = unsafe (2 &* pair, self.count)
    if sample &+ 1 < count { return unsafe product(pair) }
    return sample < count ? SIMD2(unsafe samples[sample] * weights[sample], 0) : SIMD2(0, 0)
  }
}

/// Complex numbers, as many as there are lanes.
struct ComplexLanes {
  var real: Lanes
  var imaginary: Lanes

  @inline(__always)
  init(_ real: Lanes, _ imaginary: Lanes) {
    self.real = real
    self.imaginary = imaginary
  }

  /// Those whose imaginary parts, or sines, lie `distance` numbers behind their real parts.
  @unsafe @inline(__always)
  init(_ numbers: Numbers, _ place: Int, _ distance: Int) {
    unsafe self.init(numbers.lanes(place), numbers.lanes(place &+ distance))
  }

  @unsafe @inline(__always)
  func store(_ numbers: Numbers, _ place: Int, _ distance: Int) {
    unsafe numbers.setLanes(place, real)
    unsafe numbers.setLanes(place &+ distance, imaginary)
  }

  /// The product with cosine − i sine.
  @inline(__always)
  func times(_ root: ComplexLanes) -> ComplexLanes {
    ComplexLanes(
      real * root.real + imaginary * root.imaginary, imaginary * root.real - real * root.imaginary)
  }

  @inline(__always)
  static func + (a: Self, b: Self) -> Self {
    Self(a.real + b.real, a.imaginary + b.imaginary)
  }

  @inline(__always)
  static func - (a: Self, b: Self) -> Self {
    Self(a.real - b.real, a.imaginary - b.imaginary)
  }
}
