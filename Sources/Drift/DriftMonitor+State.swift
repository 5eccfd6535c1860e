import Checksum
import ModelFormat

/// Why saved bytes are not the state of a monitor.
public enum DriftStateError: UInt8, Error, Sendable {
  case notAState
  case newerVersion
  case wrongSize
  case damaged
  case otherBaseline

  /// What is wrong and what follows.
  public var message: StaticString {
    switch self {
    case .notAState: "this is not a drift state; drift statistics start over"
    case .newerVersion:
      "the drift state is of another version of Swiftlet; drift statistics start over"
    case .wrongSize: "the drift state does not have the size it should; drift statistics start over"
    case .damaged: "the drift state is damaged (CRC); drift statistics start over"
    case .otherBaseline:
      "the drift state belongs to another baseline; drift statistics start over"
    }
  }
}

extension DriftMonitor {
  /// Brings `stateBytes` up to date, check included.
  public mutating func seal() {
    setState(StateLayout.magic, at: StateLayout.Header.magic)
    setState(StateLayout.version, at: StateLayout.Header.version)
    setState(UInt32(layout.byteCount), at: StateLayout.Header.byteCount)
    setState(baseline.check, at: StateLayout.Header.baselineCheck)
    for offset in writeScalars(at: StateLayout.Header.fields)..<StateLayout.scalarByteCount {
      setState(UInt8(0), at: offset)
    }
    let check = computedCheck()
    setState(check, at: StateLayout.Header.check)
  }

  /// The bytes to save after `seal`.
  public var stateBytes: RawSpan {
    @_lifetime(borrow self)
    borrowing get { stateView.extracting(0..<layout.byteCount) }
  }

