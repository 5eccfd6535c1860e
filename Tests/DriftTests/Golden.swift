import Foundation
import Testing

/// What numpy, scipy and river say, from `scripts/oracle/drift_golden.py`.
struct Golden: Decodable, Sendable {
  struct Pair: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let reference: [Double]
    let current: [Double]
    let edges: [Double]
    let referenceCounts: [Int]
    let currentCounts: [Int]
    let psi: Double
    let js: Double
    let ks: Double
    let wasserstein: Double
    let ksOfSamples: Double
    let wassersteinOfSamples: Double
    let referenceMean: Double
    let referenceDeviation: Double
    let meanShift: Double
    let spread: Double
    let noise: Double

    var testDescription: String { name }

    var referenceSamples: [Double] { Self.draw(reference) }
    var currentSamples: [Double] { Self.draw(current) }

    /// Seed, count, mean, standard deviation.
    private static func draw(_ recipe: [Double]) -> [Double] {
      var generator = LinearCongruence(seed: Int(recipe[0]))
      return (0..<Int(recipe[1])).map { _ in generator.normal(recipe[2], recipe[3]) }
    }
  }

  struct Change: Decodable, Sendable, CustomTestStringConvertible {
    let seed: Int
    let kind: String
    let count: Int?
    let shift: Double?
    let deviation: Double?
    let adwin: [Int]
    let pageHinkley: [Int]

    var testDescription: String { "\(kind), seed \(seed)" }

    var stream: [Double] {
      var generator = LinearCongruence(seed: seed)
      guard let count, let shift, let deviation else {
        return (0..<2000).map { generator.uniform() < ($0 < 1000 ? 0.2 : 0.5) ? 1 : 0 }
      }
      return (0..<count).map { generator.normal($0 < count / 2 ? 0 : shift, deviation) }
    }
  }

  let pairs: [Pair]
  let changes: [Change]

  static let all: Golden = {
    do {
      let file = Bundle.module.url(
        forResource: "drift-golden", withExtension: "json", subdirectory: "Fixtures")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(
        Golden.self, from: Data(contentsOf: #require(file)))
    } catch {
      preconditionFailure("the golden values cannot be read: \(error)")
    }
  }()
}
