import ModelFormat

/// What `drift` records come to.
struct DriftDigest {
  /// The drift windows of one channel, or of the predictions, in one stretch of time.
  struct Bin: BinContents {
    /// Samples, their mean and the sum of squared distances from it.
    var count = 0.0
    var mean = 0.0
    var squares = 0.0
    /// Smallest and largest value of each statistic, by raw value; NaN for none.
    var lowest = InlineArray<7, Float>(repeating: .nan)
    var highest = InlineArray<7, Float>(repeating: .nan)

    init() {}

    var standardDeviation: Double { count > 0 ? (squares / count).squareRoot() : 0 }

    mutating func merge(_ later: Self) {
      let sum = count + later.count
      if sum > 0 {
        let difference = later.mean - mean
        mean += difference * later.count / sum
        squares += later.squares + difference * difference * count * later.count / sum
        count = sum
      }
      for index in lowest.indices {
        // Of a NaN and a number it is the number.
        lowest[index] = Float.minimum(lowest[index], later.lowest[index])
        highest[index] = Float.maximum(highest[index], later.highest[index])
      }
    }
  }

  /// One drift window of a channel.
  struct Window {
    var count: UInt64 = 0
    var missing: UInt64 = 0
    var busErrors: UInt64 = 0
    var mean: Double?
    var standardDeviation: Double?
    var minimum: Double?
    var maximum: Double?
    var effectiveCount: Double?
    var fault = "none"
    var statistics = InlineArray<7, Double?>(repeating: nil)
    /// Samples by bin of the baseline; empty where the record does not tell.
    var bins: [UInt64] = []
  }

  struct Channel {
    var bins = TimeBins<Bin>()
    /// The last window with samples.
    var latest = Window()
    var windowCount: UInt64 = 0
    /// Windows beyond the threshold, by statistic.
    var exceeded = InlineArray<7, UInt64>(repeating: 0)
    var faults: [String: UInt64] = [:]
    var missing: UInt64 = 0
    var busErrors: UInt64 = 0
  }

  private static let channelLimit = 64
  private static let faultLimit = 16
  fileprivate static let binLimit = 1024

  private var names = NameTable(limit: channelLimit)
  private var channels: [Channel] = []
  /// The predictions; a window's `mean` is the mean confidence.
  private(set) var predictions = Channel()
  private(set) var windowCount: UInt64 = 0
  private(set) var alarms = AlarmLog()
  private(set) var pageHinkleyCount: UInt64 = 0
  private(set) var adaptiveWindowCount: UInt64 = 0

  var channelCount: Int { channels.count }

  func name(_ index: Int) -> String { names.name(index) }

  func channel(_ index: Int) -> Channel { channels[index] }

  /// A `drift` record, from the members behind its kind on.
  ///
  /// - Parameter wall: The record's own time, from which its other times are counted.
  mutating func add(
    _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at place: Int64, wall: Int64
  ) {
    var change = AlarmChange()
    var parts: (channels: Range<Int>?, predictions: Range<Int>?) = (nil, nil)
    while let member = cursor.nextMember(line) {
      let (key, value) = (member.key, member.value)
      if line.matches(key, "channels") {
        parts.channels = value
      } else if line.matches(key, "predictions") {
        parts.predictions = value
      } else if line.matches(key, "page_hinkley") {
        var sum: UInt64 = 0
        var elements = JSONCursor(value)
        while let count = elements.nextElement(line) { sum &+= line.unsigned(count) ?? 0 }
        pageHinkleyCount = sum
      } else if line.matches(key, "adwin") {
        adaptiveWindowCount = line.unsigned(value) ?? 0
      } else {
        change.take(key, value, line)
      }
    }
    windowCount += 1
    if let range = parts.channels { addChannels(range, line, at: place) }
    if let range = parts.predictions { addPredictions(range, line, at: place) }
    alarms.add(change, at: place, wall: wall)
  }

  private mutating func addChannels(
    _ range: Range<Int>, _ line: borrowing Span<UInt8>, at place: Int64
  ) {
    var list = JSONCursor(range)
    while let element = list.nextElement(line) {
      var (window, name, exceeded) = (Window(), nil as Range<Int>?, nil as Range<Int>?)
      var members = JSONCursor(element)
      while let member = members.nextMember(line) {
        if line.matches(member.key, "name"), line.isString(member.value) {
          name = member.value.lowerBound + 1..<member.value.upperBound - 1
        } else if line.matches(member.key, "exceeds") {
          exceeded = member.value
        } else {
          window.take(member, line)
        }
      }
      guard let name else { continue }
      let index = names.index(of: name, in: line)
      while channels.count <= index { channels.append(Channel()) }
      channels[index].add(window, at: place, faultLimit: Self.faultLimit)
      if let exceeded { channels[index].addExceeded(exceeded, line) }
    }
  }

