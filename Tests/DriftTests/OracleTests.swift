import Drift
import Testing

@Suite("Drift statistics agree with numpy, scipy and river")
struct OracleTests {
  @Test("distances of histograms, to eleven digits", arguments: Golden.all.pairs)
  func distances(_ pair: Golden.Pair) {
    var distance = HistogramDistance(epsilon: 1e-4)
    let (r, c) = (pair.referenceCounts.reduce(0, +), pair.currentCounts.reduce(0, +))
    for bin in pair.referenceCounts.indices {
      distance.add(
        reference: Double(pair.referenceCounts[bin]) / Double(r),
        current: Double(pair.currentCounts[bin]) / Double(c),
        width: (pair.edges[bin + 1] - pair.edges[bin]) / pair.referenceDeviation)
    }
    expectClose(distance.populationStability, pair.psi, 1e-11)
    expectClose(distance.jensenShannon, pair.js, 1e-11)
    expectClose(distance.kolmogorovSmirnov, pair.ks, 1e-11)
    // The oracle's area is a sum of 20,000 trapezoids a bin.
    expectClose(distance.wasserstein, pair.wasserstein, 1e-7)
    // Ten bins never overstate the distance of the samples, and lose a bin's share at most.
    #expect(distance.kolmogorovSmirnov <= pair.ksOfSamples + 1e-12)
    #expect(distance.kolmogorovSmirnov >= pair.ksOfSamples - 0.1)
  }

  @Test("moments, to twelve digits", arguments: Golden.all.pairs)
  func moments(_ pair: Golden.Pair) {
    let (reference, current) = (pair.referenceSamples, pair.currentSamples)
    let of = { (samples: [Double]) -> WindowMoments in
      var (sum, squares, steps) = (0.0, 0.0, 0.0)
      for (index, sample) in samples.enumerated() {
        let deviation = sample - pair.referenceMean
        sum += deviation
        squares += deviation * deviation
        if index > 0 { steps += (sample - samples[index - 1]) * (sample - samples[index - 1]) }
      }
      return WindowMoments(
        count: Double(samples.count), sum: sum, squareSum: squares,
        stepCount: Double(samples.count - 1), stepSquareSum: steps, origin: pair.referenceMean)
    }
    let (before, now) = (of(reference), of(current))
    expectClose(before.mean, pair.referenceMean, 1e-12)
    expectClose(before.variance.squareRoot(), pair.referenceDeviation, 1e-12)
    let statistics = ChannelStatistics(
      now, mean: before.mean, variance: before.variance,
      differenceVariance: before.differenceVariance, HistogramDistance(epsilon: 1e-4))
    expectClose(statistics[.meanShift], pair.meanShift, 1e-12)
    expectClose(statistics[.spread], pair.spread, 1e-12)
    expectClose(statistics[.noise], pair.noise, 1e-12)
  }

  @Test("Page–Hinkley fires at the same observations", arguments: Golden.all.changes)
  func pageHinkley(_ change: Golden.Change) {
    var detector = PageHinkley()
    let found = change.stream.enumerated().filter { detector.update($0.element) }.map(\.offset)
    #expect(found == change.pageHinkley)
  }

  @Test("ADWIN fires at the same observations", arguments: Golden.all.changes)
  func adaptiveWindow(_ change: Golden.Change) {
    var detector = AdaptiveWindow()
    let found = change.stream.enumerated().filter { detector.update($0.element) }.map(\.offset)
    #expect(found == change.adwin)
  }

  @Test("ADWIN keeps a constant stream whole")
  func constantStream() {
    var detector = AdaptiveWindow()
    for _ in 0..<5000 {
      let fired = detector.update(1)
      #expect(!fired)
    }
    #expect(detector.observationCount == 5000)
    #expect(detector.mean == 1)
  }

  private func expectClose(
    _ value: Double, _ expected: Double, _ tolerance: Double,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      abs(value - expected) <= tolerance * max(1, abs(expected)), "\(value) and \(expected)",
      sourceLocation: sourceLocation)
  }
}
