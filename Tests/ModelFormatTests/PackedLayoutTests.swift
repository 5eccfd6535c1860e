import ModelFormat
import Testing

@Suite("Packed constants")
struct PackedLayoutTests {
  @Test("give every weight of a convolution a place of its own", arguments: [1, 15, 16, 17, 40])
  func convolutionWeights(channels: Int) {
    for (dilation, groupDepth) in [(1, 6), (2, 6), (1, 3)] {
      var window = WindowParameters()
      (window.kernelHeight, window.kernelWidth) = (3, 2)
      (window.dilationWidth, window.groupDepth) = (dilation, groupDepth)
      let layout = ConvolutionWeightLayout(channels: channels, window: window, inputDepth: 6)
      #expect(layout.runCount * layout.runLength == 3 * 2 * groupDepth)
      #expect(layout.runCount == (dilation == 1 && groupDepth == 6 ? 3 : 6))
      var seen = Set<Int>()
      for channel in 0..<channels {
        for run in 0..<layout.runCount {
          for index in 0..<layout.runLength {
            let place = layout.offset(channel: channel, run: run, index: index)
            #expect((0..<layout.byteCount).contains(place))
            #expect(seen.insert(place).inserted)
          }
        }
      }
      #expect(layout.byteCount % 64 == 0)
    }
  }

  @Test("give every weight of a depthwise convolution a place of its own", arguments: [1, 16, 33])
  func depthwiseWeights(channels: Int) {
    let layout = DepthwiseWeightLayout(channels: channels, tapCount: 9)
    let places = (0..<channels).flatMap { channel in
      (0..<9).map { layout.offset(channel: channel, tap: $0) }
    }
    #expect(Set(places).count == channels * 9)
    #expect(places.allSatisfy { (0..<layout.byteCount).contains($0) })
    #expect(layout.offset(channel: 17, tap: 2) == (9 + 2) * 16 + 1)
  }

  @Test("give every column of the channel table its place", arguments: [1, 16, 33])
  func channelTable(channels: Int) {
    let layout = ChannelTableLayout(channels: channels)
    let columns: [ChannelTableLayout.Column] = [.foldedBias, .significand, .shift, .weightSum]
    let places = (0..<channels).flatMap { channel in
      columns.map { layout.index($0, channel: channel) }
    }
    #expect(Set(places).count == channels * 4)
    #expect(places.allSatisfy { (0..<layout.elementCount).contains($0) })
    #expect(layout.index(.shift, channel: 17) == 64 + 32 + 1)
  }
}
