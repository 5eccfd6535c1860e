/// What `prediction` and `decision` records come to.
struct PredictionDigest {
  /// The predictions of one stretch of time.
  struct Bin: BinContents {
    var count: UInt64 = 0
    /// By number of the class.
    var classes: [UInt32] = []
    /// By number of the class decided on; the one behind the last for undecided.
    var decisions: [UInt32] = []
    var scores = ScoreHistogram()
    var latency = DurationHistogram()

    init() {}

    mutating func merge(_ later: Self) {
      count += later.count
      classes.add(later.classes)
      decisions.add(later.decisions)
      scores.merge(later.scores)
      latency.merge(later.latency)
    }
  }

  /// A `decision` record.
  struct Change {
    let place: Int64
    let decision: String?
    let previous: String?
    let heldSeconds: Double?
  }

  static let classLimit = 64
  static let changeLimit = 10

  private(set) var bins = TimeBins<Bin>()
  private(set) var classes = NameTable(limit: classLimit)
  /// Counts and scores by class.
  private(set) var classCounts: [UInt32] = []
  private(set) var classScores: [ScoreHistogram] = []
  private(set) var count: UInt64 = 0
  private(set) var scores = ScoreHistogram()
  private(set) var latency = DurationHistogram()
  /// Predictions on windows with missing or suspect samples.
  private(set) var uncleanCount: UInt64 = 0
  private(set) var undecidedCount: UInt64 = 0

  private(set) var changeCount: UInt64 = 0
  /// The last of them.
  private(set) var changes: [Change] = []

  /// A `prediction` record, from the members behind its kind on.
  mutating func addPrediction(
    _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at place: Int64
  ) {
    var classIndex: Int?
    var decision: Int?
    var score: Double?
    var microseconds: UInt64?
    var isUnclean = false
    while let member = cursor.nextMember(line) {
      switch member.key.count {
      case 5 where line.matches(member.key, "class"):
        classIndex = name(member.value, line)
      case 8 where line.matches(member.key, "decision"):
        decision = name(member.value, line)
      case 11 where line.matches(member.key, "probability"): score = line.number(member.value)
      case 10 where line.matches(member.key, "latency_us"):
        microseconds = line.unsigned(member.value)
      case 15
      where line.matches(member.key, "missing_samples")
        || line.matches(member.key, "suspect_samples"):
        isUnclean = isUnclean || (line.unsigned(member.value) ?? 0) > 0
      default: break
      }
    }
    count += 1
    if isUnclean { uncleanCount += 1 }
    if decision == nil { undecidedCount += 1 }
    if let classIndex { classCounts.count(classIndex) }
    if let score { scores.add(score) }
    if let classIndex, let score {
      while classScores.count <= classIndex { classScores.append(ScoreHistogram()) }
      classScores[classIndex].add(score)
    }
    if let microseconds { latency.add(microseconds) }
    bins.update(place) { bin in
      bin.count += 1
      if let classIndex { bin.classes.count(classIndex) }
      bin.decisions.count(decision ?? Self.classLimit)
      if let score { bin.scores.add(score) }
      if let microseconds { bin.latency.add(microseconds) }
    }
  }

  private mutating func name(_ value: Range<Int>, _ line: borrowing Span<UInt8>) -> Int? {
    guard line.isString(value) else { return nil }
    return classes.index(of: value.lowerBound + 1..<value.upperBound - 1, in: line)
  }

  /// A `decision` record, from the members behind its kind on.
  mutating func addDecision(
    _ cursor: inout JSONCursor, _ line: borrowing Span<UInt8>, at place: Int64
  ) {
    var decision: String?
    var previous: String?
    var held: Double?
    while let member = cursor.nextMember(line) {
      if line.matches(member.key, "decision") { decision = line.text(member.value) }
      if line.matches(member.key, "previous") { previous = line.text(member.value) }
      if line.matches(member.key, "previous_held_s") { held = line.number(member.value) }
    }
    changeCount += 1
    if changes.count == Self.changeLimit { changes.removeFirst() }
    changes.append(
      Change(place: place, decision: decision, previous: previous, heldSeconds: held))
  }
}

extension [UInt32] {
  /// Adds one at `index`, which may be new.
  mutating func count(_ index: Int) {
    while count <= index { append(0) }
    self[index] &+= 1
  }

  /// Adds the numbers of another list to those at the same places.
  mutating func add(_ other: [UInt32]) {
    while count < other.count { append(0) }
    for index in other.indices { self[index] &+= other[index] }
  }

  /// The number at `index`, 0 beyond the end.
  func at(_ index: Int) -> UInt32 { index < count ? self[index] : 0 }
}
