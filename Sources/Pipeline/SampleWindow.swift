import Acquisition
import Signal

/// What is done about readings that are missing.
public enum MissingPolicy: UInt8, Sendable {
  /// A window with one is not predicted on.
  case skip
  /// The last good reading stands in, for at most the length of a window.
  case hold
  /// As `hold`, until a good reading comes: then the line between both.
  case interpolate

  /// The word of the configuration.
  public var name: StaticString {
    switch self {
    case .skip: "skip"
    case .hold: "hold"
    case .interpolate: "interpolate"
    }
  }
}

/// What is done about readings that are implausible.
public enum SuspectPolicy: UInt8, Sendable {
  /// A window with one is not predicted on.
  case skip
  /// As missing readings under `hold`.
  case hold
  /// They are taken as they are.
  case use

  /// The word of the configuration.
  public var name: StaticString {
    switch self {
    case .skip: "skip"
    case .hold: "hold"
    case .use: "use"
    }
  }
}

/// How a stream of samples of mixed quality becomes windows.
public struct WindowPolicy: Sendable {
  /// What is done about missing readings.
  public var missing = MissingPolicy.skip
  /// What is done about implausible ones.
  public var suspect = SuspectPolicy.use

  /// Missing readings spoil their windows, implausible ones do not.
  public init() {}
}

/// What a window is made of.
public struct WindowCondition: Sendable {
  /// Samples in which a reading was missing.
  public internal(set) var missingSampleCount = 0
  /// Samples in which a reading was implausible.
  public internal(set) var suspectSampleCount = 0
  /// Whether the policy allows a prediction.
  public internal(set) var isUsable = true
  /// The channel that had a problem last, and which; only where a count is not zero.
  public internal(set) var lastProblem: (channel: Int, quality: ChannelQuality) = (0, .ok)

  /// A window without a problem.
  public init() {}

  /// Whether every reading was good.
  public var isClean: Bool { missingSampleCount == 0 && suspectSampleCount == 0 }
}

/// Windows over samples in the units of the sensors, as single-precision numbers.
///
/// A slot of the ring holds one sample: a `Float` for each channel, then one word that says what is
/// wrong with it. Behind the ring comes what is remembered of each channel: the last good reading
/// and how many samples ago it was. (They lie in the caller's memory because a compiler error of
/// Swift 6.3 keeps arrays stored in place out of types that hold spans.)
public struct SampleWindow: ~Copyable, ~Escapable {
  /// Readings in a sample.
  public let channelCount: Int

  private var window: SlidingWindow
  private var memory: MutableRawSpan
  private let policy: WindowPolicy
  private var lastProblem: (channel: Int, quality: ChannelQuality) = (0, .ok)

  /// Samples since the last good reading, where there was none.
  private static let never = Int32.max

  /// Flags of a sample.
  private static let missing: UInt32 = 1
  private static let suspect: UInt32 = 2
  private static let unusable: UInt32 = 4

  /// Bytes of the ring.
  public static func ringByteCount(channelCount: Int, length: Int) -> Int {
    length * (4 * channelCount + 4) + 8 * channelCount
  }

  /// An empty window.
  ///
  /// - Parameter ring: `ringByteCount(channelCount:length:)` bytes.
  @_lifetime(copy ring)
  public init(
    channelCount: Int, length: Int, hop: Int, policy: WindowPolicy,
    ring: consuming MutableRawSpan
  ) {
    precondition(
      ring.byteCount >= Self.ringByteCount(channelCount: channelCount, length: length),
      "the ring holds a window")
    self.channelCount = channelCount
    self.policy = policy
    window = SlidingWindow(length: length, hop: hop)
    memory = ring
    forget()
  }

  /// Samples in a window.
  public var length: Int { window.length }

  /// Adds a sample.
  ///
  /// - Returns: Whether a window is complete; look at `condition` and read it before the next sample.
  public mutating func push(_ sample: borrowing Sample) -> Bool {
    let slot = window.nextSlot
    var flags: UInt32 = 0
    for channel in 0..<channelCount {
      let quality = sample[quality: channel]
      if quality.isMissing { flags |= Self.missing }
      if quality.isSuspect { flags |= Self.suspect }
      if quality != .ok { lastProblem = (channel, quality) }
      if isGood(quality) {
        take(sample[channel], channel)
      } else if !standIn(for: quality, channel) {
        flags |= Self.unusable
      }
      store(lastGood(channel), at: offset(slot, channel))
    }
    memory.storeBytes(of: flags, toByteOffset: offset(slot, channelCount), as: UInt32.self)
    return window.advance()
  }

