extension Model {
  /// The bytes of all graph inputs of one invocation, in the order of the inputs.
  public var inputByteCount: Int {
    var count = 0
    for index in 0..<inputCount { count += tensor(input(index)).byteCount }
    return count
  }

  /// The bytes of all graph outputs of one invocation, in the order of the outputs.
  public var outputByteCount: Int {
    var count = 0
    for index in 0..<outputCount { count += tensor(output(index)).byteCount }
    return count
  }

  /// The inputs of golden vector `index`. Traps past the last.
  ///
  /// Vectors are successive invocations of a model whose state was reset before the first.
  @_lifetime(copy self)
  public func goldenInput(_ index: Int) -> RawSpan {
    goldenBytes(index, from: 0, count: inputByteCount)
  }

  /// The outputs golden vector `index` must give, to the byte. Traps past the last.
  @_lifetime(copy self)
  public func goldenOutput(_ index: Int) -> RawSpan {
    goldenBytes(index, from: inputByteCount, count: outputByteCount)
  }

  @_lifetime(copy self)
  private func goldenBytes(_ index: Int, from offset: Int, count: Int) -> RawSpan {
    precondition(index >= 0 && index < goldenVectorCount, "the model has no such golden vector")
    let start =
      sections[.golden].lowerBound + Layout.Golden.vectors
      + index * (inputByteCount + outputByteCount) + offset
    return bytes.extracting(start..<(start + count))
  }

  /// Checks the golden section; returns the number of vectors.
  func readGoldenVectorCount() throws(ModelError) -> Int {
    guard sections.contains(.golden) else { return 0 }
    let range = sections[.golden]
    let start = range.lowerBound
    guard range.count >= Layout.Golden.vectors else {
      throw ModelError(.badGolden, section: .golden, offset: start)
    }
    // Both sizes together are at most 2^30, so that the product fits in 64 bits.
    let count = Int64(bytes.uint32(at: start + Layout.Golden.vectorCount))
    let vectorByteCount = Int64(inputByteCount + outputByteCount)
    guard count >= 1, vectorByteCount > 0,
      bytes.uint32(at: start + Layout.Golden.inputByteCount) == UInt32(inputByteCount),
      bytes.uint32(at: start + Layout.Golden.outputByteCount) == UInt32(outputByteCount),
      bytes.uint32(at: start + Layout.Golden.reserved) == 0,
      Int64(range.count - Layout.Golden.vectors) == count * vectorByteCount
    else { throw ModelError(.badGolden, section: .golden, offset: start) }
    return Int(count)
  }
}
