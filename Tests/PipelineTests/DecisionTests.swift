import Acquisition
import Pipeline
import Testing

@Suite struct DecisionTests {
  /// What is decided after each prediction, one a second; `nil` is a window without one.
  private func decisions(
    _ classes: [Int?], majority: Int = 1, of votes: Int = 1, minimum: Float = 0,
    scores: [Float] = [], holdSeconds: UInt64 = 0
  ) -> [Int?] {
    var rule = DecisionRule()
    rule.majority = majority
    rule.votes = votes
    rule.minimumScore = minimum
    rule.holdNanoseconds = holdSeconds * 1_000_000_000
    var decision = Decision(rule)
    var result: [Int?] = []
    for (index, classIndex) in classes.enumerated() {
      let before = decision.classIndex
      let prediction = classIndex.map {
        Prediction(
          sequence: UInt64(index), classIndex: $0, score: scores.isEmpty ? 1 : scores[index],
          windowStart: 0, windowEnd: 0)
      }
      let hasChanged = decision.take(prediction, at: UInt64(index) * 1_000_000_000)
      #expect(hasChanged == (decision.classIndex != before))
      result.append(decision.classIndex)
    }
    return result
  }

  @Test func withoutARuleEveryPredictionDecides() {
    #expect(decisions([0, 0, 1, 2, 0]) == [0, 0, 1, 2, 0])
  }

  @Test func aMajorityIsNeededBothToComeAndToBeReplaced() {
    let found = decisions([0, 0, 0, 1, 1, 0, 1, 1, 1], majority: 3, of: 5)
    #expect(found == [nil, nil, 0, 0, 0, 0, 1, 1, 1])
  }

  @Test func aSingleOutlierMovesNothing() {
    let found = decisions([0, 0, 0, 5, 0, 0, 7, 0], majority: 2, of: 3)
    #expect(found == [nil] + Array(repeating: 0, count: 7))
  }

  @Test func aDecisionEndsWithTheLastVoteForIt() {
    // Alternating others: none has three of five, and the votes for 0 run out.
    let found = decisions([0, 0, 0, 1, 2, 1, 2, 1], majority: 3, of: 5)
    #expect(found == [nil, nil, 0, 0, 0, 0, 0, 1])
    let undecided = decisions([0, 0, 0, 1, 2, 3, 4, 5], majority: 3, of: 5)
    #expect(undecided == [nil, nil, 0, 0, 0, 0, 0, nil])
  }

  @Test func uncertainPredictionsDoNotVote() {
    let found = decisions(
      [0, 1, 1, 1], majority: 1, of: 1, minimum: 0.8, scores: [0.9, 0.5, .nan, 0.8])
    #expect(found == [0, nil, nil, 1])
  }

  @Test func windowsWithoutAPredictionVoteForNothing() {
    let found = decisions([0, 0, nil, nil, nil, 0, 0], majority: 2, of: 3)
    #expect(found == [nil, 0, 0, 0, nil, nil, 0])
  }

  @Test func aDecisionStandsForTheHoldTime() {
    let found = decisions([0, 1, 1, 1, 2, 2, 2], holdSeconds: 3)
    #expect(found == [0, 0, 0, 1, 1, 1, 2])
  }

  @Test func ofTwoMajoritiesTheStandingOneStays() {
    let found = decisions([0, 0, 1, 1, 0, 1, 0], majority: 2, of: 4)
    // After the sixth, 0 has one vote and 1 has three.
    #expect(found == [nil, 0, 0, 0, 0, 1, 1])
  }
}
