import Pipeline
import Testing

@Suite struct SlidingWindowTests {
  @Test(arguments: [(1, 1), (2, 1), (2, 2), (5, 1), (5, 2), (5, 3), (5, 5), (40, 10), (7, 4)])
  func windowsAreThoseOfASliceOfTheStream(length: Int, hop: Int) {
    let stream = (0..<200).map { UInt8($0) }
    let expected = Swift.stride(from: 0, through: stream.count - length, by: hop).map {
      Array(stream[$0..<$0 + length])
    }
    #expect(windows(of: stream, length: length, hop: hop, restartBefore: nil) == expected)
  }

  @Test(arguments: [(5, 2), (5, 5), (3, 1)])
  func aRestartForgetsWhatCameBefore(length: Int, hop: Int) {
    let stream = (0..<60).map { UInt8($0) }
    for cut in 1..<stream.count {
      let parts = [Array(stream[..<cut]), Array(stream[cut...])]
      let expected = parts.flatMap { part in
        windows(of: part, length: length, hop: hop, restartBefore: nil)
      }
      #expect(windows(of: stream, length: length, hop: hop, restartBefore: cut) == expected)
    }
  }

  /// Windows of samples of two bytes, of which the second is the complement of the first.
  private func windows(
    of stream: [UInt8], length: Int, hop: Int, restartBefore cut: Int?
  ) -> [[UInt8]] {
    var ring = [UInt8](repeating: 0xEE, count: 2 * length)
    var copy = [UInt8](repeating: 0xEE, count: 2 * length)
    var result: [[UInt8]] = []
    ring.withUnsafeMutableBytes { ring in
      var window = SlidingWindow(
        length: length, hop: hop, sampleByteCount: 2, ring: ring.mutableBytes)
      for (index, value) in stream.enumerated() {
        if index == cut { window.restart() }
        let isComplete = window.push { slot in
          slot.storeBytes(of: value, toByteOffset: 0, as: UInt8.self)
          slot.storeBytes(of: ~value, toByteOffset: 1, as: UInt8.self)
        }
        guard isComplete else { continue }
        copy.withUnsafeMutableBytes { copy in
          var bytes = copy.mutableBytes
          window.copy(into: &bytes)
        }
        #expect((0..<length).allSatisfy { copy[2 * $0 + 1] == ~copy[2 * $0] })
        result.append((0..<length).map { copy[2 * $0] })
      }
    }
    return result
  }
}