  /// Continues from bytes that were saved; starts over where they are not a state of this baseline.
  public mutating func restore(_ saved: RawSpan) throws(DriftStateError) {
    clearState()
    guard saved.byteCount >= StateLayout.Header.fields else { throw .notAState }
    func word(_ offset: Int) -> UInt32 {
      UInt32(
        littleEndian: unsafe saved.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    guard word(StateLayout.Header.magic) == StateLayout.magic else { throw .notAState }
    guard word(StateLayout.Header.version) == StateLayout.version else { throw .newerVersion }
    guard word(StateLayout.Header.baselineCheck) == baseline.check else { throw .otherBaseline }
    guard saved.byteCount == layout.byteCount,
      word(StateLayout.Header.byteCount) == UInt32(layout.byteCount)
    else { throw .wrongSize }
    for offset in 0..<layout.byteCount {
      setState(
        unsafe saved.unsafeLoad(fromByteOffset: offset, as: UInt8.self), at: offset)
    }
    var cursor = StateCursor(offset: StateLayout.Header.fields)
    guard word(StateLayout.Header.check) == computedCheck(),
      let scalars = MonitorScalars(at: &cursor, of: stateView, channelCount: layout.channelCount)
    else {
      clearState()
      throw .damaged
    }
    self.scalars = scalars
  }

  /// CRC-32C of the state, the field of the check itself taken as zero.
  private borrowing func computeCheck(_ bytes: RawSpan) -> UInt32 {
    var check = CRC32C()
    check.update(bytes, in: 0..<StateLayout.Header.check)
    for _ in 0..<4 { check.update(0) }
    check.update(bytes, in: (StateLayout.Header.check + 4)..<layout.byteCount)
    return check.value
  }

  private borrowing func computedCheck() -> UInt32 { computeCheck(stateView) }
}

extension Baseline {
  /// CRC-32C of the section: which baseline a state belongs to.
  var check: UInt32 {
    var check = CRC32C()
    check.update(bytes, in: 0..<bytes.byteCount)
    return check.value
  }
}

extension MonitorScalars {
  func write(at cursor: inout StateCursor, into bytes: inout MutableRawSpan) {
    cursor.put(sampleCount, into: &bytes)
    cursor.put(windowIndex, into: &bytes)
    cursor.put(alarmCount, into: &bytes)
    cursor.put(quietWindows, into: &bytes)
    cursor.put(adaptiveDetections, into: &bytes)
    cursor.put(alarmedPredictions, into: &bytes)
    cursor.put(openStart, into: &bytes)
    cursor.put(windowStart, into: &bytes)
    cursor.put(windowEnd, into: &bytes)
    cursor.put(predictionsUnsettledSince, into: &bytes)
    cursor.put(predictionsUnsettledRun, into: &bytes)
    cursor.put(predictions.count, into: &bytes)
    cursor.put(predictions.sum, into: &bytes)
    cursor.put(predictions.squareSum, into: &bytes)
    for bin in 0..<10 { cursor.put(predictions.bins[bin], into: &bytes) }
    lastPredictions.write(at: &cursor, into: &bytes)
    adaptiveWindow.write(at: &cursor, into: &bytes)
    cursor.put(alarm == nil ? UInt32(0) : 1, into: &bytes)
    alarm?.write(at: &cursor, into: &bytes)
  }

  init?(at cursor: inout StateCursor, of bytes: RawSpan, channelCount: Int) {
    sampleCount = cursor.nextUInt32(of: bytes)
    windowIndex = cursor.nextUInt32(of: bytes)
    alarmCount = cursor.nextUInt32(of: bytes)
    quietWindows = cursor.nextUInt32(of: bytes)
    adaptiveDetections = cursor.nextUInt32(of: bytes)
    alarmedPredictions = cursor.nextUInt32(of: bytes)
    openStart = cursor.nextDouble(of: bytes)
    windowStart = cursor.nextDouble(of: bytes)
    windowEnd = cursor.nextDouble(of: bytes)
    predictionsUnsettledSince = cursor.nextDouble(of: bytes)
    predictionsUnsettledRun = cursor.nextUInt32(of: bytes)
    predictions.count = cursor.nextUInt32(of: bytes)
    predictions.sum = cursor.nextDouble(of: bytes)
    predictions.squareSum = cursor.nextDouble(of: bytes)
    for bin in 0..<10 { predictions.bins[bin] = cursor.nextUInt32(of: bytes) }
    lastPredictions = PredictionSummary(at: &cursor, of: bytes)
    guard let window = AdaptiveWindow(at: &cursor, of: bytes) else { return nil }
    adaptiveWindow = window
    guard cursor.nextUInt32(of: bytes) != 0 else { return }
    guard let alarm = DriftAlarm(at: &cursor, of: bytes, channelCount: channelCount) else {
      return nil
    }
    self.alarm = alarm
  }
}

extension PredictionSummary {
  func write(at cursor: inout StateCursor, into bytes: inout MutableRawSpan) {
    cursor.put(count, into: &bytes)
    cursor.put(isJudged ? UInt32(1) : 0, into: &bytes)
    cursor.put(exceeding, into: &bytes)
    cursor.put(confidenceMean, into: &bytes)
    cursor.put(confidenceStandardDeviation, into: &bytes)
    cursor.put(classDistance, into: &bytes)
    cursor.put(classStability, into: &bytes)
    cursor.put(confidenceShift, into: &bytes)
    cursor.put(confidenceDistance, into: &bytes)
  }

  init(at cursor: inout StateCursor, of bytes: RawSpan) {
    count = cursor.nextUInt32(of: bytes)
    isJudged = cursor.nextUInt32(of: bytes) != 0
    exceeding = cursor.nextUInt32(of: bytes)
    confidenceMean = cursor.nextDouble(of: bytes)
    confidenceStandardDeviation = cursor.nextDouble(of: bytes)
    classDistance = cursor.nextDouble(of: bytes)
    classStability = cursor.nextDouble(of: bytes)
    confidenceShift = cursor.nextDouble(of: bytes)
    confidenceDistance = cursor.nextDouble(of: bytes)
  }
}

extension AdaptiveWindow {
  func write(at cursor: inout StateCursor, into bytes: inout MutableRawSpan) {
    for slot in 0..<Self.slotCount { cursor.put(totals[slot], into: &bytes) }
    for slot in 0..<Self.slotCount { cursor.put(variances[slot], into: &bytes) }
    for row in 0..<Self.rowCount { cursor.put(UInt32(rowSizes[row]), into: &bytes) }
    cursor.put(UInt32(usedRows), into: &bytes)
    cursor.put(total, into: &bytes)
    cursor.put(variance, into: &bytes)
    cursor.put(width, into: &bytes)
    cursor.put(tick, into: &bytes)
    cursor.put(hasFired ? UInt32(1) : 0, into: &bytes)
  }

  /// Nil where the rows do not have a size they can have.
  init?(at cursor: inout StateCursor, of bytes: RawSpan) {
    for slot in 0..<Self.slotCount { totals[slot] = cursor.nextDouble(of: bytes) }
    for slot in 0..<Self.slotCount { variances[slot] = cursor.nextDouble(of: bytes) }
    for row in 0..<Self.rowCount {
      let size = cursor.nextUInt32(of: bytes)
      guard size <= UInt32(Self.bucketsPerRow) else { return nil }
      rowSizes[row] = UInt8(size)
    }
    let rows = cursor.nextUInt32(of: bytes)
    guard rows >= 1, rows <= UInt32(Self.rowCount) else { return nil }
    usedRows = Int(rows)
    total = cursor.nextDouble(of: bytes)
    variance = cursor.nextDouble(of: bytes)
    width = cursor.nextDouble(of: bytes)
    tick = cursor.nextUInt32(of: bytes)
    hasFired = cursor.nextUInt32(of: bytes) != 0
    // A row that is in use and the last one has a bucket to drop.
    guard usedRows == 1 || rowSizes[usedRows - 1] > 0 else { return nil }
  }
}

extension DriftAlarm {
  func write(at cursor: inout StateCursor, into bytes: inout MutableRawSpan) {
    let subject: (kind: UInt32, index: UInt32) =
      switch self.subject {
      case .channel(let index): (0, UInt32(index))
      case .classes: (1, 0)
      case .confidence: (2, 0)
      }
    cursor.put(UInt32(verdict.rawValue), into: &bytes)
    cursor.put(subject.kind, into: &bytes)
    cursor.put(subject.index, into: &bytes)
    cursor.put(UInt32(statistic?.rawValue ?? 0xFF), into: &bytes)
    cursor.put(UInt32(predictionStatistic?.rawValue ?? 0xFF), into: &bytes)
    cursor.put(UInt32(fault.rawValue), into: &bytes)
    cursor.put(value, into: &bytes)
    cursor.put(threshold.lower.bitPattern, into: &bytes)
    cursor.put(threshold.upper.bitPattern, into: &bytes)
    cursor.put(threshold.clearLower.bitPattern, into: &bytes)
    cursor.put(threshold.clearUpper.bitPattern, into: &bytes)
    cursor.put(since, into: &bytes)
    cursor.put(raisedAt, into: &bytes)
    cursor.put(UInt32(evidence.channelCount), into: &bytes)
    cursor.put(UInt32(evidence.faultCount), into: &bytes)
    cursor.put(UInt32(evidence.movedCount), into: &bytes)
    cursor.put(UInt32(evidence.noiseOnlyCount), into: &bytes)
    cursor.put(UInt32(evidence.spreadOnlyCount), into: &bytes)
    cursor.put(evidence.classesMoved ? UInt32(1) : 0, into: &bytes)
    cursor.put(evidence.confidenceMoved ? UInt32(1) : 0, into: &bytes)
  }

  /// Nil where a number stands for nothing.
  init?(at cursor: inout StateCursor, of bytes: RawSpan, channelCount: Int) {
    func byte(_ cursor: inout StateCursor) -> UInt8 {
      UInt8(clamping: cursor.nextUInt32(of: bytes))
    }
    func number(_ cursor: inout StateCursor) -> Int {
      Int(clamping: cursor.nextUInt32(of: bytes))
    }
    func float(_ cursor: inout StateCursor) -> Float {
      Float(bitPattern: cursor.nextUInt32(of: bytes))
    }
    guard let verdict = DriftVerdict(rawValue: byte(&cursor)) else { return nil }
    let (kind, index) = (number(&cursor), number(&cursor))
    guard kind <= 2, kind != 0 || index < channelCount else { return nil }
    self.verdict = verdict
    subject = kind == 0 ? .channel(index) : kind == 1 ? .classes : .confidence
    statistic = DriftStatistic(rawValue: byte(&cursor))
    predictionStatistic = PredictionStatistic(rawValue: byte(&cursor))
    guard let fault = SensorFault(rawValue: byte(&cursor)) else { return nil }
    self.fault = fault
    value = cursor.nextDouble(of: bytes)
    threshold = Threshold(
      lower: float(&cursor), upper: float(&cursor), clearLower: float(&cursor),
      clearUpper: float(&cursor))
    since = cursor.nextDouble(of: bytes)
    raisedAt = cursor.nextDouble(of: bytes)
    evidence = DriftEvidence()
    evidence.channelCount = number(&cursor)
    evidence.faultCount = number(&cursor)
    evidence.movedCount = number(&cursor)
    evidence.noiseOnlyCount = number(&cursor)
    evidence.spreadOnlyCount = number(&cursor)
    evidence.classesMoved = cursor.nextUInt32(of: bytes) != 0
    evidence.confidenceMoved = cursor.nextUInt32(of: bytes) != 0
  }
}
