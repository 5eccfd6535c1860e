/// What a model expects of its first input: channels, rate, window and normalization.
///
/// The input is a window of `windowLength` samples of all channels, time first: element
/// `time × channelCount + channel`. A sample `x` of a channel enters as
/// `(x − mean) / standardDeviation`.
public struct InputContract: Sendable {
  /// The number of channels.
  public let channelCount: Int
  /// Samples in a window.
  public let windowLength: Int
  /// Samples from the start of one window to the start of the next.
  public let hop: Int
  /// Samples of each channel in 1,000 seconds.
  public let rateMillihertz: Int
  /// Where the channel records start in the file.
  let channelsOffset: Int

  /// Seconds from one sample to the next.
  public var samplePeriodSeconds: Double { 1000 / Double(rateMillihertz) }
}

/// One channel of an ``InputContract``.
public struct ChannelRecord: Sendable {
  /// The channel's name.
  public let name: TextReference
  /// The unit of its samples.
  public let unit: TextReference
  /// Mean of the training data, in the unit of the samples.
  public let mean: Float
  /// Standard deviation of the training data, in the unit of the samples.
  public let standardDeviation: Float
}

extension Model {
  /// Channel `index` of the model's contract. Traps without a contract, or past the last channel.
  public func channel(_ index: Int) -> ChannelRecord {
    guard let contract, index >= 0, index < contract.channelCount else {
      preconditionFailure("the contract has no such channel")
    }
    return ChannelRecord(at: contract.channelsOffset + index * Layout.Channel.stride, of: bytes)
  }

  /// Reads and checks the contract; nil where the model has none.
  func readContract() throws(ModelError) -> InputContract? {
    guard sections.contains(.contract) else { return nil }
    let range = sections[.contract]
    guard range.count >= Layout.Contract.channels else {
      throw ModelError(
        .wrongSectionSize, section: .contract, offset: range.lowerBound, found: range.count,
        expected: Layout.Contract.channels)
    }
    let start = range.lowerBound
    func count(at offset: Int, limit: Int) throws(ModelError) -> Int {
      let value = bytes.uint32(at: start + offset)
      guard value >= 1, value <= UInt32(limit) else {
        throw ModelError(
          .badContract, section: .contract, offset: start + offset,
          found: Int(truncatingIfNeeded: value), expected: limit)
      }
      return Int(value)
    }
    let contract = InputContract(
      channelCount: try count(at: Layout.Contract.channelCount, limit: Layout.Limits.channels),
      windowLength: try count(at: Layout.Contract.windowLength, limit: Layout.Limits.elements),
      hop: try count(at: Layout.Contract.hop, limit: Layout.Limits.elements),
      rateMillihertz: try count(at: Layout.Contract.rateMillihertz, limit: 1_000_000_000),
      channelsOffset: start + Layout.Contract.channels)
    let expected = Layout.Contract.channels + contract.channelCount * Layout.Channel.stride
    guard range.count == expected else {
      throw ModelError(
        .wrongSectionSize, section: .contract, offset: start, found: range.count,
        expected: expected)
    }
    let reserved = (start + Layout.Contract.reserved)..<(start + Layout.Contract.channels)
    if let offset = bytes.firstNonZero(in: reserved) {
      throw ModelError(.reservedNotZero, section: .contract, offset: offset)
    }
    guard contract.hop <= contract.windowLength else {
      throw ModelError(
        .badContract, section: .contract, offset: start + Layout.Contract.hop,
        found: contract.hop, expected: contract.windowLength)
    }
    for index in 0..<contract.channelCount {
      try checkChannel(index, at: contract.channelsOffset + index * Layout.Channel.stride)
    }
    return contract
  }

  private func checkChannel(_ index: Int, at offset: Int) throws(ModelError) {
    try checkText(
      at: offset + Layout.Channel.nameOffset, section: .contract, record: index)
    try checkText(
      at: offset + Layout.Channel.unitOffset, section: .contract, record: index)
    let channel = ChannelRecord(at: offset, of: bytes)
    guard channel.mean.isFinite else {
      throw ModelError(
        .badContract, section: .contract, record: index, offset: offset + Layout.Channel.mean)
    }
    guard channel.standardDeviation.isFinite, channel.standardDeviation > 0 else {
      throw ModelError(
        .badContract, section: .contract, record: index,
        offset: offset + Layout.Channel.standardDeviation)
    }
    let reserved = (offset + Layout.Channel.reserved)..<(offset + Layout.Channel.stride)
    if let offset = bytes.firstNonZero(in: reserved) {
      throw ModelError(.reservedNotZero, section: .contract, record: index, offset: offset)
    }
  }

  /// Checks that a window of the contract, or its features, is as large as the model's first input.
  func checkContractFitsInput() throws(ModelError) {
    let features = try checkPreprocessing()
    guard let contract else { return }
    // Both factors are below 2^27, so the product fits in 64 bits.
    let values = Int64(features ?? contract.windowLength) * Int64(contract.channelCount)
    guard inputCount >= 1, Int64(tensor(input(0)).shape.elementCount) == values else {
      throw ModelError(
        .contractDoesNotFitInput, section: .contract, offset: sections[.contract].lowerBound,
        found: Int(truncatingIfNeeded: values),
        expected: inputCount >= 1 ? tensor(input(0)).shape.elementCount : 0)
    }
  }
}

extension ChannelRecord {
  init(at offset: Int, of bytes: RawSpan) {
    name = TextReference(
      offset: Int(bytes.uint32(at: offset + Layout.Channel.nameOffset)),
      byteCount: Int(bytes.uint32(at: offset + Layout.Channel.nameByteCount)))
    unit = TextReference(
      offset: Int(bytes.uint32(at: offset + Layout.Channel.unitOffset)),
      byteCount: Int(bytes.uint32(at: offset + Layout.Channel.unitByteCount)))
    mean = bytes.float32(at: offset + Layout.Channel.mean)
    standardDeviation = bytes.float32(at: offset + Layout.Channel.standardDeviation)
  }
}
