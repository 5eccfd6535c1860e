import Foundation
import Testing

@testable import FixedPoint

/// Every input byte of every element-wise function, against what TensorFlow Lite Micro answers.
///
/// The answers are in `Fixtures/lookup-vectors.txt`, written by `scripts/oracle/lookup_vectors.py`.
@Suite("Reference vectors")
struct ReferenceVectorTests {
  @Test("all cases agree with the reference, byte for byte")
  func allCases() throws {
    let cases = try ReferenceCase.all()
    #expect(cases.count == 231)
    var operators: Set<String> = []
    for (number, item) in cases.enumerated() {
      operators.insert(item.name)
      let output = try #require(item.computed, "case \(number): \(item.name) was refused")
      let wrong = zip(output, item.expected).count { $0 != $1 }
      #expect(
        output.count == item.expected.count && wrong == 0,
        "case \(number): \(item.name) \(item.input) → \(item.output) \(item.extra): \(wrong) wrong")
    }
    #expect(
      operators == [
        "LOGISTIC", "TANH", "RELU", "RELU6", "LEAKY_RELU", "HARD_SWISH", "QUANTIZE", "SOFTMAX",
      ])
  }
}

/// One line of the fixture.
private struct ReferenceCase {
  let name: String
  let inputType: String
  let input: AffineQuantization
  let outputType: String
  let output: AffineQuantization
  let extra: Float
  let rowLength: Int
  let values: [UInt8]
  let expected: [UInt8]

  static func all() throws -> [ReferenceCase] {
    let url = try #require(
      Bundle.module.url(
        forResource: "lookup-vectors", withExtension: "txt", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { try ReferenceCase(fields: $0.split(separator: " ")) }
  }

  private init(fields: [Substring]) throws {
    try #require(fields.count == 11)
    name = String(fields[0])
    inputType = String(fields[1])
    input = AffineQuantization(
      scale: try #require(Float(fields[2])), zeroPoint: try #require(Int32(fields[3])))
    outputType = String(fields[4])
    output = AffineQuantization(
      scale: try #require(Float(fields[5])), zeroPoint: try #require(Int32(fields[6])))
    extra = try #require(Float(fields[7]))
    rowLength = try #require(Int(fields[8]))
    values = try Self.bytes(fields[9])
    expected = try Self.bytes(fields[10])
  }

  private static func bytes(_ text: Substring) throws -> [UInt8] {
    let digits = Array(text.utf8)
    return try stride(from: 0, to: digits.count, by: 2).map {
      try #require(UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16))
    }
  }

  /// What this module answers; nil where it refuses.
  var computed: [UInt8]? {
    switch name {
    case "LOGISTIC":
      let function = Logistic(input: input)
      return tabulated(LookupTable { (value: Int8) in function(value) })
    case "TANH":
      let function = HyperbolicTangent(input: input)
      return tabulated(LookupTable { (value: Int8) in function(value) })
    case "RELU":
      let function = RectifiedLinear(input: input, output: output)
      return tabulated(LookupTable { (value: Int8) in function(value) })
    case "RELU6":
      let function = RectifiedLinear6(input: input)
      return tabulated(LookupTable { (value: Int8) in function(value) })
    case "LEAKY_RELU":
      let function = LeakyRectifiedLinear(input: input, output: output, slope: extra)
      return tabulated(LookupTable { (value: Int8) in function(value) })
    case "HARD_SWISH":
      return HardSwish(input: input, output: output).map { function in
        tabulated(LookupTable { (value: Int8) in function(value) })
      }
    case "QUANTIZE" where inputType == "float32":
      return reals.map { UInt8(bitPattern: output.quantize($0)) }
    case "QUANTIZE":
      let function = Requantization(from: input, to: output)
      switch (inputType, outputType) {
      case ("int8", "int8"): return tabulated(LookupTable { (x: Int8) -> Int8 in function(x) })
      case ("int8", "uint8"): return tabulated(LookupTable { (x: Int8) -> UInt8 in function(x) })
      case ("uint8", "int8"): return tabulated(LookupTable { (x: UInt8) -> Int8 in function(x) })
      default: return nil
      }
    case "SOFTMAX": return softmaxRows
    default: return nil
    }
  }

  private func tabulated(_ table: LookupTable) -> [UInt8] { values.map { table.bytes[Int($0)] } }

  private var reals: [Float] {
    stride(from: 0, to: values.count, by: 4).map { start in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(values[start + $1]) << (8 * UInt32($1)) })
    }
  }

  private var softmaxRows: [UInt8]? {
    guard let scaling = SoftmaxScaling(inputScale: input.scale, beta: extra) else { return nil }
    return stride(from: 0, to: values.count, by: rowLength).flatMap { start in
      let row = values[start..<start + rowLength].map { Int32(Int8(bitPattern: $0)) }
      let largest = row.max() ?? 0
      let exponentials = row.map { value -> Int32? in
        let difference = value - largest
        guard difference >= scaling.smallestDifference else { return nil }
        return softmaxExponential(difference: difference, multiplier: scaling.multiplier)
      }
      let sum = exponentials.reduce(0) { $0 &+ ($1.map(softmaxTerm(exponential:)) ?? 0) }
      let normalizer = SoftmaxNormalizer(sum: sum)
      return exponentials.map {
        UInt8(bitPattern: $0.map(normalizer.probability(exponential:)) ?? .min)
      }
    }
  }
}
