#if arch(arm)
  /// Numbers that a step works on at a time: two, for 32-bit boards may lack vectors, and more would
  /// not find registers.
  typealias Lanes = SIMD2<Float>

  extension SIMD2<Float> {
    static var count: Int { 2 }

    @inline(__always)
    var backwards: Self { Self(self[1], self[0]) }

    @inline(__always)
    init(_ numbers: UnsafePointer<Float>) { unsafe self.init(numbers[0], numbers[1]) }

    @inline(__always)
    func store(_ numbers: UnsafeMutablePointer<Float>) {
      unsafe numbers[0] = self[0]
      unsafe numbers[1] = self[1]
    }

    /// The first and the second of each pair.
    @inline(__always)
    static func pairs(_ numbers: UnsafePointer<Float>) -> (Lanes, Lanes) {
      unsafe (Self(numbers[0], numbers[2]), Self(numbers[1], numbers[3]))
    }

    @inline(__always)
    var bounded: Self { Self(self[0].bounded, self[1].bounded) }
  }
#else
  /// Numbers that a step works on at a time.
  typealias Lanes = SIMD4<Float>

  extension SIMD4<Float> {
    static var count: Int { 4 }

    @inline(__always)
    var backwards: Self { Self(self[3], self[2], self[1], self[0]) }

    @inline(__always)
    init(_ numbers: UnsafePointer<Float>) {
      self = unsafe UnsafeRawPointer(numbers).loadUnaligned(as: Self.self)
    }

    @inline(__always)
    func store(_ numbers: UnsafeMutablePointer<Float>) {
      unsafe UnsafeMutableRawPointer(numbers).storeBytes(of: self, as: Self.self)
    }

    /// The first and the second of each pair.
    @inline(__always)
    static func pairs(_ numbers: UnsafePointer<Float>) -> (Lanes, Lanes) {
      let pairs = unsafe UnsafeRawPointer(numbers).loadUnaligned(as: SIMD8<Float>.self)
      return (pairs.evenHalf, pairs.oddHalf)
    }

    @inline(__always)
    var bounded: Self {
      let limit = Self(repeating: Float.greatestFiniteMagnitude)
      return replacing(with: limit, where: self .> limit)
        .replacing(with: -limit, where: self .< -limit)
        .replacing(with: 0, where: self .!= self)
    }
  }
#endif

extension Float {
  /// The largest number where it is beyond, and 0 where it is none: samples of 10³⁰ overflow in a
  /// spectrum, and what comes out must still be quantized.
  @inline(__always)
  var bounded: Float {
    let limit = Float.greatestFiniteMagnitude
    if magnitude <= limit { return self }
    return self != self ? 0 : (self > 0 ? limit : -limit)
  }
}
