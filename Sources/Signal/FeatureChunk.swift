import ModelFormat

/// Some samples or features of a channel in a row.
public typealias SampleChunk = InlineArray<32, Float>

/// Where features of a chunk go in the model's input.
public struct FeaturePlaces: Sendable {
  /// Features of the chunk; what is behind them means nothing.
  public let count: Int
  /// The place of the first one.
  public let first: Int
  /// From the place of one to the place of the next.
  public let stride: Int

  /// Gives `body` each place, and which number of the chunk goes there.
  @inlinable
  public func forEach(_ body: (_ place: Int, _ index: Int) -> Void) {
    var place = first
    for index in 0..<count {
      body(place, index)
      place &+= stride
    }
  }
}

/// Features on their way to the model, which are normalized some at a time.
struct FeatureChunk {
  var values = SampleChunk(repeating: 0)
  private(set) var count = 0

  /// Adds a feature; the chunk must be emptied when there are as many as it holds.
  mutating func append(_ value: Float) -> Bool {
    values[count] = value
    count += 1
    return count == values.count
  }

  /// Takes numbers of the memory, as many as there are up to a chunk's. The chunk must be empty.
  mutating func load(_ available: Int, at offset: Int, of memory: RawSpan) {
    precondition(count == 0, "the features before are on their way")
    count = min(available, values.count)
    // Every pattern of bits is a number; the loads check their bounds.
    if count == values.count {
      values = unsafe memory.unsafeLoadUnaligned(fromByteOffset: offset, as: SampleChunk.self)
    } else {
      for index in 0..<count {
        values[index] = unsafe memory.unsafeLoadUnaligned(
          fromByteOffset: offset + 4 * index, as: Float.self)
      }
    }
  }

  /// Makes the chunk empty.
  mutating func empty() { count = 0 }

  /// Normalizes the features with pairs of means and standard deviations.
  mutating func normalize(_ scales: RawSpan) {
    let count = min(count, values.count)
    precondition(scales.byteCount >= Layout.FeatureScale.stride * count, "each has a scale")
    unsafe scales.withUnsafeBytes { scales in
      unsafe withUnsafeMutableBytes(of: &values) { values in
        // In bounds: checked above. Sections of a model begin at multiples of sixteen.
        let pairs = unsafe scales.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
        let numbers = unsafe values.baseAddress.unsafelyUnwrapped
          .assumingMemoryBound(to: Float.self)
        var index = 0
        while index &+ Lanes.count <= count {
          let (mean, deviation) = unsafe Lanes.pairs(pairs + 2 &* index)
          let number = unsafe Lanes(UnsafePointer(numbers + index))
          unsafe ((number - mean) / deviation).bounded.store(numbers + index)
          index &+= Lanes.count
        }
        while index < count {
          unsafe numbers[index] =
            ((numbers[index] - pairs[2 &* index]) / pairs[2 &* index &+ 1]).bounded
          index &+= 1
        }
      }
    }
  }
}
