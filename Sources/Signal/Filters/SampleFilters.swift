import ModelFormat

/// The filters of all channels, each with its past, in caller-given memory.
public struct SampleFilters: ~Copyable, ~Escapable {
  private let plan: Preprocessing
  private var memory: MutableRawSpan

  /// Where one filter of one channel keeps its past.
  private static let stateByteCount =
    8 * ((max(MemoryLayout<MovingAverage>.size, MemoryLayout<Biquad>.size) + 7) / 8)

  /// Bytes of memory the filters of a plan need.
  public static func byteCount(for plan: borrowing Preprocessing) -> Int {
    plan.channelCount * (8 + plan.filterCount * stateByteCount)
  }

  /// Filters at rest.
  ///
  /// - Parameter memory: `byteCount(for:)` bytes; their contents do not matter.
  @_lifetime(copy plan, copy memory)
  public init(_ plan: Preprocessing, memory: consuming MutableRawSpan) {
    precondition(memory.byteCount >= Self.byteCount(for: plan))
    self.plan = plan
    self.memory = memory
    restart()
  }

  /// Forgets the past, as after a gap in the samples.
  public mutating func restart() {
    for channel in 0..<plan.channelCount { setStarted(channel, false) }
  }

  /// Filters one sample of a channel. The first one after a restart is taken as what has been there
  /// for ever, so that the filters make no step of their own.
  public mutating func filter(_ sample: Float, channel: Int) -> Float {
    let isFirst = !isStarted(channel)
    if isFirst { setStarted(channel, true) }
    var value = sample
    for index in 0..<plan.filterCount {
      let offset = stateOffset(index, channel: channel)
      switch plan.filter(index) {
      case .movingAverage(let length):
        var average = isFirst ? MovingAverage() : load(MovingAverage.self, at: offset)
        value = average.filter(value, length: length)
        memory.storeBytes(of: average, toByteOffset: offset, as: MovingAverage.self)
      case .biquad(let b0, let b1, let b2, let a1, let a2):
        let coefficients = Biquad.Coefficients(b0: b0, b1: b1, b2: b2, a1: a1, a2: a2)
        var biquad =
          isFirst
          ? Biquad(settledOn: Double(value), coefficients) : load(Biquad.self, at: offset)
        value = Float(biquad.filter(Double(value), coefficients))
        memory.storeBytes(of: biquad, toByteOffset: offset, as: Biquad.self)
      }
    }
    return value
  }

  private func stateOffset(_ filter: Int, channel: Int) -> Int {
    8 * plan.channelCount + (channel * plan.filterCount + filter) * Self.stateByteCount
  }

  private func isStarted(_ channel: Int) -> Bool { load(UInt64.self, at: 8 * channel) == 1 }

  private mutating func setStarted(_ channel: Int, _ value: Bool) {
    memory.storeBytes(of: value ? 1 : 0, toByteOffset: 8 * channel, as: UInt64.self)
  }

  private func load<State: BitwiseCopyable>(_ type: State.Type, at offset: Int) -> State {
    // Written by this type only, as `isStarted` says, and numbers in any case.
    unsafe memory.unsafeLoadUnaligned(fromByteOffset: offset, as: type)
  }
}
