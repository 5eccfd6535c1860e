import Foundation

/// What numpy and scipy say (`scripts/oracle/signal_vectors.py`).
struct Vectors: Decodable {
  struct Transform: Decodable {
    let samples: [Float]
    let real: [Double]
    let imaginary: [Double]
  }

  struct Statistics: Decodable {
    let samples: [Float]
    let expected: [Double]
  }

  struct Detrends: Decodable {
    let samples: [Float]
    let mean: [Double]
    let linear: [Double]
  }

  struct Filters: Decodable {
    struct Biquads: Decodable {
      let order: Int
      let cutoffHz: Double
      let kind: String
      let rateHz: Double
      let sections: [[Double]]
      let samples: [Float]
      let expected: [Double]
    }

    struct Average: Decodable {
      let length: Int
      let samples: [Float]
      let expected: [Double]
    }

    let biquads: [Biquads]
    let averages: [Average]
  }

  struct Spectra: Decodable {
    let rateHz: Double
    let frame: Int
    let step: Int
    let transform: Int
    let samples: [Float]
    let bandEdgesHz: [Double]
    let bandEnergies: [Double]
    let melEdgesHz: [Double]
    let floor: Float
    let logMel: [Double]
  }

  let transforms: [Transform]
  let statistics: [Statistics]
  let detrends: [Detrends]
  let filters: Filters
  let windows: [String: [Double]]
  let spectra: Spectra

  static let all: Vectors = {
    let url = Bundle.module.url(forResource: "Fixtures/signal", withExtension: "json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let url, let data = try? Data(contentsOf: url),
      let vectors = try? decoder.decode(Vectors.self, from: data)
    else { fatalError("the vectors cannot be read") }
    return vectors
  }()
}
