import Testing

@testable import Sensors

/// Compares numbers of a reading with the ones the datasheet's formula gives, within a millionth.
func expectNear(
  _ reading: Reading, _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
  for (index, value) in expected.enumerated() {
    let tolerance = max(abs(value) * 1e-6, 1e-9)
    #expect(
      abs(Double(reading[index]) - value) <= tolerance,
      "number \(index) is \(reading[index]), not \(value)", sourceLocation: sourceLocation)
  }
}
