import ModelFormat
import Testing

@testable import Conversion
@testable import Signal

/// Features of a one-channel window, as a contract asks for them.
private func features(
  _ samples: [Float], rateHertz: Double, _ preprocessing: PreprocessingFile
) throws -> [Float] {
  let contract = ContractFile(
    rateHertz: rateHertz, window: samples.count, hop: samples.count,
    channels: [.init(name: "x", unit: "V", mean: 0, standardDeviation: 1)],
    preprocessing: preprocessing)
  let section = try #require(try contract.preprocessingSection())
  return try extract(samples, section, channelCount: 1)
}

private func extract(
  _ samples: [Float], _ section: [UInt8], channelCount: Int
) throws -> [Float] {
  let length = samples.count / channelCount
  let plan = try Preprocessing(
    unsafe section.span.bytes, windowLength: length, channelCount: channelCount)
  var memory = [UInt8](repeating: 0xA5, count: FeatureExtractor.byteCount(for: plan))
  var span = memory.mutableSpan
  var extractor = FeatureExtractor(plan, memory: unsafe span.mutableBytes)
  var result = [Float](repeating: .nan, count: extractor.featureCount)
  extractor.extract { first, channel, chunk in
    for index in 0..<min(chunk.count, length - first) {
      chunk[index] = samples[(first + index) * channelCount + channel]
    }
  } _: { places, values in
    places.forEach { result[$0] = values[$1] }
  }
  return result
}

@Suite("Features of a window")
struct FeatureTests {
  @Test("Band energies of frames agree with numpy's")
  func bands() throws {
    let vector = Vectors.all.spectra
    let found = try features(
      vector.samples, rateHertz: vector.rateHz,
      PreprocessingFile(features: [
        .init(
          type: "bands", frame: vector.frame, step: vector.step, edgesHertz: vector.bandEdgesHz)
      ]))
    #expect(found.count == vector.bandEnergies.count)
    let largest = vector.bandEnergies.max() ?? 1
    for (found, expected) in zip(found, vector.bandEnergies) {
      #expect(abs(Double(found) - expected) <= 2e-6 * expected + 1e-9 * largest)
    }
  }

  @Test("Log-mel spectra agree with numpy's")
  func logMel() throws {
    let vector = Vectors.all.spectra
    let found = try features(
      vector.samples, rateHertz: vector.rateHz,
      PreprocessingFile(features: [
        .init(
          type: "log-mel", frame: vector.frame, step: vector.step, count: 20, fromHertz: 125,
          toHertz: 7500, floor: Double(vector.floor))
      ]))
    #expect(found.count == vector.logMel.count)
    for (found, expected) in zip(found, vector.logMel) {
      #expect(abs(Double(found) - expected) <= 2e-5)
    }
  }

  @Test("Butterworth filters of a contract agree with scipy's design")
  func butterworth() throws {
    for vector in Vectors.all.filters.biquads {
      let found = try features(
        vector.samples, rateHertz: vector.rateHz,
        PreprocessingFile(
          filters: [
            .init(
              type: vector.kind == "lowpass" ? "low-pass" : "high-pass",
              cutoffHertz: vector.cutoffHz, order: vector.order)
          ], features: [.init(type: "samples")]))
      for (found, expected) in zip(found, vector.expected) {
        #expect(
          abs(Double(found) - expected) <= 4e-6 * max(1, abs(expected)), "order \(vector.order)")
      }
    }
  }

  @Test("Channels are kept apart; samples go time first, other features channel first")
  func order() throws {
    let samples: [Float] = [1, 10, 2, 20, 3, 30, 4, 40]
    let channels = ["x", "y"].map {
      ContractFile.Channel(name: $0, unit: "V", mean: 1, standardDeviation: 2)
    }
    var contract = ContractFile(
      rateHertz: 10, window: 4, hop: 4, channels: channels,
      preprocessing: PreprocessingFile(decimate: 2, features: [.init(type: "samples")]))
    let timeFirst = try #require(try contract.preprocessingSection())
    // Samples are normalized as the channels say.
    let stored = try extract(samples, timeFirst, channelCount: 2)
    #expect(stored == [0, 4.5, 1, 14.5])
    contract.preprocessing = PreprocessingFile(
      features: [.init(type: "statistics", of: ["minimum", "maximum"]), .init(type: "samples")],
      normalization: .init(
        mean: [[0, 0, 0, 0, 0, 0], [0, 10, 0, 0, 0, 0]],
        standardDeviation: [[1, 1, 1, 1, 1, 1], [1, 2, 1, 1, 1, 1]]))
    let channelFirst = try #require(try contract.preprocessingSection())
    let described = try extract(samples, channelFirst, channelCount: 2)
    #expect(described == [1, 4, 1, 2, 3, 4, 10, 15, 10, 20, 30, 40])
  }

  @Test("A window of one value has finite features of every kind")
  func constant() throws {
    let found = try features(
      Array(repeating: 3.5, count: 100), rateHertz: 100,
      PreprocessingFile(
        filters: [.init(type: "moving-average", length: 4)], detrend: "linear",
        features: [
          .init(type: "statistics"), .init(type: "spectrum"),
          .init(type: "spectrum", scale: "logarithm"),
          .init(type: "log-mel", count: 8),
        ]))
    #expect(found.filter { !$0.isFinite }.isEmpty)
    #expect(found.count == 8 + 65 + 65 + 8)
  }
}
