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

  private func windows(
    of stream: [UInt8], length: Int, hop: Int, restartBefore cut: Int?
  ) -> [[UInt8]] {
    var ring = [UInt8](repeating: 0xEE, count: length)
    var window = SlidingWindow(length: length, hop: hop)
    var result: [[UInt8]] = []
    for (index, value) in stream.enumerated() {
      if index == cut { window.restart() }
      ring[window.nextSlot] = value
      guard window.advance() else { continue }
      result.append((0..<length).map { ring[window.slot($0)] })
    }
    return result
  }
}
