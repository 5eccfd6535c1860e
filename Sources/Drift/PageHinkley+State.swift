extension PageHinkley {
  /// Six numbers; whether it has fired is kept by the caller.
  init(at offset: Int, of bytes: RawSpan) {
    self.init()
    count = bytes.double(at: offset)
    mean = bytes.double(at: offset + 8)
    sumOfIncreases = bytes.double(at: offset + 16)
    sumOfDecreases = bytes.double(at: offset + 24)
    lowestIncrease = bytes.double(at: offset + 32)
    highestDecrease = bytes.double(at: offset + 40)
  }

  func store(at offset: Int, in bytes: inout MutableRawSpan) {
    bytes.set(count, at: offset)
    bytes.set(mean, at: offset + 8)
    bytes.set(sumOfIncreases, at: offset + 16)
    bytes.set(sumOfDecreases, at: offset + 24)
    bytes.set(lowestIncrease, at: offset + 32)
    bytes.set(highestDecrease, at: offset + 40)
  }
}
