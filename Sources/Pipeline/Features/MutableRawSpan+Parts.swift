extension MutableRawSpan {
  /// A part of the span as a span of its own.
  ///
  /// Parts of one span may be used at the same time as long as their ranges do not overlap, which is
  /// the caller's promise.
  @unsafe @_lifetime(copy self)
  borrowing func disjointPart(_ range: Range<Int>) -> MutableRawSpan {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "parts lie inside")
    let start = unsafe withUnsafeBytes { $0.baseAddress }
    guard let start = unsafe start else { return MutableRawSpan() }
    let part = unsafe MutableRawSpan(
      _unsafeStart: UnsafeMutableRawPointer(mutating: start + range.lowerBound),
      byteCount: range.count)
    return unsafe _overrideLifetime(part, copying: self)
  }
}
