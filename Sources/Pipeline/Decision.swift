/// How predictions become decisions.
public struct DecisionRule: Sendable {
  /// The most predictions that can be looked at.
  public static let maximumVotes = 99

  /// So many of the last `votes` predictions must agree.
  public var majority = 1
  /// How many predictions are looked at.
  public var votes = 1
  /// Predictions with a lower score do not vote.
  public var minimumScore: Float = -.infinity
  /// A decision stands at least so long.
  public var holdNanoseconds: UInt64 = 0

  /// Every prediction decides.
  public init() {}
}

/// What is taken to be the case, as predictions come and go.
///
/// The last N predictions vote; those below the minimum score and windows without a prediction vote
/// for nothing. A class with M of the N votes becomes the decision once the current one has stood
/// for the hold time. While no class has M, the decision stays as long as it has a vote left, and
/// then becomes undecided: single outliers do not move it (hysteresis), and neither does it outlive
/// its evidence.
public struct Decision: Sendable {
  /// The class decided on; `nil` while undecided.
  public private(set) var classIndex: Int?

  /// When the decision was made, in nanoseconds of the monotonic clock; 0 before the first.
  public private(set) var since: UInt64 = 0

  /// How often the decision has changed.
  public private(set) var changeCount: UInt64 = 0

  private let rule: DecisionRule
  private var votes = InlineArray<99, Int32>(repeating: Self.nothing)
  private var next = 0

  private static let nothing: Int32 = -1

  /// Undecided.
  public init(_ rule: DecisionRule) {
    precondition((1...DecisionRule.maximumVotes).contains(rule.votes), "a number of votes")
    precondition((1...rule.votes).contains(rule.majority), "a majority of the votes")
    self.rule = rule
  }

  /// Takes a prediction into account.
  ///
  /// - Parameters:
  ///   - prediction: `nil` for a window that could not be predicted on.
  ///   - now: Nanoseconds of the monotonic clock.
  /// - Returns: Whether the decision changed.
  public mutating func take(_ prediction: Prediction?, at now: UInt64) -> Bool {
    var vote = Self.nothing
    // Also false for NaN.
    if let prediction, prediction.score >= rule.minimumScore {
      vote = Int32(prediction.classIndex)
    }
    votes[next] = vote
    next = next + 1 == rule.votes ? 0 : next + 1
    let candidate = elected
    guard candidate != classIndex else { return false }
    if changeCount > 0, now < since + rule.holdNanoseconds { return false }
    if candidate == nil, let classIndex, count(Int32(classIndex)) > 0 { return false }
    classIndex = candidate
    since = now
    changeCount += 1
    return true
  }

  /// The class with a majority; of two (3 of 7 may be had twice) the one that stands already, then
  /// the one with the latest vote.
  private var elected: Int? {
    if let classIndex, count(Int32(classIndex)) >= rule.majority { return classIndex }
    for back in 1...rule.votes {
      let vote = votes[(next + rule.votes - back) % rule.votes]
      if vote != Self.nothing, count(vote) >= rule.majority { return Int(vote) }
    }
    return nil
  }

  private func count(_ vote: Int32) -> Int {
    var count = 0
    for index in 0..<rule.votes where votes[index] == vote { count += 1 }
    return count
  }
}