  /// Starts over, as after a gap in the stream.
  public mutating func restart() {
    window.restart()
    forget()
  }

  /// What the complete window is made of.
  public var condition: WindowCondition {
    var condition = WindowCondition()
    for slot in 0..<length {
      let flags = load(offset(slot, channelCount), as: UInt32.self)
      if flags & Self.missing != 0 { condition.missingSampleCount += 1 }
      if flags & Self.suspect != 0 { condition.suspectSampleCount += 1 }
      if flags & Self.unusable != 0 { condition.isUsable = false }
    }
    if !condition.isClean { condition.lastProblem = lastProblem }
    return condition
  }

  /// A reading of the complete window, in the unit of the contract.
  ///
  /// - Parameter sample: 0 for the oldest, `length` − 1 for the newest.
  public subscript(sample: Int, channel: Int) -> Float {
    load(offset(window.slot(sample), channel), as: Float.self)
  }

  /// Copies readings of a channel of the complete window.
  ///
  /// - Parameters:
  ///   - first: The first one, 0 for the oldest.
  ///   - samples: Filled as far as the window goes.
  public func copy(from first: Int, channel: Int, into samples: inout SampleChunk) {
    precondition(first >= 0 && first < length && channel >= 0 && channel < channelCount)
    let count = min(samples.count, length - first)
    let stride = 4 &* (channelCount &+ 1)
    let slot = window.slot(first)
    // Up to the end of the ring, and from its beginning on.
    let untilEnd = min(count, length - slot)
    unsafe memory.bytes.withUnsafeBytes { ring in
      // In bounds: slots are below `length`, for all of which there is room.
      var place = slot &* stride &+ 4 &* channel
      for index in 0..<untilEnd {
        samples[index] = unsafe ring.loadUnaligned(fromByteOffset: place, as: Float.self)
        place &+= stride
      }
      place = 4 &* channel
      for index in untilEnd..<count {
        samples[index] = unsafe ring.loadUnaligned(fromByteOffset: place, as: Float.self)
        place &+= stride
      }
    }
  }

  // MARK: Readings that are not good

  private borrowing func isGood(_ quality: ChannelQuality) -> Bool {
    switch quality {
    case .ok: true
    case .missing: false
    case .suspect: policy.suspect == .use
    }
  }

  /// A good reading, and with it the line to it where some were missing before.
  private mutating func take(_ reading: Float, _ channel: Int) {
    let missing = gap(channel)
    if policy.missing == .interpolate, missing > 0, missing < length {
      let first = lastGood(channel)
      let step = (reading - first) / Float(missing + 1)
      for index in 1...Int(missing) {
        let slot = window.slot(length - Int(missing) - 1 + index)
        store(first + step * Float(index), at: offset(slot, channel))
      }
    }
    store(reading, at: historyOffset(channel))
    setGap(0, channel)
  }

  /// Counts a reading that is not good; whether the last good one may take its place.
  private mutating func standIn(for quality: ChannelQuality, _ channel: Int) -> Bool {
    let count = gap(channel)
    if count < Self.never { setGap(count + 1, channel) }
    let isAllowed = quality.isMissing ? policy.missing != .skip : policy.suspect == .hold
    // A reading from before the window says nothing about it.
    return isAllowed && gap(channel) < length
  }

  private mutating func forget() {
    for channel in 0..<channelCount {
      store(0, at: historyOffset(channel))
      setGap(Self.never, channel)
    }
  }

  // MARK: Memory

  private func offset(_ slot: Int, _ channel: Int) -> Int {
    4 * (slot * (channelCount + 1) + channel)
  }

  private func historyOffset(_ channel: Int) -> Int {
    4 * length * (channelCount + 1) + 8 * channel
  }

  private func lastGood(_ channel: Int) -> Float { load(historyOffset(channel), as: Float.self) }

  private func gap(_ channel: Int) -> Int32 { load(historyOffset(channel) + 4, as: Int32.self) }

  private mutating func setGap(_ count: Int32, _ channel: Int) {
    memory.storeBytes(of: count, toByteOffset: historyOffset(channel) + 4, as: Int32.self)
  }

  private mutating func store(_ value: Float, at offset: Int) {
    memory.storeBytes(of: value, toByteOffset: offset, as: Float.self)
  }

  private func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
    // Bounds are checked by the load, and every bit pattern is a value of the types used here.
    unsafe memory.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self)
  }
}
