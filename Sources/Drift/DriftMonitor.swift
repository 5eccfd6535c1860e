import ModelFormat
import Signal

/// What a sample changed.
public struct DriftEvent: Equatable, Sendable {
  /// What happened to the alarm.
  public enum Change: UInt8, Sendable {
    case none
    case raised
    /// The verdict is another one.
    case updated
    case cleared
  }

  /// Whether the sample was the last one of a drift window.
  public var windowEnded: Bool
  /// What happened to the alarm; only at the end of a window.
  public var change: Change

  /// An event; by default that of a sample that changed nothing.
  public init(windowEnded: Bool = false, change: Change = .none) {
    self.windowEnded = windowEnded
    self.change = change
  }
}

/// Compares what the device sees with the baseline of its model, window by window, and raises the
/// alarm.
///
/// For every sample: `reading` or `missing` for each channel, `prediction` when there is one, then
/// `endSample`. Memory is fixed, work per sample is constant, and nothing is allocated.
///
/// What the monitor knows lives in the caller's bytes (per channel) and in place (the rest); `seal`
/// brings the bytes up to date so that they can be saved, `restore` continues from them.
public struct DriftMonitor: ~Copyable, ~Escapable {
  let baseline: Baseline
  let layout: StateLayout
  private var state: MutableRawSpan
  var scalars = MonitorScalars()
  private let windowSampleCount: UInt32

  /// Bytes of state that a baseline needs.
  public static func stateByteCount(for baseline: borrowing Baseline) -> Int {
    StateLayout(baseline).byteCount
  }

  /// A monitor that has seen nothing yet.
  ///
  /// - Parameter state: `stateByteCount(for:)` bytes at a multiple of eight, which are overwritten.
  @_lifetime(copy baseline, copy state)
  public init(_ baseline: Baseline, state: consuming MutableRawSpan) {
    let layout = StateLayout(baseline)
    precondition(state.byteCount >= layout.byteCount, "the state has room for every channel")
    self.baseline = baseline
    self.layout = layout
    windowSampleCount = UInt32(baseline.windowSampleCount)
    var state = state
    unsafe state.withUnsafeMutableBytes { bytes in
      precondition(
        UInt(bitPattern: bytes.baseAddress) % 8 == 0, "the state begins at a multiple of eight")
    }
    layout.clear(&state)
    self.state = state
  }

  /// Adds a value of a channel, in the unit of the contract, before preprocessing. What is not
  /// finite counts as missing.
  public mutating func reading(_ channel: Int, _ value: Float) {
    guard value.isFinite else {
      missing(channel)
      return
    }
    let place = baseline.place(of: value, channel: channel)
    let offset = layout.channel(channel)
    let isDue = unsafe state.withUnsafeMutableBytes { bytes in
      // In bounds and aligned: the state has room for every channel of the baseline and its bins, and
      // begins and goes on in steps of eight bytes.
      let record = unsafe bytes.baseAddress.unsafelyUnwrapped + offset
      let count = unsafe (record + (StateLayout.Channel.bins &+ 4 &* place.bin))
        .assumingMemoryBound(to: UInt32.self)
      unsafe count.pointee &+= 1
      let window = unsafe record.assumingMemoryBound(to: ChannelWindow.self)
      unsafe window.pointee.add(value, referenceMean: place.mean)
      return unsafe window.pointee.countDown()
    }
    if isDue { detect(value, channel) }
  }

  /// Notes that a channel has no value for this sample.
  public mutating func missing(_ channel: Int) {
    let offset = layout.channel(channel)
    var window = ChannelWindow(at: offset, of: state.bytes)
    window.skip()
    window.store(at: offset, in: &state)
  }

  /// Notes failed reads of a channel's sensor.
  public mutating func busErrors(_ channel: Int, _ count: Int) {
    let offset = layout.channel(channel)
    var window = ChannelWindow(at: offset, of: state.bytes)
    window.busErrorCount &+= UInt32(clamping: count)
    window.store(at: offset, in: &state)
  }

  /// Notes a prediction. Ignored where the baseline has none.
  public mutating func prediction(_ classIndex: Int, confidence: Float) {
    guard classIndex >= 0, classIndex < layout.classCount, confidence.isFinite else { return }
    let count = layout.classes + 4 * classIndex
    increment(at: count)
    scalars.predictions.add(Double(confidence), referenceMean: baseline.confidenceMean)
    if scalars.adaptiveWindow.update(Double(confidence)) { scalars.adaptiveDetections &+= 1 }
  }

  /// Ends the sample: all channels were told.
  ///
  /// - Parameter time: Seconds since 1970; 0 when the clock is not set.
  public mutating func endSample(at time: Double) -> DriftEvent {
    if scalars.sampleCount == 0 { scalars.openStart = time }
    scalars.sampleCount &+= 1
    guard scalars.sampleCount >= windowSampleCount else {
      return DriftEvent(windowEnded: false, change: .none)
    }
    return DriftEvent(windowEnded: true, change: endWindow(at: time))
  }

  /// When the open window began, seconds since 1970; nil before its first sample.
  public var openWindowStart: Double? { scalars.sampleCount > 0 ? scalars.openStart : nil }

  /// Forgets the open window, as after a long gap. What ended windows found is kept.
  public mutating func restartWindow() {
    for channel in 0..<layout.channelCount { clearWindow(ofChannel: channel) }
    clearPredictions()
    scalars.sampleCount = 0
  }

