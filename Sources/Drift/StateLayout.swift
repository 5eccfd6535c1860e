import ModelFormat

/// Where things are in the bytes of a monitor's state.
///
/// Header, scalars, the adaptive window, then channels, then counts of classes. All little-endian.
struct StateLayout: Sendable {
  static let magic: UInt32 = 0x5446_5244  // "DRFT"
  static let version: UInt32 = 1

  enum Header {
    static let magic = 0
    static let version = 4
    static let byteCount = 8
    static let check = 12
    static let baselineCheck = 16
    static let fields = 24
  }

  /// Room for the scalars, the adaptive window included.
  static let scalarByteCount = 3_072

  /// Byte offsets inside a channel.
  enum Channel {
    static let window = 0
    static let detector = 72
    static let detections = 120  // A field of the detector.
    static let countdown = 44  // A field of the window.
    static let count = 128
    static let missingCount = 132
    static let busErrorCount = 136
    static let longestRun = 140
    static let fault = 144
    static let isJudged = 145
    static let exceeds = 146
    static let unsettled = 147
    static let suspicious = 148
    static let alarmed = 149
    static let fadingWindows = 150
    static let mean = 152
    static let variance = 160
    static let minimum = 168
    static let maximum = 172
    static let values = 176
    static let unsettledRun = 204
    static let unsettledSince = 208
    static let bins = 216
  }

  let channelCount: Int
  let classCount: Int
  let binStride: Int

  init(_ baseline: borrowing Baseline) {
    channelCount = baseline.channelCount
    classCount = baseline.classCount
    binStride = baseline.binStride
  }

  /// Two histograms: of the open window, and of the last one.
  var channelStride: Int { Channel.bins &+ 8 &* binStride }

  func lastBins(_ index: Int) -> Int { channel(index) + Channel.bins + 4 * binStride }

  // Small enough: the baseline holds more for each channel.
  func channel(_ index: Int) -> Int { Self.scalarByteCount &+ index &* channelStride }

  var classes: Int { channel(channelCount) }

  var byteCount: Int { classes + 4 * classCount }

  /// Makes bytes the state of a monitor that has seen nothing.
  func clear(_ state: inout MutableRawSpan) {
    for offset in 0..<byteCount { state.set(UInt8(0), at: offset) }
    for index in 0..<channelCount {
      state.storeBytes(
        of: PageHinkley(), toByteOffset: channel(index) + Channel.detector, as: PageHinkley.self)
    }
  }
}