  private mutating func addPredictions(
    _ range: Range<Int>, _ line: borrowing Span<UInt8>, at place: Int64
  ) {
    var window = Window()
    var members = JSONCursor(range)
    while let member = members.nextMember(line) {
      if line.matches(member.key, "exceeds") {
        predictions.addExceededPredictions(member.value, line)
      } else if line.matches(member.key, "confidence") {
        window.mean = line.number(member.value)
      } else if line.matches(member.key, "n") {
        window.count = line.unsigned(member.value) ?? 0
      } else if let statistic = PredictionStatistic.named(member.key, line) {
        window.statistics[Int(statistic.rawValue)] = line.number(member.value)
      }
    }
    predictions.add(window, at: place, faultLimit: Self.faultLimit)
  }
}

extension DriftDigest.Window {
  fileprivate mutating func take(_ member: JSONMember, _ line: borrowing Span<UInt8>) {
    let (key, value) = (member.key, member.value)
    if let statistic = DriftStatistic.named(key, line) {
      statistics[Int(statistic.rawValue)] = line.number(value)
    } else if line.matches(key, "n") {
      count = line.unsigned(value) ?? 0
    } else if line.matches(key, "missing") {
      missing = line.unsigned(value) ?? 0
    } else if line.matches(key, "bus_errors") {
      busErrors = line.unsigned(value) ?? 0
    } else if line.matches(key, "mean") {
      mean = line.number(value)
    } else if line.matches(key, "sd") {
      standardDeviation = line.number(value)
    } else if line.matches(key, "min") {
      minimum = line.number(value)
    } else if line.matches(key, "max") {
      maximum = line.number(value)
    } else if line.matches(key, "effective_n") {
      effectiveCount = line.number(value)
    } else if line.matches(key, "fault") {
      fault = line.text(value, limit: 40) ?? "none"
    } else if line.matches(key, "bins") {
      var elements = JSONCursor(value)
      while let element = elements.nextElement(line), bins.count < DriftDigest.binLimit {
        bins.append(line.unsigned(element) ?? 0)
      }
    }
  }
}

extension DriftDigest.Channel {
  fileprivate mutating func add(_ window: DriftDigest.Window, at place: Int64, faultLimit: Int) {
    windowCount += 1
    missing &+= window.missing
    busErrors &+= window.busErrors
    if window.fault != "none", faults[window.fault] != nil || faults.count < faultLimit {
      faults[window.fault, default: 0] += 1
    }
    if window.count > 0 { latest = window }
    bins.update(place) { bin in
      var added = DriftDigest.Bin()
      if let mean = window.mean, window.count > 0 {
        added.count = Double(window.count)
        added.mean = mean
        let deviation = max(window.standardDeviation ?? 0, 0)
        added.squares = deviation * deviation * added.count
      }
      for index in added.lowest.indices {
        guard let value = window.statistics[index] else { continue }
        added.lowest[index] = Float(value)
        added.highest[index] = Float(value)
      }
      bin.merge(added)
    }
  }

  fileprivate mutating func addExceeded(_ range: Range<Int>, _ line: borrowing Span<UInt8>) {
    var elements = JSONCursor(range)
    while let element = elements.nextElement(line) {
      guard line.isString(element),
        let statistic = DriftStatistic.named(
          element.lowerBound + 1..<element.upperBound - 1, line)
      else { continue }
      exceeded[Int(statistic.rawValue)] += 1
    }
  }
}

extension DriftDigest.Channel {
  /// What moved is told by subject, `classes` or `confidence`: it stands with the statistic that
  /// decides about it.
  fileprivate mutating func addExceededPredictions(
    _ range: Range<Int>, _ line: borrowing Span<UInt8>
  ) {
    var elements = JSONCursor(range)
    while let element = elements.nextElement(line) {
      if line.matches(element, "\"classes\"") {
        exceeded[Int(PredictionStatistic.classDistance.rawValue)] += 1
      }
      if line.matches(element, "\"confidence\"") {
        exceeded[Int(PredictionStatistic.confidenceShift.rawValue)] += 1
      }
    }
  }
}

extension DriftStatistic {
  /// The statistic of that name.
  static func named(_ range: Range<Int>, _ line: borrowing Span<UInt8>) -> DriftStatistic? {
    for raw in 0..<UInt8(count) {
      if let statistic = DriftStatistic(rawValue: raw), line.matches(range, statistic.name) {
        return statistic
      }
    }
    return nil
  }
}

extension PredictionStatistic {
  /// The statistic of that name.
  static func named(_ range: Range<Int>, _ line: borrowing Span<UInt8>) -> PredictionStatistic? {
    for raw in 0..<UInt8(count) {
      if let statistic = PredictionStatistic(rawValue: raw), line.matches(range, statistic.name) {
        return statistic
      }
    }
    return nil
  }
}