  // MARK: State

  // The compiler (Swift 6.3.1, without optimization) refuses a `MutableRawSpan` as a stored property
  // that other files see; these are their way to it.

  var stateView: RawSpan {
    @_lifetime(borrow self)
    borrowing get { state.bytes }
  }

  mutating func setState(_ value: UInt8, at offset: Int) { state.set(value, at: offset) }
  mutating func setState(_ value: UInt32, at offset: Int) { state.set(value, at: offset) }
  mutating func setState(_ value: Float, at offset: Int) { state.set(value, at: offset) }
  mutating func setState(_ value: Double, at offset: Int) { state.set(value, at: offset) }

  /// Writes the scalars; returns where they end.
  mutating func writeScalars(at offset: Int) -> Int {
    var cursor = StateCursor(offset: offset)
    scalars.write(at: &cursor, into: &state)
    return cursor.offset
  }

  // MARK: Windows

  private mutating func increment(at offset: Int) {
    let value = state.bytes.uint32(at: offset)
    state.set(value &+ 1, at: offset)
  }

  /// One observation of the Page–Hinkley test of a channel: samples are taken two correlation times
  /// apart, standardized.
  private mutating func detect(_ value: Float, _ channel: Int) {
    let reference = baseline.standard(ofChannel: channel)
    let offset = layout.channel(channel)
    let standardized = (Double(value) - reference.mean) / reference.standardDeviation
    unsafe state.withUnsafeMutableBytes { bytes in
      // In bounds and aligned, as in `reading`.
      let record = unsafe bytes.baseAddress.unsafelyUnwrapped + offset
      let detector = unsafe (record + StateLayout.Channel.detector)
        .assumingMemoryBound(to: PageHinkley.self)
      _ = unsafe detector.pointee.update(standardized)
    }
    let distance = min(2 * Double(reference.correlationTime), 1e9)
    state.set(UInt32(distance), at: offset + StateLayout.Channel.countdown)
  }

  private mutating func endWindow(at time: Double) -> DriftEvent.Change {
    (scalars.windowStart, scalars.windowEnd) = (scalars.openStart, time)
    scalars.windowIndex &+= 1
    var findings = WindowFindings()
    findings.evidence.channelCount = layout.channelCount
    for channel in 0..<layout.channelCount {
      summarize(channel, &findings)
      keepHistogram(ofChannel: channel)
      clearWindow(ofChannel: channel)
    }
    if layout.classCount > 0 { summarizePredictions(&findings) }
    clearPredictions()
    scalars.sampleCount = 0
    return decide(findings)
  }

  private mutating func keepHistogram(ofChannel channel: Int) {
    let open = layout.channel(channel) + StateLayout.Channel.bins
    for bin in 0..<layout.binStride {
      let count = state.bytes.uint32(at: open + 4 * bin)
      state.set(count, at: layout.lastBins(channel) + 4 * bin)
    }
  }

  private mutating func clearWindow(ofChannel channel: Int) {
    let offset = layout.channel(channel)
    let window = ChannelWindow(at: offset, of: state.bytes)
    window.next.store(at: offset, in: &state)
    for bin in 0..<layout.binStride {
      state.set(UInt32(0), at: offset + StateLayout.Channel.bins + 4 * bin)
    }
  }

  private mutating func clearPredictions() {
    scalars.predictions = PredictionWindow()
    for index in 0..<layout.classCount { state.set(UInt32(0), at: layout.classes + 4 * index) }
  }

  mutating func clearState() {
    layout.clear(&state)
    scalars = MonitorScalars()
  }

  /// Raises, keeps or clears the alarm after a window.
  private mutating func decide(_ findings: WindowFindings) -> DriftEvent.Change {
    if let up = scalars.alarm {
      scalars.quietWindows = findings.isUnsettled ? 0 : scalars.quietWindows &+ 1
      if Int(scalars.quietWindows) >= baseline.clearWindowCount {
        scalars.alarm = nil
        scalars.quietWindows = 0
        scalars.alarmedPredictions = 0
        for channel in 0..<layout.channelCount {
          state.set(UInt8(0), at: layout.channel(channel) + StateLayout.Channel.alarmed)
        }
        return .cleared
      }
      // A verdict changes only on the evidence of a window that is itself beyond a threshold.
      guard findings.lead != nil else { return .none }
      let verdict = findings.evidence.verdict
      guard verdict != up.verdict else { return .none }
      scalars.alarm?.verdict = verdict
      scalars.alarm?.evidence = findings.evidence
      return .updated
    }
    guard var alarm = findings.lead else { return .none }
    alarm.evidence = findings.evidence
    alarm.verdict = findings.evidence.verdict
    alarm.raisedAt = scalars.windowEnd
    scalars.alarm = alarm
    scalars.alarmCount &+= 1
    scalars.quietWindows = 0
    return .raised
  }
}

/// What the channels and predictions of one window come to.
struct WindowFindings {
  var evidence = DriftEvidence()
  /// Whether anything that is part of the alarm has not settled, or anything exceeds its threshold.
  var isUnsettled = false
  /// What is furthest beyond its threshold.
  var lead: DriftAlarm?
  private var severity = 0.0

  init() {}

  /// Offers something that exceeds its threshold.
  mutating func offer(_ alarm: DriftAlarm, severity: Double) {
    isUnsettled = true
    guard lead == nil || severity > self.severity else { return }
    lead = alarm
    self.severity = severity
  }
}
